import { setTimeout as sleep } from 'node:timers/promises';

/** The tiny part of a PostgreSQL driver that the store uses. Values are always bound, never put into the text. */
export interface Query {
  query<R extends object>(text: string, values?: readonly unknown[]): Promise<R[]>;
}

/** The first statement goes to the server together with the begin of the transaction: it locks or reads, and changes nothing. */
export interface Transaction extends Query {
  /**
   * For the last statement, which the commit goes together with: nothing may be asked after it. Who loses the link before
   * the answer does not know whether it has happened, as with every commit.
   */
  readonly last: Query;
  /** Several statements without values, for migrations. */
  exec(text: string): Promise<void>;
}

export interface TransactionOptions {
  /** Runs the work again after a unique violation: what the other transaction wrote is visible then. */
  readonly retryOnDuplicate?: boolean;
}

/**
 * A database. Rows have bigint as number and timestamptz as Date. A failure of the link, of the server or of a timeout is
 * an EdAgentError UNAVAILABLE; everything else keeps the SQLSTATE in `code`.
 */
export interface Sql extends Query {
  /**
   * READ COMMITTED; commits when `work` resolves, rolls back when it rejects. Deadlocks and serialization failures run
   * `work` again, so it must have no effect outside of the transaction.
   */
  transaction<T>(work: (tx: Transaction) => Promise<T>, options?: TransactionOptions): Promise<T>;
  /** Runs on each new connection before its first use; a rejection discards the connection. */
  onConnect(check: (query: Query) => Promise<void>): void;
  /** Makes room and gathers statistics, where no autovacuum does. */
  tidy(): Promise<void>;
  dispose(): Promise<void>;
}

export const unreachableMessage = 'The database cannot be reached right now: try again in a moment.';

/** The SQLSTATE that a driver's error carries. */
export const sqlState = (error: unknown): string | null => {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : null;
  return typeof code === 'string' && /^[0-9FHPX][0-9A-Z]{4}$/.test(code) ? code : null;
};

const maxRetries = 10;
const maxDuplicateRetries = 3;

/** Runs a statement or a whole transaction again after a deadlock or a serialization failure, a little later each time. */
export const withRetries = async <T>(run: () => Promise<T>, options: TransactionOptions = {}): Promise<T> => {
  for (let retries = 0; ; retries += 1) {
    try {
      return await run();
    } catch (error) {
      const state = sqlState(error);
      const isConflict = state === '40P01' || state === '40001';
      const isDuplicate = state === '23505' && options.retryOnDuplicate === true;
      if (!(isConflict && retries < maxRetries) && !(isDuplicate && retries < maxDuplicateRetries))
        throw error;
      // Jitter, otherwise those who met once meet again.
      if (isConflict) await sleep(Math.random() * 10 * 2 ** Math.min(retries, 5));
    }
  }
};
