import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { unavailable } from '../domain/errors.ts';
import type { Log } from '../util/log.ts';
import { type Query, type Sql, sqlState, type Transaction, unreachableMessage, withRetries } from './sql.ts';

export interface PostgresOptions {
  readonly url: string;
  /** Connections at most. @default 10 */
  readonly maxConnections?: number;
  /** For the connection and its handshake, in milliseconds. @default 4_000 */
  readonly connectTimeoutMs?: number;
  /** For one statement, on the server and (a little longer) on this side. @default 10_000 */
  readonly statementTimeoutMs?: number;
  readonly log: Log;
}

const int8 = 20;
const disposeTimeoutMs = 3_000;

const types: pg.CustomTypesConfig = {
  getTypeParser: ((oid: number, format?: 'text' | 'binary') =>
    oid === int8 ? Number : pg.types.getTypeParser(oid, format as 'text')) as typeof pg.types.getTypeParser,
};

/**
 * Classes of SQLSTATE that say "not now" and nothing about the statement: connection, authorization, no such database,
 * resources, operator intervention (shutdown, cancel), system, and a server that only reads.
 */
const isUnavailable = (state: string): boolean =>
  /^(?:08|28|3D|53|57|58)/.test(state) || state === '25006' || state === '25P03' || state === '55P03';

/** What the driver throws without an SQLSTATE is a failure of the link. */
const toStoreError = (error: unknown): unknown => {
  const state = error instanceof pg.DatabaseError ? sqlState(error) : '08000';
  return state !== null && isUnavailable(state) ? unavailable(unreachableMessage, error) : error;
};

/** Names for prepared statements: the texts are few and constant. */
const createStatementNames = () => {
  const names = new Map<string, string>();
  return (text: string): string => {
    const name = names.get(text) ?? `edagent_${names.size}`;
    names.set(text, name);
    return name;
  };
};

export const createPostgresSql = (options: PostgresOptions): Sql => {
  const { log, statementTimeoutMs = 10_000 } = options;
  const nameOf = createStatementNames();
  let check: (query: Query) => Promise<void> = async () => {};
  let disposing: Promise<void> | undefined;

  const run = async <R extends object>(
    client: pg.Pool | pg.ClientBase,
    text: string,
    values: readonly unknown[] = [],
  ): Promise<R[]> => {
    try {
      const result = await client.query<R>({ name: nameOf(text), text, values: [...values] });
      return result.rows;
    } catch (error) {
      throw toStoreError(error);
    }
  };

  const pool = new pg.Pool({
    connectionString: options.url,
    application_name: 'edagent',
    max: options.maxConnections ?? 10,
    // A statement is sent at once, without waiting for the answer of the one before.
    pipeline: true,
    connectionTimeoutMillis: options.connectTimeoutMs ?? 4_000,
    idleTimeoutMillis: 30_000,
    statement_timeout: statementTimeoutMs,
    query_timeout: statementTimeoutMs + 1_000,
    // A node that froze in the middle of a transaction holds locks that others wait for.
    idle_in_transaction_session_timeout: 5_000,
    // Compiling a statement takes longer than any of ours runs.
    options: '-c jit=off',
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
    types,
    onConnect: async (client) => {
      // A connection that dies while it is in use and idle has no other listener, and would end the process.
      client.on('error', (error) => log.debug({ err: error }, 'a database connection ended'));
      await check({ query: (text, values) => run(client, text, values) });
    },
  });
  pool.on('error', (error) => log.debug({ err: error }, 'an idle database connection ended'));

  const connect = async (): Promise<pg.PoolClient> => {
    try {
      return await pool.connect();
    } catch (error) {
      throw toStoreError(error);
    }
  };

  const control = async (client: pg.PoolClient, text: string): Promise<string> => {
    try {
      return (await client.query(text)).command;
    } catch (error) {
      throw toStoreError(error);
    }
  };

  /** What this sends leaves in one piece. */
  const sendTogether = <T>({ connection: { stream } }: pg.PoolClient, send: () => T): T => {
    stream.cork();
    try {
      return send();
    } finally {
      stream.uncork();
    }
  };

  /** The begin goes with the first statement and the commit with the last one: what waits for nothing costs no round trip. */
  const runTransaction = async <T>(work: (tx: Transaction) => Promise<T>): Promise<T> => {
    const client = await connect();
    let isBroken = false;
    let begun: Promise<unknown> | undefined;
    let committing: Promise<string> | undefined;

    const begin = (): void => {
      begun = control(client, 'begin isolation level read committed');
      begun.catch(() => {});
    };
    const commit = (): Promise<string> => {
      committing ??= control(client, 'commit');
      return committing;
    };
    /** What was sent behind a begin that failed was not part of the transaction. */
    const inside = async <R>(send: () => Promise<R>): Promise<R> => {
      if (committing) throw new Error('the transaction has had its last statement');
      const [result] = await Promise.all([send(), begun]);
      return result;
    };
    const query: Query['query'] = (text, values) => inside(() => run(client, text, values));
    const tx: Transaction = {
      query,
      last: {
        query: (text, values) =>
          sendTogether(client, () => {
            const rows = query<never>(text, values);
            commit().catch(() => {});
            return rows;
          }),
      },
      exec: async (text) => {
        await inside(() => control(client, text));
      },
    };

    try {
      const result = await sendTogether(client, () => {
        begin();
        return work(tx);
      });
      // After a statement that failed the server answers a commit with ROLLBACK.
      if ((await commit()) !== 'COMMIT') throw new Error('the transaction had failed before its commit');
      return result;
    } catch (error) {
      await (committing ?? client.query('rollback')).catch(() => {
        isBroken = true;
      });
      throw error;
    } finally {
      client.release(isBroken);
    }
  };

  return {
    query: (text, values) => withRetries(() => run(pool, text, values)),
    transaction: (work, transactionOptions) => withRetries(() => runTransaction(work), transactionOptions),
    onConnect(newCheck) {
      check = newCheck;
    },
    async tidy() {},
    dispose() {
      // A link that is half open never confirms its end, and nothing is lost by not waiting for it.
      disposing ??= Promise.race([pool.end(), sleep(disposeTimeoutMs, undefined, { ref: false })]);
      return disposing;
    },
  };
};
