import { EdAgentError } from '../domain/errors.ts';
import { createBatchLoader } from '../util/batch-loader.ts';

export interface SharedStatementOptions<Key, Value> {
  /** The values of these keys, in their order, by one statement. */
  readonly run: (keys: readonly Key[]) => Promise<readonly Value[]>;
  /** @default 500 */
  readonly maxSize?: number;
  /** @default the key itself */
  readonly idOf?: (key: Key) => string;
}

/** Calls of one moment share a statement, which begins after all of them; one that fails fails alone, unless the database is away. */
export const shareStatement = <Key, Value>(
  options: SharedStatementOptions<Key, Value>,
): ((key: Key) => Promise<Value>) =>
  createBatchLoader({
    maxSize: 500,
    isCommon: (error) => error instanceof EdAgentError,
    ...options,
  });
