import { createStore, type Store } from '../ui/store.ts';

/** What only some texts need, and so is loaded when one of them asks. */
export interface Lazy<T> {
  /** Undefined until it is there. */
  readonly loaded: Store<T | undefined>;
  /** A failed load is tried again by the next call. */
  load(): void;
}

export const createLazy = <T>(load: () => Promise<T>): Lazy<T> => {
  const loaded = createStore<T | undefined>(undefined);
  let isLoading = false;
  return {
    loaded,
    load() {
      if (isLoading) return;
      isLoading = true;
      load()
        .then((value) => loaded.set(value))
        .catch(() => {
          isLoading = false;
        });
    },
  };
};
