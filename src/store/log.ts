import type { PlacedEvent, StoredEvent } from '../domain/events.ts';
import type { Topic } from '../domain/topics.ts';
import type { StoreContext } from './context.ts';
import { rotateEpoch } from './identity.ts';
import type { LogPage, LogStore, TopicState } from './port.ts';
import { shareStatement } from './share-statement.ts';
import { deleteChunksLeft, trimLog } from './trim.ts';

interface ReadRow {
  epoch: string;
  /** From 1. */
  place: number;
  seq: number;
  floor: number;
  event_seq: number | null;
  body: StoredEvent | null;
}

const readStatement = `
select i.epoch, r.place::integer, coalesce(t.seq, 0) as seq, coalesce(t.floor, 0) as floor, p.seq as event_seq, p.body
from log_identity i
cross join unnest($1::text[], $2::bigint[], $3::integer[]) with ordinality as r (name, after, size, place)
left join topics t on t.name = r.name
left join lateral (
  select p.seq, e.body from placements p join events e on e.id = p.event_id
  where p.topic = r.name and p.seq > r.after order by p.seq limit r.size
) p on true
where i.only_row
order by r.place, p.seq`;

/** Pages in one statement: few, since each may hold hundreds of events. */
const pagesPerStatement = 32;

interface PageRequest {
  readonly topic: Topic;
  readonly after: number;
  readonly limit: number;
}

interface StateRow {
  epoch: string;
  name: Topic | null;
  seq: number;
  floor: number;
}

interface ChangesRow {
  epoch: string;
  watermark: string;
  /** Null: nothing. */
  changed: [Topic, number][] | null;
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

  const readPages = async (requests: readonly PageRequest[]): Promise<LogPage[]> => {
    const rows = await sql.query<ReadRow>(readStatement, [
      requests.map(({ topic }) => topic),
      requests.map(({ after }) => after),
      requests.map(({ limit }) => limit),
    ]);
    const epoch = noteEpoch(rows);
    const pages = requests.map(({ topic }) => ({
      epoch,
      state: { topic, seq: 0, floor: 0 },
      events: [] as PlacedEvent[],
    }));
    for (const { place, seq, floor, event_seq, body } of rows) {
      const page = pages[place - 1];
      if (!page) continue;
      page.state.seq = seq;
      page.state.floor = floor;
      if (body !== null && event_seq !== null) {
        page.events.push({ topic: page.state.topic, seq: event_seq, event: body });
      }
    }
    return pages;
  };

  const readPage = shareStatement({
    run: readPages,
    maxSize: pagesPerStatement,
    idOf: ({ topic, after, limit }: PageRequest) => `${after}:${limit}:${topic}`,
  });

  const states: LogStore['states'] = async (topics) => {
    const rows = await sql.query<StateRow>(
      `select i.epoch, r.name, coalesce(t.seq, 0) as seq, coalesce(t.floor, 0) as floor from log_identity i
       left join unnest($1::text[]) with ordinality as r (name, place) on true
       left join topics t on t.name = r.name where i.only_row order by r.place`,
      [[...topics]],
    );
    return { epoch: noteEpoch(rows), states: toStates(rows) };
  };

  return {
    async epoch() {
      return known.epoch;
    },

    read: (topic, after, limit) => readPage({ topic, after, limit }),

    states,

    state: shareStatement({
      async run(topics: readonly Topic[]) {
        const { epoch, states: found } = await states(topics);
        return found.map((state) => ({ epoch, state }));
      },
    }),

    async changedSince(watermark) {
      // A transaction still open now has an id at or above this snapshot's xmin: the next call names what it changed.
      // One row, because every node asks for what all nodes change.
      const rows = await sql.query<ChangesRow>(
        `select i.epoch, pg_snapshot_xmin(pg_current_snapshot())::text as watermark, (
           select json_agg(json_build_array(name, seq)) from topics where changed_xid >= nullif($1, '')::xid8
         ) as changed
         from log_identity i where i.only_row`,
        [watermark],
      );
      const changed = (rows[0]?.changed ?? []).map(([topic, seq]) => ({ topic, seq }));
      return { epoch: noteEpoch(rows), watermark: rows[0]?.watermark ?? '', changed };
    },

    async rotateEpoch(expected) {
      known.epoch = await rotateEpoch(sql, expected);
      return known.epoch;
    },

    async trim(limits) {
      const deleted = await trimLog(context, limits);
      await deleteChunksLeft(context);
      await sql.tidy();
      return deleted;
    },
  };
};
