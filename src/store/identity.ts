import { randomBytes } from 'node:crypto';
import { unavailable } from '../domain/errors.ts';
import type { Log } from '../util/log.ts';
import { type Query, sqlState, unreachableMessage } from './sql.ts';

/** Short, and free of dots, since cursors use them. */
const newEpoch = (): string => randomBytes(8).toString('base64url');

interface Identity {
  readonly system: string | null;
  readonly timeline: string | null;
}

/**
 * Which history of which database cluster this is: a restore makes another cluster, or another timeline of the same.
 * Hosts that do not permit to ask give nulls, which compare equal to everything.
 */
const readIdentity = async (query: Query): Promise<Identity> => {
  try {
    const [row] = await query.query<Identity>(
      `select system_identifier::text as system, substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8) as timeline
       from pg_control_system()`,
    );
    return row ?? { system: null, timeline: null };
  } catch (error) {
    const state = sqlState(error);
    // In recovery: a replica, whose log stands behind what clients have seen.
    if (state === '55000') throw unavailable(unreachableMessage, error);
    if (state === '42501' || state === '0A000' || state === '42883') return { system: null, timeline: null };
    throw error;
  }
};

/** Ends all cursors of the epoch `expected`; the epoch in force. */
export const rotateEpoch = async (query: Query, expected: string): Promise<string> => {
  await query.query('update log_identity set epoch = $2 where epoch = $1', [expected, newEpoch()]);
  const [row] = await query.query<{ epoch: string }>('select epoch from log_identity');
  if (!row) throw new Error('the log has no identity');
  return row.epoch;
};

/**
 * Compares the history behind this connection with the one that the epoch was given to, and begins a new epoch when they
 * differ: what clients saw may have been undone there. Runs before a new connection is used.
 */
export const checkIdentity = async (query: Query, log: Log): Promise<string> => {
  const { system, timeline } = await readIdentity(query);
  const epoch = newEpoch();
  // Many nodes may do this at once: the first one wins, and the others find nothing that differs.
  await query.query(
    `insert into log_identity (epoch, system_identifier, timeline) values ($1, $2, $3) on conflict do nothing`,
    [epoch, system, timeline],
  );
  const [current] = await query.query<{ epoch: string; differs: boolean; learns: boolean }>(
    `select epoch, system_identifier <> $1 or timeline <> $2 as differs,
       (system_identifier is null and $1 is not null) or (timeline is null and $2 is not null) as learns
     from log_identity`,
    [system, timeline],
  );
  if (!current) throw new Error('the log has no identity');
  if (current.differs) {
    const rows = await query.query<{ epoch: string }>(
      `update log_identity set epoch = $1, system_identifier = $2, timeline = $3
       where system_identifier <> $2 or timeline <> $3 returning epoch`,
      [epoch, system, timeline],
    );
    if (rows.length > 0) {
      log.warn(
        { epoch },
        'the database has another history than before: a new epoch begins, clients refetch',
      );
      return epoch;
    }
    return checkIdentity(query, log);
  }
  if (current.learns) {
    await query.query(
      `update log_identity set system_identifier = coalesce($1, system_identifier), timeline = coalesce($2, timeline)`,
      [system, timeline],
    );
  }
  return current.epoch;
};
