import type { Fact, FactOf, History } from '../history.ts';
import { bounds } from './bounds.ts';
import { type Conditions, toConditions } from './conditions.ts';
import { createChecker, type Judge } from './judge.ts';
import { settledOf, usersOf } from './stories.ts';

/** Someone who is shown as typing to one subscription. */
interface Shown {
  readonly client: string;
  readonly subscription: string;
  readonly conversationId: string;
  readonly author: FactOf<'typing-received'>['author'];
  sinceMs: number;
}

/** When a user last said in a conversation to be typing, by its end of the line. */
const toSignals = (history: History) => {
  const users = usersOf(history);
  const signals = new Map<string, number[]>();
  for (const fact of history.facts) {
    if (fact.kind !== 'typing-called' || !fact.isTyping) continue;
    const key = `${fact.conversationId} ${users.get(fact.client)}`;
    signals.set(key, [...(signals.get(key) ?? []), fact.atMs]);
  }
  return (conversationId: string, userId: string, untilMs: number): number =>
    (signals.get(`${conversationId} ${userId}`) ?? []).findLast((atMs) => atMs <= untilMs) ?? 0;
};

type Signals = ReturnType<typeof toSignals>;

interface Scene {
  readonly judge: Judge;
  readonly conditions: Conditions;
  readonly lastSignal: Signals;
}

/** Typing of a learner that was shown up to this moment: too long after the last signal? */
const judgeLength = ({ judge, conditions, lastSignal }: Scene, shown: Shown, untilMs: number): void => {
  const { author, client, subscription, conversationId, sinceMs } = shown;
  // The tutor types as long as it makes answers; that this ends is seen when all has settled.
  if (author.kind === 'TUTOR') return;
  const fromMs = Math.max(sinceMs, lastSignal(conversationId, author.id, untilMs));
  // A signal may itself have been held up on its way.
  const traits = ['node', 'network', 'redis', 'store'] as const;
  const disturbedMs = conditions.disturbedMs({ client: null, traits }, fromMs, untilMs);
  const deadline = fromMs + bounds.typingMs + 2 * bounds.slackMs + disturbedMs + conditions.lagMs(untilMs);
  if (untilMs <= deadline) return;
  const what = `${subscription}: ${author.id} types ${Math.round(untilMs - fromMs)} ms after the last signal`;
  judge.complain(what, { client, subscription, conversationId, userId: author.id, atMs: untilMs });
};

const judgeSettled = (scene: Scene, shown: Shown, atMs: number): void => {
  const { author, client, subscription, conversationId } = shown;
  const lastMs = Math.max(shown.sinceMs, scene.lastSignal(conversationId, author.id, atMs));
  if (atMs - lastMs <= bounds.typingMs + 2 * bounds.slackMs) return;
  const what = `${subscription}: ${author.kind} ${author.id} still types at the end`;
  scene.judge.complain(what, { client, subscription, conversationId, userId: author.id, atMs });
};

const follow = (scene: Scene, shown: Map<string, Shown>, fact: FactOf<'typing-received'>): void => {
  const { client, subscription, conversationId, author, isTyping, atMs } = fact;
  const key = `${subscription} ${author.kind} ${author.id}`;
  const known = shown.get(key);
  scene.judge.count();
  if (isTyping) {
    if (known) known.sinceMs = atMs;
    else shown.set(key, { client, subscription, conversationId, author, sinceMs: atMs });
  } else if (known) {
    judgeLength(scene, known, atMs);
    shown.delete(key);
  }
};

/** Ends what a client was shown without a word: with its socket, and with the subscription. */
const forget = (shown: Map<string, Shown>, fact: Fact): void => {
  const isOver =
    fact.kind === 'closed' ||
    fact.kind === 'connected' ||
    fact.kind === 'client-retired' ||
    fact.kind === 'subscription-ended';
  if (!isOver) return;
  for (const [key, { client, subscription }] of shown) {
    const isOfIt =
      fact.kind === 'subscription-ended' ? subscription === fact.subscription : client === fact.client;
    if (isOfIt) shown.delete(key);
  }
};

/**
 * Typing always ends (T1, T3): of a user at most 6 s after their last signal, of the tutor with its answers. Who connects
 * again is told who types then, and of the others nothing.
 */
export const checkTyping = createChecker('typing', (judge, history) => {
  const scene = { judge, conditions: toConditions(history), lastSignal: toSignals(history) };
  const settled = settledOf(history);
  const shown = new Map<string, Shown>();
  for (const fact of history.facts) {
    if (fact.kind === 'typing-received') follow(scene, shown, fact);
    else if (fact === settled) {
      for (const typist of shown.values()) judgeSettled(scene, typist, fact.atMs);
    } else forget(shown, fact);
  }
});
