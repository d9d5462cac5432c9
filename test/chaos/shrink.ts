import type { About, Checker, Fact, FinalStore, History, Violation } from './history.ts';
import { printFact } from './print-fact.ts';

/**
 * From a violation to the shortest list of facts with which the same checker still says the same words. The words name ids,
 * positions and times, so that what is left out cannot make another violation pass for this one.
 */
export interface ShrinkOptions {
  readonly checker: Checker;
  readonly history: History;
  readonly store: FinalStore;
  readonly violation: Violation;
  /** Each run of the checker costs time. @default 400 */
  readonly maxRuns?: number;
  /** @default 10_000 */
  readonly maxMs?: number;
}

/** Facts that judge others without being about anyone. */
const isFrame = ({ kind }: Fact): boolean => kind === 'settled' || kind === 'client-made';

const isAbout = (fact: Fact, about: About): boolean => {
  const text = JSON.stringify(fact);
  const names = [about.messageId, about.client, about.subscription, about.userId, about.conversationId];
  return names.some((name) => name !== undefined && text.includes(JSON.stringify(name)));
};

interface Trial {
  shows(facts: readonly Fact[]): boolean;
  /** The runs, or the time for them, are used up. */
  isOver(): boolean;
}

/** By halves, quarters and so on: what can be left out is. The result is minimal when the runs were enough. */
const leaveOut = (facts: readonly Fact[], { shows, isOver }: Trial): readonly Fact[] => {
  let kept = facts;
  let size = Math.ceil(kept.length / 2);
  while (size >= 1 && kept.length > 1) {
    let begin = 0;
    let isShorter = false;
    while (begin < kept.length && !isOver()) {
      const rest = [...kept.slice(0, begin), ...kept.slice(begin + size)];
      if (rest.length > 0 && shows(rest)) {
        kept = rest;
        isShorter = true;
      } else begin += size;
    }
    if (isOver() || (size === 1 && !isShorter)) break;
    size = size === 1 ? 1 : Math.ceil(size / 2);
  }
  return kept;
};

/** The part of the log that these facts are about: a checker reads all it is given, and it runs often. */
const storeOf = (store: FinalStore, facts: readonly Fact[], { topic, messageId }: About): FinalStore => {
  const topics = new Set<string | undefined>([topic]);
  const conversationId = store.messages.find(({ id }) => id === messageId)?.conversationId;
  if (conversationId !== undefined) topics.add(`conversation:${conversationId}`);
  for (const fact of facts) if (fact.kind === 'received') topics.add(fact.frame.topic);
  return { ...store, placements: store.placements.filter((placement) => topics.has(placement.topic)) };
};

export const shrink = (options: ShrinkOptions): Fact[] => {
  const { checker, history, store, violation, maxRuns = 400, maxMs = 10_000 } = options;
  const begin = performance.now();
  let runs = 0;
  let read = store;
  const isOver = (): boolean => runs >= maxRuns || performance.now() - begin > maxMs;
  const shows = (facts: readonly Fact[]): boolean => {
    if (isOver()) return false;
    runs += 1;
    const { violations } = checker({ ...history, facts }, read);
    return violations.some(({ what }) => what === violation.what);
  };
  // What is about it is nearly always enough, and far less than all.
  const near = history.facts.filter((fact) => isFrame(fact) || isAbout(fact, violation.about));
  const facts = shows(near) ? near : history.facts;
  read = storeOf(store, facts, violation.about);
  if (!shows(facts)) read = store;
  return [...leaveOut(facts, { shows, isOver })];
};

/** The faults in effect while these facts happened: they show nothing by themselves, but say where to look. */
const faultsAround = (history: History, facts: readonly Fact[]): Fact[] => {
  const times = facts.filter((fact) => !isFrame(fact)).map(({ atMs }) => atMs);
  const first = times.reduce((one, other) => Math.min(one, other), Number.POSITIVE_INFINITY);
  const last = times.reduce((one, other) => Math.max(one, other), 0);
  const ended = new Map<number, number>();
  for (const fact of history.facts) if (fact.kind === 'fault-end') ended.set(fact.faultId, fact.atMs);
  return history.facts.filter(
    (fact) =>
      fact.kind === 'fault-begin' &&
      fact.atMs <= last &&
      (ended.get(fact.faultId) ?? Number.POSITIVE_INFINITY) >= first,
  );
};

const byTime = (one: Fact, other: Fact): number => one.atMs - other.atMs;

/** For people: what was violated, the facts that show it, and the faults around them. */
export const printViolation = (options: ShrinkOptions): string => {
  const { history, violation } = options;
  const facts = shrink(options);
  const context = faultsAround(history, facts).slice(-10);
  const lines = [...new Set([...context, ...facts])].sort(byTime).map((fact) => `  ${printFact(fact)}`);
  return [`${violation.what} (seed ${history.seed})`, ...lines].join('\n');
};
