import { rename, writeFile } from 'node:fs/promises';
import type { PGlite } from '@electric-sql/pglite';
import { silentLog } from '../util/log.ts';
import { migrate } from './migrate.ts';
import { openDatabase, toPgliteSql } from './pglite.ts';

/** Two thirds of the files of a fresh cluster are templates for databases that nobody will make here. */
const dropTemplates = async (db: PGlite): Promise<void> => {
  await db.exec('update pg_database set datistemplate = false');
  for (const name of ['template0', 'template1']) await db.exec(`drop database ${name}`);
};

/**
 * Writes a tarball of a fresh, migrated and empty database, from which a first start takes its data folder. It has no
 * epoch: each folder gets its own when it is opened. Takes seconds and some 700 MB, so let a process of its own do it.
 */
export const writeSeed = async (path: string): Promise<void> => {
  const db = await openDatabase(undefined);
  try {
    await migrate(toPgliteSql(db), silentLog);
    await dropTemplates(db);
    // Everything in its files, otherwise each first start replays it from the write-ahead log.
    await db.exec('checkpoint');
    const tarball = await db.dumpDataDir('gzip');
    await writeFile(`${path}.new`, Buffer.from(await tarball.arrayBuffer()));
    await rename(`${path}.new`, path);
  } finally {
    await db.close();
  }
};
