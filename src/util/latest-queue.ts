import type { Follower, PullSource } from './pull-source.ts';

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

class Queue<T> implements LatestQueue<T>, PullSource<T> {
  readonly #options: LatestQueueOptions<T>;
  /** Null: nothing does. */
  #waiting: Map<string, T> | null = null;
  /** Null: none waits. */
  #pulls: ((result: IteratorResult<T>) => void)[] | null = null;
  #follower: Follower<T> | null = null;
  #isEnded: boolean;

  constructor(options: LatestQueueOptions<T>) {
    this.#options = options;
    this.#isEnded = false;
  }

  get iterator(): PullSource<T> {
    return this;
  }

  get isEnded(): boolean {
    return this.#isEnded;
  }

  push(value: T): void {
    if (this.#isEnded) return;
    const pull = this.#pulls?.shift();
    if (pull) {
      pull({ value, done: false });
      return;
    }
    if (this.#waiting === null && this.#follower?.isOpen) {
      this.#follower.give(value);
      return;
    }
    this.#waiting ??= new Map();
    this.#waiting.set(this.#options.keyOf(value), value);
    this.#follower?.onReadable();
  }

  end(): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.#waiting = null;
    const pulls = this.#pulls ?? [];
    this.#pulls = null;
    for (const pull of pulls) pull({ value: undefined, done: true });
    this.#follower?.onReadable();
  }

  follow(follower: Follower<T>): void {
    this.#follower = follower;
    follower.onReadable();
  }

  take(): T | null {
    const first = this.#waiting?.entries().next();
    if (!first || first.done) return null;
    const [key, value] = first.value;
    this.#waiting?.delete(key);
    if (this.#waiting?.size === 0) this.#waiting = null;
    return value;
  }

  next(): Promise<IteratorResult<T>> {
    if (this.#isEnded) return Promise.resolve({ value: undefined, done: true });
    const value = this.take();
    if (value !== null) return Promise.resolve({ value, done: false });
    return new Promise((resolve) => {
      this.#pulls ??= [];
      this.#pulls.push(resolve);
    });
  }

  return(): Promise<IteratorResult<T>> {
    this.end();
    this.#options.onReturn();
    return Promise.resolve({ value: undefined, done: true });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}

/** A class inside, not closures, because there are as many as subscriptions. */
export const createLatestQueue = <T>(options: LatestQueueOptions<T>): LatestQueue<T> => new Queue(options);
