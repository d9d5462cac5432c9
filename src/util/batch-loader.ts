import DataLoader from 'dataloader';

export interface BatchLoaderOptions<Key, Value> {
  /** The values of these keys, in their order. Rejects for all of them. */
  readonly run: (keys: readonly Key[]) => Promise<readonly Value[]>;
  /** Keys of one run at most; more make further runs at the same time. */
  readonly maxSize: number;
  /** Keys that give the same share one place in a run. @default the key itself */
  readonly idOf?: (key: Key) => unknown;
  /** Whether a failure has nothing to do with a key. After any other each key is run alone. @default never */
  readonly isCommon?: (error: unknown) => boolean;
  /** When the run begins. @default behind all that is read from sockets in this turn of the event loop */
  readonly schedule?: (dispatch: () => void) => void;
}

const toError = (error: unknown): Error => (error instanceof Error ? error : new Error(String(error)));

/**
 * Calls of one turn of the event loop share a run (or of what `schedule` makes of it), which begins after all of them: none is given what was true before it
 * asked. Nothing is kept.
 */
export const createBatchLoader = <Key, Value>(
  options: BatchLoaderOptions<Key, Value>,
): ((key: Key) => Promise<Value>) => {
  const { run, maxSize, idOf = (key) => key, isCommon = () => false } = options;
  const { schedule = (dispatch) => setImmediate(dispatch) } = options;

  const runAlone = async (key: Key): Promise<Value | Error> => {
    try {
      const [value] = await run([key]);
      return value as Value;
    } catch (error) {
      return toError(error);
    }
  };

  /** One key that cannot be served must not take the others along. */
  const runAll = async (keys: readonly Key[]): Promise<readonly (Value | Error)[]> => {
    try {
      return await run(keys);
    } catch (error) {
      if (keys.length === 1 || isCommon(error)) throw error;
      return Promise.all(keys.map(runAlone));
    }
  };

  const loader = new DataLoader<Key, Value, unknown>(
    (keys) => {
      // What is asked from now on may have changed since.
      loader.clearAll();
      return runAll(keys);
    },
    {
      maxBatchSize: maxSize,
      cacheKeyFn: idOf,
      batchScheduleFn: schedule,
    },
  );
  return (key) => loader.load(key);
};
