import type { Sink } from 'graphql-ws/client';

interface Waiting<T> {
  resolve(result: IteratorResult<T>): void;
  reject(error: unknown): void;
}

/**
 * Turns a subscription into an iterator. `return()` ends the subscription and every pending `next()` at once, also while
 * nothing comes. A failure is thrown once, after the values that came before it.
 */
export const toIterator = <T>(subscribe: (sink: Sink<T>) => () => void): AsyncIterableIterator<T> => {
  const values: T[] = [];
  const waiting: Waiting<T>[] = [];
  let isOpen = true;
  /** Not thrown yet. */
  let failure: { readonly error: unknown } | undefined;

  const finished: IteratorResult<T> = { done: true, value: undefined };

  const close = (failed?: typeof failure) => {
    if (!isOpen) return;
    isOpen = false;
    const first = failed && waiting.shift();
    if (first) first.reject(failed.error);
    else failure = failed;
    for (const { resolve } of waiting.splice(0)) resolve(finished);
  };

  const unsubscribe = subscribe({
    next(value) {
      if (!isOpen) return;
      const first = waiting.shift();
      if (first) first.resolve({ done: false, value });
      else values.push(value);
    },
    error: (error) => close({ error }),
    complete: () => close(),
  });

  const stop = () => {
    values.length = 0;
    close();
    failure = undefined;
    unsubscribe();
  };

  return {
    [Symbol.asyncIterator]() {
      return this;
    },
    async next() {
      if (values.length > 0) return { done: false, value: values.shift() as T };
      if (isOpen) return new Promise((resolve, reject) => waiting.push({ resolve, reject }));
      const failed = failure;
      failure = undefined;
      if (failed) throw failed.error;
      return finished;
    },
    async return() {
      stop();
      return finished;
    },
    async throw(error) {
      stop();
      throw error;
    },
  };
};
