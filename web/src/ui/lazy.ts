import { createStore, type Store } from './store.ts';

/** What only some pages need, and so is loaded when one of them asks. */
export interface Lazy<T> {
  /** Undefined until it is there. */
  readonly loaded: Pick<Store<T | undefined>, 'get' | 'subscribe'>;
  /** The last try failed. */
  readonly hasFailed: Pick<Store<boolean>, 'get' | 'subscribe'>;
  /** A failed load is tried again by a call that comes some time later. */
  load(): void;
}

/** What grows asks with every token. */
const retryMs = 10_000;

export const createLazy = <T>(
  load: () => Promise<T>,
  now: () => number = () => performance.now(),
): Lazy<T> => {
  const loaded = createStore<T | undefined>(undefined);
  const hasFailed = createStore(false);
  let notBefore = Number.NEGATIVE_INFINITY;

  const run = async () => {
    notBefore = Number.POSITIVE_INFINITY;
    hasFailed.set(false);
    try {
      loaded.set(await load());
    } catch {
      notBefore = now() + retryMs;
      hasFailed.set(true);
    }
  };

  return {
    loaded,
    hasFailed,
    load() {
      if (now() >= notBefore) void run();
    },
  };
};
