import { existsSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import { extract } from 'tar';
import { ConfigError, unavailable } from '../domain/errors.ts';
import { lockDataFolder } from './data-folder-lock.ts';
import { type Query, type Sql, sqlState, type Transaction, unreachableMessage, withRetries } from './sql.ts';

export interface PgliteOptions {
  /** The server's data folder, made when absent; the database is in `postgres` inside it. Null: in memory. */
  readonly dataDir: string | null;
  /** A tarball made by `writeSeed`; without it (or when it is absent) a fresh folder costs seconds and much memory. */
  readonly seedPath?: string | null;
}

/**
 * Small buffers: the default of 128 MB is resident. And plans that walk indexes: nothing gathers statistics here by itself,
 * and without them the planner reads whole conversations to sort them.
 */
const startParams = [
  ...PGlite.defaultStartParams,
  ...['-c', 'shared_buffers=8MB'],
  ...['-c', 'max_connections=8'],
  ...['-c', 'enable_bitmapscan=off'],
  ...['-c', 'enable_hashjoin=off'],
  ...['-c', 'enable_mergejoin=off'],
];

/** In memory without a folder. A fresh one gets small segments of the write-ahead log, for a small folder. */
export const openDatabase = (dataDir: string | undefined): Promise<PGlite> =>
  PGlite.create({
    ...(dataDir === undefined ? {} : { dataDir }),
    startParams,
    initDbStartParams: ['--wal-segsize=1'],
  });

/**
 * Makes the database beside its place and renames it, otherwise a process killed half-way leaves a folder that looks
 * like a database. The caller holds the folder's lock.
 */
const prepareDatabase = async (place: string, seedPath: string | null): Promise<void> => {
  if (existsSync(place)) return;
  const fresh = `${place}.new`;
  await rm(fresh, { recursive: true, force: true });
  await mkdir(fresh, { recursive: true, mode: 0o700 });
  if (seedPath !== null && existsSync(seedPath)) {
    // As root, tar would hand the files to whoever built the seed. Synchronous, since nothing is served yet: the thread pool
    // takes three times as long for so many small files.
    extract({ file: seedPath, cwd: fresh, preserveOwner: false, sync: true });
  } else {
    await (await openDatabase(fresh)).close();
  }
  await rename(fresh, place);
};

const openInFolder = async (dataDir: string, seedPath: string | null) => {
  try {
    await mkdir(dataDir, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw new ConfigError(
      `EDAGENT_DATA_DIR: the data folder ${dataDir} cannot be made: check the path and its rights.`,
      { cause: error },
    );
  }
  const lock = await lockDataFolder(dataDir);
  try {
    const place = join(dataDir, 'postgres');
    await prepareDatabase(place, seedPath);
    return { db: await openDatabase(place), lock };
  } catch (error) {
    await lock.dispose();
    throw new ConfigError(
      `EDAGENT_DATA_DIR: the database in ${dataDir} cannot be opened: it was made by another version, or it is damaged.`,
      { cause: error },
    );
  }
};

const toStoreError = (error: unknown): unknown =>
  sqlState(error) === null ? unavailable(unreachableMessage, error) : error;

const toQuery = (target: Pick<PGlite, 'query'>): Query => ({
  async query<R extends object>(text: string, values: readonly unknown[] = []): Promise<R[]> {
    try {
      return (await target.query<R>(text, [...values])).rows;
    } catch (error) {
      throw toStoreError(error);
    }
  },
});

/** PostgreSQL inside this process: one connection, and one transaction at a time; all others wait for it. */
export const toPgliteSql = (db: PGlite, release?: () => Promise<void>): Sql => {
  let disposing: Promise<void> | undefined;

  const runTransaction = <T>(work: (tx: Transaction) => Promise<T>): Promise<T> =>
    db.closed
      ? Promise.reject(unavailable(unreachableMessage))
      : db.transaction((tx) =>
          work({
            ...toQuery(tx),
            last: toQuery(tx),
            exec: async (text) => {
              await tx.exec(text);
            },
          }),
        );

  const close = async (): Promise<void> => {
    try {
      await db.close();
    } finally {
      await release?.();
    }
  };

  return {
    ...toQuery(db),
    transaction: (work, options) => withRetries(() => runTransaction(work), options),
    // One connection for its whole life, which the store checks when it opens.
    onConnect() {},
    async tidy() {
      await db.exec('vacuum (analyze)');
    },
    dispose() {
      disposing ??= close();
      return disposing;
    },
  };
};

/**
 * @throws {ConfigError} when the data folder is held by another process, or by another instance in this one: two would
 * silently overwrite each other's rows.
 */
export const createPgliteSql = async ({ dataDir, seedPath = null }: PgliteOptions): Promise<Sql> => {
  if (dataDir === null) return toPgliteSql(await openDatabase(undefined));
  const { db, lock } = await openInFolder(dataDir, seedPath);
  return toPgliteSql(db, lock.dispose);
};
