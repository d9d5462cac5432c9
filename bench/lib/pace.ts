import { sleep } from '../../src/util/sleep.ts';
import { now } from './clock.ts';

/**
 * Offers work at a fixed rate, whether or not what was offered before is done: a server that falls behind is not asked less.
 *
 * @returns when all that was offered has settled.
 */
export const offer = async (
  { count, intervalMs, signal }: { count: number; intervalMs: number; signal?: AbortSignal },
  work: (at: number) => Promise<void>,
): Promise<void> => {
  const begin = now();
  const works: Promise<void>[] = [];
  for (let at = 0; at < count && !signal?.aborted; at++) {
    await sleep(Math.max(0, begin + at * intervalMs - now()), signal);
    if (signal?.aborted) break;
    works.push(work(at));
  }
  await Promise.all(works);
};

/** Does a thing for each value, so many at a time. */
export const eachOf = async <T>(
  values: readonly T[],
  atOnce: number,
  work: (value: T) => Promise<void>,
): Promise<void> => {
  const waiting = [...values];
  const worker = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) await work(next);
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
};
