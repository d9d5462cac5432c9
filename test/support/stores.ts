import { createHash, randomUUID } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, readdirSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import pg from 'pg';
import { extract } from 'tar';
import { createPgliteSql } from '../../src/store/pglite.ts';
import type { Store } from '../../src/store/port.ts';
import { createPostgresSql } from '../../src/store/postgres.ts';
import { writeSeed } from '../../src/store/seed.ts';
import type { Sql } from '../../src/store/sql.ts';
import { createStore } from '../../src/store/store.ts';
import { type Log, silentLog } from '../../src/util/log.ts';
import { testDatabaseUrl } from './services.ts';

/** A database for one test file. */
export interface TestDatabase {
  /** A new store on it, as another node would have; ends with the database. */
  openStore(options?: { now?: () => Date; log?: Log }): Promise<Store>;
  /** Direct access, for what no store method shows. */
  readonly sql: Sql;
  dispose(): Promise<void>;
}

export const createTempFolder = async (): Promise<{ path: string; dispose(): Promise<void> }> => {
  const path = await mkdtemp(join(tmpdir(), 'edagent-test-'));
  return { path, dispose: () => rm(path, { recursive: true, force: true }) };
};

/** A seed of the present migrations, made once and kept for later runs. */
export const testSeedPath = async (): Promise<string> => {
  const store = join(import.meta.dirname, '../../src/store');
  const migrations = (await readdir(join(store, 'migrations'))).sort();
  const makers = ['seed.ts', 'pglite.ts', ...migrations.map((name) => `migrations/${name}`)];
  const hash = createHash('sha256');
  for (const maker of makers) hash.update(await readFile(join(store, maker)));
  const version = hash.digest('hex').slice(0, 16);
  const path = join(tmpdir(), `edagent-test-seed-${version}.tgz`);
  if (existsSync(path)) return path;
  const own = `${path}.${randomUUID()}`;
  await writeSeed(own);
  await rename(own, path);
  return path;
};

/** The seed unpacked, once for all tests. */
const testTemplate = async (): Promise<string> => {
  const seed = await testSeedPath();
  const path = seed.replace(/\.tgz$/, '');
  if (existsSync(path)) return path;
  const own = `${path}.${randomUUID()}`;
  await mkdir(own);
  extract({ file: seed, cwd: own, preserveOwner: false, sync: true });
  // Another test may have been quicker.
  await rename(own, path).catch(() => rm(own, { recursive: true }));
  return path;
};

/** Puts a fresh database into a data folder: copied in a third of the time that a server takes to unpack its seed. */
export const fillDataFolder = async (dataDir: string): Promise<void> => {
  const template = await testTemplate();
  const place = join(dataDir, 'postgres');
  mkdirSync(place, { recursive: true, mode: 0o700 });
  for (const entry of readdirSync(template, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    const copy = join(place, relative(template, path));
    if (entry.isDirectory()) mkdirSync(copy, { recursive: true, mode: 0o700 });
    else copyFileSync(path, copy);
  }
};

/** An embedded database in a folder of its own; all stores share its one connection. */
export const createPgliteDatabase = async (): Promise<TestDatabase> => {
  const folder = await createTempFolder();
  await fillDataFolder(folder.path);
  const sql = await createPgliteSql({ dataDir: folder.path });
  return {
    sql,
    openStore: (options) => createStore({ ...options, sql: { ...sql, dispose: async () => {} } }),
    async dispose() {
      await sql.dispose();
      await folder.dispose();
    },
  };
};

const withAdmin = async <T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> => {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
};

/** A new and empty PostgreSQL database; null when there is no server and tests may be skipped. */
export const createEmptyPostgres = async (): Promise<{ url: string; dispose(): Promise<void> } | null> => {
  const adminUrl = testDatabaseUrl();
  if (adminUrl === null) return null;
  const name = `edagent_test_${randomUUID().replaceAll('-', '')}`;
  await withAdmin(adminUrl, (client) => client.query(`create database ${name}`));
  const url = new URL(adminUrl);
  url.pathname = `/${name}`;
  return {
    url: url.href,
    async dispose() {
      await withAdmin(adminUrl, (client) => client.query(`drop database if exists ${name} with (force)`));
    },
  };
};

/** A database of its own on the PostgreSQL for tests; each store has a pool of its own, as nodes have. */
export const createPostgresDatabase = async (): Promise<TestDatabase> => {
  const database = await createEmptyPostgres();
  if (!database) throw new Error('there is no PostgreSQL for tests');
  const { url } = database;
  const stores: Store[] = [];
  const sql = createPostgresSql({ url, log: silentLog, maxConnections: 4 });
  return {
    sql,
    async openStore(options) {
      const store = await createStore({ ...options, sql: createPostgresSql({ url, log: silentLog }) });
      stores.push(store);
      return store;
    },
    async dispose() {
      await Promise.all([...stores.map((store) => store.dispose()), sql.dispose()]);
      await database.dispose();
    },
  };
};
