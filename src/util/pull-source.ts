export interface Follower<T> {
  onReadable(): void;
  /** Takes values as they come. */
  readonly isOpen: boolean;
  /** While it is open. */
  give(value: T): void;
}

/**
 * A source whose values can be taken without promises, beside the usual way of an async iterator. `return()` settles at
 * once, also while idle.
 */
export interface PullSource<T> extends AsyncIterableIterator<T> {
  /**
   * One follower, in place of `next`: `onReadable` is called at once when there may be something to take or it has ended,
   * then in the turn in which that happens, as often as it does. A value that nothing waits before is given to it instead
   * while it is open.
   */
  follow(follower: Follower<T>): void;
  /** The next value; null: none now, or it ended. Only this makes the source look for more, so nothing is read ahead. */
  take(): T | null;
  /** Nothing will come any more. */
  readonly isEnded: boolean;
  return(): Promise<IteratorResult<T>>;
}

export const isPullSource = (value: unknown): value is PullSource<unknown> =>
  typeof value === 'object' && value !== null && 'take' in value && 'follow' in value;
