/**
 * A queue between a source that pushes and a reader that pulls, where of each key only the latest value waits: bounded by
 * the number of keys, however slow the reader. Values keep the order in which their keys began to wait.
 */
export interface LatestQueue<T> {
  push(value: T): void;
  /** What waits is dropped, and the reader is told that it is over. */
  end(): void;
  /** `return()` settles at once, also while idle. */
  readonly iterator: AsyncIterableIterator<T>;
}

export interface LatestQueueOptions<T> {
  readonly keyOf: (value: T) => string;
  /** The reader left. */
  readonly onReturn: () => void;
}

export const createLatestQueue = <T>({ keyOf, onReturn }: LatestQueueOptions<T>): LatestQueue<T> => {
  const waiting = new Map<string, T>();
  const pulls: ((result: IteratorResult<T>) => void)[] = [];
  let ended = false;

  const done: IteratorResult<T> = { value: undefined, done: true };

  const end = (): void => {
    ended = true;
    waiting.clear();
    for (const pull of pulls.splice(0)) pull(done);
  };

  return {
    push(value) {
      if (ended) return;
      const pull = pulls.shift();
      if (pull) pull({ value, done: false });
      else waiting.set(keyOf(value), value);
    },
    end,
    iterator: {
      next() {
        if (ended) return Promise.resolve(done);
        const first = waiting.entries().next();
        if (first.done) return new Promise((resolve) => pulls.push(resolve));
        const [key, value] = first.value;
        waiting.delete(key);
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
