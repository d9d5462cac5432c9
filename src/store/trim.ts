import type { StoreContext } from './context.ts';
import type { Transaction } from './sql.ts';

export interface TrimLimits {
  readonly maxAgeMs: number;
  readonly maxPerTopic: number;
}

/** Any number that nothing else in the database uses. */
const advisoryLock = 7_165_310_552;
const topicsPerRound = 200;

/** Up to which seq each of these topics is trimmed: what is beyond the number, and all before the first young event. */
const candidates = `
select t.name, greatest(t.seq - $2, coalesce(young.seq - 1, t.seq)) as floor
from topics t
left join lateral (
  select p.seq from placements p join events e on e.id = p.event_id
  where p.topic = t.name and e.at >= $1 order by p.seq limit 1
) young on true
where t.name = any($3::text[])`;

/** Topics with more events than allowed, or with the oldest events of all. */
const names = `
(select t.name from topics t where t.seq - t.floor > $2 limit $3)
union
(select p.topic from (select e.id from events e where e.at < $1 order by e.at limit $3) old
 join placements p on p.event_id = old.id)`;

const trimRound = async (tx: Transaction, before: Date, maxPerTopic: number): Promise<number | null> => {
  // One at a time, otherwise two that delete the last two placements of an event both leave the event behind.
  const [lock] = await tx.query<{ taken: boolean }>('select pg_try_advisory_xact_lock($1::bigint) as taken', [
    advisoryLock,
  ]);
  if (!lock?.taken) return null;
  const found = await tx.query<{ name: string }>(names, [before, maxPerTopic, topicsPerRound]);
  if (found.length === 0) return null;
  const floors = await tx.query<{ name: string; floor: number }>(candidates, [
    before,
    maxPerTopic,
    found.map((row) => row.name),
  ]);
  const topics = floors.map((row) => row.name);
  await tx.query('select from topics where name = any($1::text[]) order by name for update', [topics]);
  // The floor first: it says what a reader may still rely on. It is no change that anyone is told of.
  await tx.query(
    `update topics t set floor = f.floor from unnest($1::text[], $2::bigint[]) as f (name, floor)
     where t.name = f.name and t.floor < f.floor`,
    [topics, floors.map((row) => row.floor)],
  );
  const deleted = await tx.query<{ event_id: string }>(
    `delete from placements p using topics t where t.name = any($1::text[]) and p.topic = t.name and p.seq <= t.floor
     returning p.event_id`,
    [topics],
  );
  await tx.query(
    `delete from events e where e.id = any($1::uuid[]) and not exists (select from placements p where p.event_id = e.id)`,
    [[...new Set(deleted.map((row) => row.event_id))]],
  );
  return deleted.length;
};

/** Those that a checkpoint added while the end of its answer, which did not see them, waited for it. */
export const deleteChunksLeft = async ({ sql }: StoreContext): Promise<void> => {
  await sql.query(
    `delete from answer_chunks k where not exists (
       select from answers a where a.message_id = k.message_id and a.state = 'GENERATING')`,
  );
};

/** Deletes what is too old or too much, some topics at a time, so that nobody waits long for a lock. */
export const trimLog = async (
  { sql, now }: StoreContext,
  { maxAgeMs, maxPerTopic }: TrimLimits,
): Promise<number> => {
  const before = new Date(now().getTime() - maxAgeMs);
  let total = 0;
  for (;;) {
    const deleted = await sql.transaction((tx) => trimRound(tx, before, maxPerTopic));
    if (!deleted) return total;
    total += deleted;
  }
};
