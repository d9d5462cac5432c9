import type { PlacedEvent, StoredEvent } from '../domain/events.ts';
import type { Topic } from '../domain/topics.ts';
import { newId } from '../util/id.ts';
import type { StoreContext } from './context.ts';
import type { Query } from './sql.ts';

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

export interface Writes {
  /** Data-modifying CTEs (`name as (…), …`) that run in the statement that places; `$1` is taken, so values begin at `$2`. */
  readonly ctes: string;
  readonly values: readonly unknown[];
}

/** `first`: the number of the first value behind those of the writes. */
const toStatement = (ctes: string, first: number): string => `
with ${ctes === '' ? '' : `${ctes},`} locked_topics as materialized (
  select name, seq from topics where name = any($1::text[]) order by name for update
), new_events as (
  insert into events (id, at, body)
  select e.id, e.at, e.body::json
  from unnest($${first}::uuid[], $${first + 1}::timestamptz[], $${first + 2}::text[]) as e (id, at, body)
), new_placements as (
  insert into placements (topic, seq, event_id)
  select p.topic, coalesce(t.seq, 0) + p.ahead, p.event_id
  from unnest($${first + 3}::text[], $${first + 4}::integer[], $${first + 5}::uuid[]) as p (topic, ahead, event_id)
  left join locked_topics t on t.name = p.topic
), moved_topics as (
  insert into topics (name, seq)
  select m.name, coalesce(t.seq, 0) + m.ahead from unnest($1::text[], $${first + 6}::integer[]) as m (name, ahead)
  left join locked_topics t on t.name = m.name
  on conflict (name) do update set seq = excluded.seq, changed_xid = pg_current_xact_id()
)
select i.epoch, t.name, t.seq from log_identity i left join locked_topics t on true where i.only_row`;

/** The texts are few and constant: those of the writes decide. */
const createStatements = () => {
  const statements = new Map<string, string>();
  return ({ ctes, values }: Writes): string => {
    const known = statements.get(ctes) ?? toStatement(ctes, values.length + 2);
    statements.set(ctes, known);
    return known;
  };
};

const statementOf = createStatements();
const noWrites: Writes = { ctes: '', values: [] };

interface LockedTopicRow {
  epoch: string;
  name: Topic | null;
  seq: number;
}

/**
 * Stores events once and gives each its place in each of its topics, in one statement with `writes`. It locks the topics in one
 * sorted scan, so that no two transactions wait for each other, and comes after all other row locks of the transaction:
 * `writes` may only touch rows that are locked already, or new ones. Topics that this transaction begins do not exist
 * yet and stand at 0.
 */
export const place = async (
  { known }: Pick<StoreContext, 'known'>,
  query: Query,
  all: readonly Placement[],
  writes: Writes = noWrites,
): Promise<PlacedEvent[]> => {
  // Trimming finds events by their places: one that is placed nowhere would stay for ever.
  const placements = all.filter(({ topics }) => topics.length > 0);
  /** How far each topic moves. */
  const moves = new Map<Topic, number>();
  const placed = placements.flatMap(({ event, topics }) =>
    topics.map((topic) => {
      const ahead = (moves.get(topic) ?? 0) + 1;
      moves.set(topic, ahead);
      return { topic, ahead, event };
    }),
  );
  const rows = await query.query<LockedTopicRow>(statementOf(writes), [
    [...moves.keys()],
    ...writes.values,
    placements.map(({ event }) => event.id),
    placements.map(({ event }) => event.at),
    placements.map(({ event }) => JSON.stringify(event)),
    placed.map((one) => one.topic),
    placed.map((one) => one.ahead),
    placed.map((one) => one.event.id),
    [...moves.values()],
  ]);
  if (rows[0]) known.epoch = rows[0].epoch;
  const seqs = new Map(rows.map(({ name, seq }) => [name, seq]));
  return placed.map(({ topic, ahead, event }) => ({ topic, seq: (seqs.get(topic) ?? 0) + ahead, event }));
};
