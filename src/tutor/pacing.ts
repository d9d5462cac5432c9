import { setTimeout as sleepFor } from 'node:timers/promises';

/** Waits; throws when the signal aborts. */
export type Sleep = (ms: number, signal: AbortSignal) => Promise<void>;

const sleepAbortably: Sleep = async (ms, signal) => {
  await sleepFor(ms, undefined, { signal });
};

export interface PaceOptions {
  /** 0 or Infinity: no delay. */
  readonly tokensPerSecond: number;
  readonly signal: AbortSignal;
  readonly sleep?: Sleep | undefined;
}

/**
 * Yields the tokens at a steady pace, the first after one interval. Each is due at its own time since the beginning, so
 * that neither coarse timers nor a slow consumer add up.
 */
export async function* pace(
  tokens: Iterable<string>,
  { tokensPerSecond, signal, sleep = sleepAbortably }: PaceOptions,
): AsyncGenerator<string, undefined> {
  const intervalMs = tokensPerSecond > 0 ? 1_000 / tokensPerSecond : 0;
  const startedAt = performance.now();
  let dueMs = 0;
  for (const token of tokens) {
    dueMs += intervalMs;
    const waitMs = startedAt + dueMs - performance.now();
    if (intervalMs > 0 && waitMs > 0) await sleep(waitMs, signal);
    signal.throwIfAborted();
    yield token;
  }
}
