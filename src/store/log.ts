import type { PlacedEvent, StoredEvent } from '../domain/events.ts';
import type { Topic } from '../domain/topics.ts';
import type { StoreContext } from './context.ts';
import { rotateEpoch } from './identity.ts';
import type { LogStore, TopicState } from './port.ts';
import { trimLog } from './trim.ts';

interface ReadRow {
  epoch: string;
  seq: number;
  floor: number;
  event_seq: number | null;
  body: StoredEvent | null;
}

const readStatement = `
select i.epoch, coalesce(t.seq, 0) as seq, coalesce(t.floor, 0) as floor, p.seq as event_seq, p.body
from log_identity i
left join topics t on t.name = $1
left join lateral (
  select p.seq, e.body from placements p join events e on e.id = p.event_id
  where p.topic = $1 and p.seq > $2 order by p.seq limit $3
) p on true
where i.only_row
order by p.seq`;

interface StateRow {
  epoch: string;
  name: Topic | null;
  seq: number;
  floor: number;
}

const toStates = (rows: readonly StateRow[]): TopicState[] =>
  rows.flatMap(({ name, seq, floor }) => (name === null ? [] : [{ topic: name, seq, floor }]));

/** The events of each topic, dense, in one history. */
export const createLogStore = (context: StoreContext): LogStore => {
  const { sql, known } = context;

  const noteEpoch = (rows: readonly { epoch: string }[]): string => {
    const epoch = rows[0]?.epoch;
    if (epoch === undefined) throw new Error('the log has no identity');
    known.epoch = epoch;
    return epoch;
  };

  return {
    async epoch() {
      return known.epoch;
    },

    async read(topic, after, limit) {
      const rows = await sql.query<ReadRow>(readStatement, [topic, after, limit]);
      const epoch = noteEpoch(rows);
      const events = rows.flatMap((row): PlacedEvent[] =>
        row.body === null || row.event_seq === null ? [] : [{ topic, seq: row.event_seq, event: row.body }],
      );
      return { epoch, state: { topic, seq: rows[0]?.seq ?? 0, floor: rows[0]?.floor ?? 0 }, events };
    },

    async states(topics) {
      const rows = await sql.query<StateRow>(
        `select i.epoch, r.name, coalesce(t.seq, 0) as seq, coalesce(t.floor, 0) as floor from log_identity i
         left join unnest($1::text[]) with ordinality as r (name, place) on true
         left join topics t on t.name = r.name where i.only_row order by r.place`,
        [[...topics]],
      );
      return { epoch: noteEpoch(rows), states: toStates(rows) };
    },

    async changedSince(watermark) {
      // A transaction still open now has an id at or above this snapshot's xmin: the next call names what it changed.
      const rows = await sql.query<StateRow & { watermark: string }>(
        `select i.epoch, pg_snapshot_xmin(pg_current_snapshot())::text as watermark, t.name,
           coalesce(t.seq, 0) as seq, coalesce(t.floor, 0) as floor
         from log_identity i
         left join topics t on t.changed_xid >= nullif($1, '')::xid8 where i.only_row`,
        [watermark],
      );
      return { epoch: noteEpoch(rows), watermark: rows[0]?.watermark ?? '', states: toStates(rows) };
    },

    async rotateEpoch(expected) {
      known.epoch = await rotateEpoch(sql, expected);
      return known.epoch;
    },

    async trim(limits) {
      const deleted = await trimLog(context, limits);
      await sql.tidy();
      return deleted;
    },
  };
};
