import type { Fact, FactOf, History } from '../history.ts';
import { rightsDeadline } from './bounds.ts';
import type { Conditions } from './conditions.ts';
import type { Judge } from './judge.ts';
import { usersOf } from './stories.ts';

type Arrival = FactOf<'received'> | FactOf<'typing-received'> | FactOf<'connected'> | FactOf<'closed'>;

const isArrival = (fact: Fact): fact is Arrival =>
  fact.kind === 'received' ||
  fact.kind === 'typing-received' ||
  fact.kind === 'connected' ||
  fact.kind === 'closed';

interface Cut {
  readonly client: string;
  readonly userId: string;
  readonly why: string;
  readonly fromMs: number;
  /** From here on the user may have it again. */
  readonly untilMs: number;
  /** Whether a connection made since is a new one that the cut is not about. */
  readonly endsWithConnection: boolean;
}

/** A connection that was made while a disconnect was on its way to the store may be none of those it was for. */
const surelyConnectedMs = 10_000;

const judgeCut = (judge: Judge, conditions: Conditions, cut: Cut, arrivals: readonly Arrival[]): void => {
  const { client, userId, why, fromMs } = cut;
  judge.count();
  for (const fact of arrivals) {
    if (fact.atMs <= fromMs) continue;
    if (fact.atMs >= cut.untilMs || (cut.endsWithConnection && fact.kind === 'connected')) return;
    if (fact.kind === 'closed') {
      if (cut.endsWithConnection) return;
      continue;
    }
    if (fact.atMs <= rightsDeadline(conditions, client, fromMs, fact.atMs)) continue;
    const what = fact.kind === 'connected' ? 'connected' : 'got bytes';
    const about = { client, userId, atMs: fact.atMs };
    judge.complain(`${client} ${what} ${Math.round(fact.atMs - fromMs)} ms after ${why}`, about);
    return;
  }
};

const isConnectedSince = (arrivals: readonly Arrival[], atMs: number): number | null => {
  let since: number | null = null;
  for (const fact of arrivals) {
    if (fact.atMs > atMs) break;
    if (fact.kind === 'connected') since = fact.atMs;
    if (fact.kind === 'closed') since = null;
  }
  return since;
};

/** Who is cut, or may not come back, gets nothing later than the bound. */
export const checkCuts = (judge: Judge, history: History, conditions: Conditions): void => {
  const users = usersOf(history);
  const arrivals = new Map<string, Arrival[]>();
  for (const fact of history.facts) {
    if (!isArrival(fact)) continue;
    const ofClient = arrivals.get(fact.client);
    if (ofClient) ofClient.push(fact);
    else arrivals.set(fact.client, [fact]);
  }
  const clientsOf = (userId: string): string[] =>
    [...users].filter(([, user]) => user === userId).map(([client]) => client);
  const judgeClient = (cut: Cut): void => judgeCut(judge, conditions, cut, arrivals.get(cut.client) ?? []);

  for (const [index, fact] of history.facts.entries()) {
    const fromMs = fact.atMs;
    const untilMs = Number.POSITIVE_INFINITY;
    if (fact.kind === 'token-expired') {
      const { client } = fact;
      const userId = users.get(client) ?? '';
      judgeClient({ client, userId, why: 'its token ended', fromMs, untilMs, endsWithConnection: true });
    } else if (fact.kind === 'disconnect-acknowledged') {
      for (const client of clientsOf(fact.userId)) {
        const since = isConnectedSince(arrivals.get(client) ?? [], fromMs);
        if (since === null || since > fromMs - surelyConnectedMs) continue;
        const { userId } = fact;
        judgeClient({ client, userId, why: 'the disconnect', fromMs, untilMs, endsWithConnection: true });
      }
    } else if (fact.kind === 'block-acknowledged') {
      const { userId } = fact;
      const undone = history.facts.find(
        (later, at) => at > index && later.kind === 'unblock-called' && later.userId === userId,
      );
      const until = undone?.atMs ?? untilMs;
      for (const client of clientsOf(userId)) {
        judgeClient({ client, userId, why: 'the block', fromMs, untilMs: until, endsWithConnection: false });
      }
    }
  }
};
