import type { Sink } from 'graphql-ws/client';

interface Waiting<T> {
  resolve(result: IteratorResult<T>): void;
  reject(error: unknown): void;
}

type State = { kind: 'open' } | { kind: 'closed' } | { kind: 'failed'; error: unknown };

/**
 * Turns a subscription into an iterator. `return()` ends the subscription and every pending `next()` at once, also while
 * nothing comes. A failure is thrown once, after the values that came before it.
 */
export const toIterator = <T>(subscribe: (sink: Sink<T>) => () => void): AsyncIterableIterator<T> => {
  const values: T[] = [];
  const waiting: Waiting<T>[] = [];
  let state: State = { kind: 'open' };

  const finished = (): IteratorResult<T> => ({ done: true, value: undefined });

  const settle = (end: State) => {
    if (state.kind !== 'open') return;
    state = end;
    const first = end.kind === 'failed' && waiting.shift();
    if (first) {
      first.reject(end.error);
      state = { kind: 'closed' };
    }
    for (const { resolve } of waiting.splice(0)) resolve(finished());
  };

  const unsubscribe = subscribe({
    next(value) {
      if (state.kind !== 'open') return;
      const first = waiting.shift();
      if (first) first.resolve({ done: false, value });
      else values.push(value);
    },
    error: (error) => settle({ kind: 'failed', error }),
    complete: () => settle({ kind: 'closed' }),
  });

  const stop = () => {
    values.length = 0;
    settle({ kind: 'closed' });
    state = { kind: 'closed' };
    unsubscribe();
  };

  return {
    [Symbol.asyncIterator]() {
      return this;
    },
    next() {
      if (values.length > 0) return Promise.resolve({ done: false, value: values.shift() as T });
      if (state.kind === 'open') return new Promise((resolve, reject) => waiting.push({ resolve, reject }));
      if (state.kind === 'closed') return Promise.resolve(finished());
      const { error } = state;
      state = { kind: 'closed' };
      return Promise.reject(error);
    },
    return() {
      stop();
      return Promise.resolve(finished());
    },
    throw(error) {
      stop();
      return Promise.reject(error);
    },
  };
};
