import type { TypingSignal } from '../domain/events.ts';

/** What one author types on one connection is one entry. */
export const typistKey = (signal: Pick<TypingSignal, 'author' | 'connectionId'>): string =>
  `${signal.author.id} ${signal.connectionId}`;

/** One entry for each author and connection, that with the latest expiry; oldest expiry first. */
export const latestOfEach = (signals: readonly TypingSignal[]): TypingSignal[] => {
  const sorted = signals.toSorted((a, b) => Date.parse(a.expiresAt) - Date.parse(b.expiresAt));
  const latest = new Map<string, TypingSignal>();
  for (const signal of sorted) {
    latest.delete(typistKey(signal));
    latest.set(typistKey(signal), signal);
  }
  return [...latest.values()];
};
