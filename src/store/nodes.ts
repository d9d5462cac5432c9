import type { StoreContext } from './context.ts';
import type { Disconnect, NodeStore } from './port.ts';

/** Leases that ended earlier than this, and notes of cuts that old, interest nobody. */
const keptFor = `interval '1 hour'`;

/**
 * Whether the node that column names is alive, at the time of the statement's snapshot. Not `clock_timestamp()`: behind a wait
 * for a lock it would hold a lease of before the wait against the time after it. Not `now()`, which is that of the transaction.
 */
export const isLiveNode = (column: string): string =>
  `exists (select from nodes n where n.id = ${column} and n.lease_until > statement_timestamp())`;

/** Begins or renews the lease of node $1 for $2 milliseconds. */
export const renewal = `
insert into nodes (id, lease_until) values ($1, clock_timestamp() + $2 * interval '1 millisecond')
on conflict (id) do update set lease_until = excluded.lease_until`;

interface CutsRow {
  /** Null: none. */
  disconnects: Disconnect[] | null;
  blockedUserIds: string[] | null;
}

const recentCutsStatement = `
select (
    select json_agg(json_build_object('id', id, 'connectionId', connection_id, 'userId', user_id, 'reason', reason) order by at)
    from disconnects where at > since.at
  ) as disconnects,
  (select json_agg(id) from users where blocked_at > since.at) as "blockedUserIds"
from (select clock_timestamp() - $1 * interval '1 millisecond' as at) since`;

export const createNodeStore = ({ sql }: StoreContext): NodeStore => ({
  async renew(nodeId, leaseMs) {
    await sql.query(renewal, [nodeId, leaseMs]);
  },

  async end(nodeId) {
    await sql.query('delete from nodes where id = $1', [nodeId]);
  },

  async prune() {
    await sql.query(`delete from nodes where lease_until < clock_timestamp() - ${keptFor}`);
    await sql.query(`delete from disconnects where at < clock_timestamp() - ${keptFor}`);
  },

  async addDisconnect({ id, connectionId, userId, reason }) {
    await sql.query(
      `insert into disconnects (id, connection_id, user_id, reason) values ($1, $2, $3, $4) on conflict do nothing`,
      [id, connectionId, userId, reason],
    );
  },

  async recentCuts(ageMs) {
    const [row] = await sql.query<CutsRow>(recentCutsStatement, [ageMs]);
    return { disconnects: row?.disconnects ?? [], blockedUserIds: row?.blockedUserIds ?? [] };
  },
});
