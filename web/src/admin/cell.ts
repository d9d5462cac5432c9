/** A value with listeners, in the form that useSyncExternalStore takes. */
export interface Cell<T> {
  readonly get: () => T;
  readonly set: (next: T) => void;
  /** Returns its own undo. */
  readonly subscribe: (listener: () => void) => () => void;
}

export type ReadonlyCell<T> = Omit<Cell<T>, 'set'>;

/** `onWatched` runs with the first listener; the undo that it returns runs after the last. Both may happen again. */
export const createCell = <T>(initial: T, onWatched?: () => () => void): Cell<T> => {
  const listeners = new Map<symbol, () => void>();
  let value = initial;
  let unwatch: (() => void) | undefined;

  return {
    get: () => value,
    set(next) {
      value = next;
      for (const listener of [...listeners.values()]) listener();
    },
    subscribe(listener) {
      const key = Symbol('listener');
      listeners.set(key, listener);
      if (listeners.size === 1) unwatch = onWatched?.();
      return () => {
        if (!listeners.delete(key) || listeners.size > 0) return;
        unwatch?.();
        unwatch = undefined;
      };
    },
  };
};
