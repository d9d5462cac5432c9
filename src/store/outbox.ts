import type { PlacedEvent, StoredEvent } from '../domain/events.ts';
import type { Topic } from '../domain/topics.ts';
import { newId } from '../util/id.ts';
import type { StoreContext } from './context.ts';
import type { Transaction } from './sql.ts';

/** An event and the topics it belongs to. */
export interface Placement {
  readonly event: StoredEvent;
  readonly topics: readonly Topic[];
}

type WithoutBase<E> = E extends StoredEvent ? Omit<E, 'id' | 'at'> : never;

export const newEvent = (fields: WithoutBase<StoredEvent>, at: Date): StoredEvent => ({
  id: newId(),
  at: at.toISOString(),
  ...fields,
});

/** The seq of each topic, under lock. */
export type TopicSeqs = Map<Topic, number>;

export interface Writes {
  /** Data-modifying CTEs (`name as (…), …`) that run in the statement that locks; `$1` is taken, so values begin at `$2`. */
  readonly ctes: string;
  readonly values: readonly unknown[];
}

/**
 * Locks topics in one sorted statement, so that no two transactions wait for each other. It comes after all other row locks
 * of the transaction; `writes` may only touch rows that are locked already, or new ones. Topics that this
 * transaction begins do not exist yet and stand at 0.
 */
export const lockTopics = async (
  tx: Transaction,
  topics: Iterable<Topic>,
  writes?: Writes,
): Promise<TopicSeqs> => {
  const names = [...new Set(topics)];
  const rows = await tx.query<{ name: Topic; seq: number }>(
    `${writes ? `with ${writes.ctes} ` : ''}select name, seq from topics where name = any($1::text[]) order by name for update`,
    [names, ...(writes?.values ?? [])],
  );
  const seqs: TopicSeqs = new Map(names.map((name) => [name, 0]));
  for (const { name, seq } of rows) seqs.set(name, seq);
  return seqs;
};

const placeStatement = `
with new_events as (
  insert into events (id, at, body)
  select e.id, e.at, e.body::json from unnest($1::uuid[], $2::timestamptz[], $3::text[]) as e (id, at, body)
), new_placements as (
  insert into placements (topic, seq, event_id)
  select p.topic, p.seq, p.event_id from unnest($4::text[], $5::bigint[], $6::uuid[]) as p (topic, seq, event_id)
), moved_topics as (
  insert into topics (name, seq)
  select t.name, t.seq from unnest($7::text[], $8::bigint[]) as t (name, seq)
  on conflict (name) do update set seq = excluded.seq, changed_xid = pg_current_xact_id()
)
select epoch from log_identity`;

/** Stores events once and gives each its place in each of its topics, all of which are locked. */
export const place = async (
  { known }: Pick<StoreContext, 'known'>,
  tx: Transaction,
  seqs: TopicSeqs,
  all: readonly Placement[],
): Promise<PlacedEvent[]> => {
  // Trimming finds events by their places: one that is placed nowhere would stay for ever.
  const placements = all.filter(({ topics }) => topics.length > 0);
  if (placements.length === 0) return [];
  const placed: PlacedEvent[] = [];
  for (const { event, topics } of placements) {
    for (const topic of topics) {
      const before = seqs.get(topic);
      if (before === undefined) throw new Error('an event was placed in a topic that is not locked');
      seqs.set(topic, before + 1);
      placed.push({ topic, seq: before + 1, event });
    }
  }
  const moved = [...new Set(placed.map((one) => one.topic))];
  const [row] = await tx.query<{ epoch: string }>(placeStatement, [
    placements.map(({ event }) => event.id),
    placements.map(({ event }) => event.at),
    placements.map(({ event }) => JSON.stringify(event)),
    placed.map((one) => one.topic),
    placed.map((one) => one.seq),
    placed.map((one) => one.event.id),
    moved,
    moved.map((topic) => seqs.get(topic)),
  ]);
  if (row) known.epoch = row.epoch;
  return placed;
};
