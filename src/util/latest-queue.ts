import type { PullSource } from './pull-source.ts';

/**
 * A queue between a source that pushes and a reader that pulls, where of each key only the latest value waits: bounded by
 * the number of keys, however slow the reader. Values keep the order in which their keys began to wait.
 */
export interface LatestQueue<T> {
  push(value: T): void;
  /** What waits is dropped, and the reader is told that it is over. */
  end(): void;
  /** `return()` settles at once, also while idle. */
  readonly iterator: PullSource<T>;
}

export interface LatestQueueOptions<T> {
  readonly keyOf: (value: T) => string;
  /** The reader left. */
  readonly onReturn: () => void;
}

export const createLatestQueue = <T>({ keyOf, onReturn }: LatestQueueOptions<T>): LatestQueue<T> => {
  const waiting = new Map<string, T>();
  const pulls: ((result: IteratorResult<T>) => void)[] = [];
  let follower: (() => void) | null = null;
  let ended = false;

  const done: IteratorResult<T> = { value: undefined, done: true };

  const end = (): void => {
    if (ended) return;
    ended = true;
    waiting.clear();
    for (const pull of pulls.splice(0)) pull(done);
    follower?.();
  };

  const take = (): T | null => {
    const first = waiting.entries().next();
    if (first.done) return null;
    const [key, value] = first.value;
    waiting.delete(key);
    return value;
  };

  return {
    push(value) {
      if (ended) return;
      const pull = pulls.shift();
      if (pull) {
        pull({ value, done: false });
        return;
      }
      waiting.set(keyOf(value), value);
      follower?.();
    },
    end,
    iterator: {
      follow(onReadable) {
        follower = onReadable;
        if (waiting.size > 0 || ended) onReadable();
      },
      take,
      get isEnded() {
        return ended;
      },
      next() {
        if (ended) return Promise.resolve(done);
        const value = take();
        if (value === null) return new Promise((resolve) => pulls.push(resolve));
        return Promise.resolve({ value, done: false });
      },
      return() {
        end();
        onReturn();
        return Promise.resolve(done);
      },
      [Symbol.asyncIterator]() {
        return this;
      },
    },
  };
};
