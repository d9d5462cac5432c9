import { ConfigError } from '../domain/errors.ts';
import type { Log } from '../util/log.ts';
import { initial } from './migrations/0001-initial.ts';
import { handovers } from './migrations/0002-handovers.ts';
import { blockedUsers } from './migrations/0003-blocked-users.ts';
import type { Sql, Transaction } from './sql.ts';

/** In order; the first is number 1. What has been released is frozen: a change is a new one at the end. */
const migrations: readonly string[] = [initial, handovers, blockedUsers];

/** Any number that nothing else in the database uses. */
const advisoryLock = 7_165_310_551;

const appliedNumber = async (tx: Transaction): Promise<number> => {
  // One node at a time, and none is cut off while it waits for the one that works.
  await tx.exec('set local statement_timeout = 0');
  await tx.query('select pg_advisory_xact_lock($1::bigint)', [advisoryLock]);
  await tx.exec(
    'create table if not exists schema_migrations (number integer primary key, applied_at timestamptz not null default now())',
  );
  const [row] = await tx.query<{ number: number | null }>(
    'select max(number) as number from schema_migrations',
  );
  return row?.number ?? 0;
};

/** Applies the next migration; false when there is none left. */
const applyNext = (sql: Sql, log: Log): Promise<boolean> =>
  sql.transaction(async (tx) => {
    const applied = await appliedNumber(tx);
    if (applied > migrations.length) {
      throw new ConfigError(
        `The database is at migration ${applied}, made by a newer EdAgent; this one knows ${migrations.length}: start the newer version.`,
      );
    }
    const next = migrations[applied];
    if (next === undefined) return false;
    await tx.exec(next);
    await tx.query('insert into schema_migrations (number) values ($1)', [applied + 1]);
    log.info({ migration: applied + 1 }, 'the database was migrated');
    return true;
  });

/**
 * Brings the database up to date, each migration in a transaction of its own. Safe when several nodes start at once.
 *
 * @throws {ConfigError} when the database is newer than this code.
 */
export const migrate = async (sql: Sql, log: Log): Promise<void> => {
  while (await applyNext(sql, log));
};
