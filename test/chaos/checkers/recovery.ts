import { endStates } from '../../support/answer-ends.ts';
import type { FactOf, FaultKind, History } from '../history.ts';
import { percentile } from '../percentile.ts';
import { bounds } from './bounds.ts';
import { type Conditions, type FaultWindow, toConditions } from './conditions.ts';
import { createChecker } from './judge.ts';
import { blockedAtEnd, isOpenAt, type Story, settledOf, toStories } from './stories.ts';

/** How long someone who lost a socket, or an answer its producer, waited until it went on. */
export interface Recovery {
  /** Null: a close that no fault explains, such as the end of a token; counted from the close itself. */
  readonly fault: FaultWindow | null;
  readonly who: { readonly subscription: string } | { readonly messageId: string };
  readonly waiter: Waiter;
  /** Of a stock client from its first try on: how long it waits before a try is its own policy. */
  readonly ms: number;
  /** With the waits of a stock client. */
  readonly wholeMs: number;
  /** The store was away in that time: nothing can come back without it. */
  readonly isWithoutStore: boolean;
}

export type Waiter = 'edagent-client' | 'stock client' | 'answer';

/** They close nobody else's socket. */
const harmless: ReadonlySet<FaultKind> = new Set([
  'reload',
  'stalled-reader',
  'connection-flood',
  'subscribe-churn',
]);

/** A socket that died in silence is noticed by the client's own ping: a close so long after a fault may still be of it. */
const silent: ReadonlySet<FaultKind> = new Set(['network-half-open', 'network-slow', 'node-freeze']);
const closeAfterMs = (fault: FaultKind): number => (silent.has(fault) ? 15_000 : 2_000);

/** Closes that have a reason of their own: the token ended, an admin cut or blocked the user. */
const isOwnReason = (code: number): boolean => code === 4401 || code === 4403 || code === 4292;

const toReference = ({ traits, beginMs, endMs }: FaultWindow): number =>
  traits.countsFromBegin ? beginMs : endMs;

/** The last fault that can have closed the socket. */
const causeOf = (
  conditions: Conditions,
  { client, atMs, code }: FactOf<'closed'>,
): FaultWindow | undefined => {
  const nodes = conditions.nodesOf(client, atMs, atMs);
  return conditions
    .faults()
    .findLast(
      ({ begin, beginMs, endMs }) =>
        !harmless.has(begin.fault) &&
        (begin.fault === 'token-expiry' || !isOwnReason(code)) &&
        beginMs <= atMs &&
        atMs <= endMs + closeAfterMs(begin.fault) &&
        (begin.node === undefined || nodes.has(begin.node)),
    );
};

/** What still held up the return: a fault of a node that the client came from or came back to, for as long as it lasted. */
const heldUntil = (conditions: Conditions, client: string, closedMs: number, backMs: number): number => {
  const nodes = conditions.nodesOf(client, closedMs, backMs);
  return conditions
    .faults()
    .filter(({ traits }) => traits.node || traits.network)
    .filter(({ beginMs, endMs }) => beginMs <= backMs && endMs <= backMs && endMs >= closedMs)
    .filter(({ begin }) => begin.node === undefined || nodes.has(begin.node))
    .filter(({ traits }) => !traits.countsFromBegin)
    .reduce((latest, { endMs }) => Math.max(latest, endMs), 0);
};

const isWithoutStore = (
  conditions: Conditions,
  client: string | null,
  { fromMs, toMs }: { fromMs: number; toMs: number },
): boolean => conditions.disturbedMs({ client, traits: ['store'] }, fromMs, toMs) > 0;

type Attempt = FactOf<'connecting'> | FactOf<'closed'>;

/** The first try that was under way at this moment or began after it. */
const firstTryMs = (attempts: readonly Attempt[], fromMs: number): number => {
  const isTrying = attempts.findLast(({ atMs }) => atMs < fromMs)?.kind === 'connecting';
  if (isTrying) return fromMs;
  return attempts.find(({ kind, atMs }) => kind === 'connecting' && atMs >= fromMs)?.atMs ?? fromMs;
};

const toReturn = (
  conditions: Conditions,
  { client, subscription, resumption }: Story,
  { attempts, atMs }: { attempts: readonly [FactOf<'closed'>, ...Attempt[]]; atMs: number },
): Recovery => {
  const [closed] = attempts;
  const fault = causeOf(conditions, closed) ?? null;
  const held = heldUntil(conditions, client, closed.atMs, atMs);
  const fromMs = Math.max(fault ? Math.min(toReference(fault), atMs) : closed.atMs, held);
  const isStock = resumption !== 'helper';
  return {
    fault,
    who: { subscription },
    waiter: isStock ? 'stock client' : 'edagent-client',
    ms: atMs - (isStock ? firstTryMs(attempts, fromMs) : fromMs),
    wholeMs: atMs - fromMs,
    isWithoutStore: isWithoutStore(conditions, client, { fromMs: closed.atMs, toMs: atMs }),
  };
};

const ofStory = (conditions: Conditions, story: Story): Recovery[] => {
  const recoveries: Recovery[] = [];
  let attempts: [FactOf<'closed'>, ...Attempt[]] | null = null;
  for (const fact of story.facts) {
    if (fact.kind === 'subscription-ended' || fact.kind === 'client-retired') return recoveries;
    if (fact.kind === 'closed' && !attempts) attempts = [fact];
    else if (fact.kind === 'closed' || fact.kind === 'connecting') attempts?.push(fact);
    if (fact.kind !== 'received' || !attempts) continue;
    recoveries.push(toReturn(conditions, story, { attempts, atMs: fact.atMs }));
    attempts = null;
  }
  return recoveries;
};

/** When a subscription had had its `Ready` and still had its socket. */
const watchesOf = ({ facts }: Story): [fromMs: number, toMs: number][] => {
  const watches: [number, number][] = [];
  let sinceMs: number | null = null;
  const end = (atMs: number): void => {
    if (sinceMs !== null) watches.push([sinceMs, atMs]);
    sinceMs = null;
  };
  for (const fact of facts) {
    if (fact.kind === 'received' && fact.frame.__typename === 'Ready') sinceMs ??= fact.atMs;
    else if (fact.kind !== 'received' && fact.kind !== 'connecting' && fact.kind !== 'connected')
      end(fact.atMs);
  }
  end(Number.POSITIVE_INFINITY);
  return watches;
};

/** For how long each of these watched in this time over a line that carried, and a node that ran; the longest. */
const longestWatchMs = (conditions: Conditions, viewers: readonly Story[], fromMs: number, toMs: number) =>
  viewers.reduce((longest, viewer) => {
    const watched = watchesOf(viewer).reduce((sum, [since, until]) => {
      const begin = Math.max(since, fromMs);
      const end = Math.min(until, toMs);
      if (end <= begin) return sum;
      const of = { client: viewer.client, traits: ['node', 'network'] } as const;
      return sum + end - begin - conditions.disturbedMs(of, begin, end);
    }, 0);
    return Math.max(longest, watched);
  }, 0);

/** Answers whose node was killed: how long someone watched in vain until there was a higher attempt or the end. */
const ofAnswers = (history: History, conditions: Conditions): Recovery[] => {
  const recoveries: Recovery[] = [];
  const waiting = new Map<string, FaultWindow>();
  const attempts = new Map<string, number>();
  const closed = new Set<string>();
  const windows = new Map(conditions.faults().map((window) => [window.begin, window]));
  const stories = toStories(history);
  for (const fact of history.facts) {
    if (fact.kind === 'fault-begin' && fact.fault === 'node-kill') {
      const window = windows.get(fact);
      for (const messageId of fact.answers ?? []) {
        // The model may still speak to a node that has just ended the answer.
        if (window && !closed.has(messageId)) waiting.set(messageId, window);
      }
    }
    if (fact.kind !== 'received' || fact.frame.messageId === undefined) continue;
    const { messageId, conversationId, __typename, attempt = 0 } = fact.frame;
    const before = attempts.get(messageId) ?? 0;
    const isEnd = __typename in endStates;
    if (isEnd) closed.add(messageId);
    if (__typename === 'AnswerDelta') attempts.set(messageId, Math.max(before, attempt));
    const fault = waiting.get(messageId);
    const isBack = isEnd || (__typename === 'AnswerDelta' && attempt > Math.max(before, 1));
    if (!fault || !isBack) continue;
    waiting.delete(messageId);
    const viewers = stories.filter((story) => story.conversationId === conversationId);
    recoveries.push({
      fault,
      who: { messageId },
      waiter: 'answer',
      ms: longestWatchMs(conditions, viewers, fault.beginMs, fact.atMs),
      wholeMs: fact.atMs - fault.beginMs,
      isWithoutStore: isWithoutStore(conditions, null, { fromMs: fault.beginMs, toMs: fact.atMs }),
    });
  }
  return recoveries;
};

export const toRecoveries = (history: History): Recovery[] => {
  const conditions = toConditions(history);
  const ofSubscriptions = toStories(history).flatMap((story) => ofStory(conditions, story));
  return [...ofSubscriptions, ...ofAnswers(history, conditions)];
};

/** Every time without a socket, from its close to the first frame after it, whatever held it up. */
export const toAbsencesMs = (history: History): number[] => {
  const absences: number[] = [];
  for (const { facts } of toStories(history)) {
    let closedMs: number | null = null;
    for (const { kind, atMs } of facts) {
      if (kind === 'closed') closedMs ??= atMs;
      if (kind === 'received' && closedMs !== null) absences.push(atMs - closedMs);
      if (kind === 'received') closedMs = null;
    }
  }
  return absences;
};

/** What was struck is back soon: 99 of 100 within the bound, outside the store's outages. */
export const checkRecovery = createChecker('recovery', (judge, history) => {
  const judged = toRecoveries(history).filter((recovery) => !recovery.isWithoutStore);
  judge.count(judged.length);
  const p99 = percentile(
    judged.map(({ ms }) => ms),
    99,
  );
  if (p99 <= (history.recoveryP99Ms ?? bounds.recoveryP99Ms)) return;
  const slowest = judged.reduce((one, other) => (other.ms > one.ms ? other : one));
  const { fault, who, ms } = slowest;
  const after = fault ? `fault ${fault.begin.faultId}` : 'its close';
  const what = `p99 is ${Math.round(p99)} ms; the slowest was back ${Math.round(ms)} ms after ${after}`;
  judge.complain(what, { ...who, ...(fault && { atMs: fault.beginMs }) });
});

/** Every client has `Ready` soon after the last fault. */
export const checkReturn = createChecker('return', (judge, history) => {
  const settled = settledOf(history);
  if (!settled) {
    judge.complain('the run never settled', {});
    return;
  }
  const blocked = blockedAtEnd(history);
  const windows = toConditions(history).faults();
  const lastFaultMs = windows.reduce((last, { endMs }) => Math.max(last, endMs), 0);
  for (const story of toStories(history)) {
    if (!isOpenAt(story, settled) || blocked.has(story.userId)) continue;
    judge.count();
    let isReady = false;
    /** From the last fault on; later closes have reasons of their own, such as the end of a token. */
    let readyMs: number | null = null;
    for (const fact of story.facts) {
      if (fact === settled) break;
      if (isReady && fact.atMs >= lastFaultMs) readyMs ??= lastFaultMs;
      if (fact.kind === 'connected' || fact.kind === 'closed') isReady = false;
      else if (fact.kind === 'received' && fact.frame.__typename === 'Ready') isReady = true;
      if (isReady && fact.atMs >= lastFaultMs) readyMs ??= fact.atMs;
    }
    const { client, subscription } = story;
    const about = { client, subscription, atMs: settled.atMs };
    if (!isReady) judge.complain(`${subscription} is not ready at the end`, about);
    else if (readyMs !== null && readyMs > lastFaultMs + bounds.returnMs) {
      const late = Math.round(readyMs - lastFaultMs);
      judge.complain(`${subscription} became ready ${late} ms after the last fault`, about);
    }
  }
});
