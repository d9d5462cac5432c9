import { type Message, tutorId } from '../domain/entities.ts';
import type { PlacedEvent, StoredEvent } from '../domain/events.ts';
import type { Topic } from '../domain/topics.ts';
import { newId } from '../util/id.ts';
import type { StoreContext } from './context.ts';
import { toWaitingAnswer } from './message-rows.ts';
import { newEvent } from './outbox.ts';
import type { SendInput, SendOutcome } from './port.ts';
import { shareStatement } from './share-statement.ts';

type Column = readonly [name: string, type: string, read: (draft: Draft) => unknown];

/** A message as it is before it has its place. */
interface Draft {
  readonly at: string;
  readonly conversationId: string;
  readonly clientMessageId: string;
  readonly message: Message;
  readonly event: MessageAdded;
  readonly answer: { readonly message: Message; readonly event: MessageAdded } | null;
}

type MessageAdded = Extract<StoredEvent, { type: 'MessageAdded' }>;

/** The event's JSON before and behind the position of its message, which only the statement knows. */
const beforePosition = ({ message: _, ...event }: MessageAdded): string =>
  `${JSON.stringify(event).slice(0, -1)},"message":{"position":`;
const behindPosition = ({ message: { position: _, ...message } }: MessageAdded): string =>
  `,${JSON.stringify(message).slice(1)}}`;

const messageColumns: readonly Column[] = [
  ['conversation_id', 'uuid', ({ conversationId }) => conversationId],
  ['author_id', 'text', ({ message }) => message.author.id],
  ['author_name', 'text', ({ message }) => message.author.name],
  ['message_id', 'uuid', ({ message }) => message.id],
  ['client_message_id', 'text', ({ clientMessageId }) => clientMessageId],
  ['text', 'text', ({ message }) => message.text],
  ['at', 'timestamptz', ({ at }) => at],
  ['event_id', 'uuid', ({ event }) => event.id],
  ['before_position', 'text', ({ event }) => beforePosition(event)],
  ['behind_position', 'text', ({ event }) => behindPosition(event)],
];

const answerColumns: readonly Column[] = [
  ['answer_id', 'uuid', ({ answer }) => answer?.message.id],
  ['tutor_id', 'text', ({ answer }) => answer?.message.author.id],
  ['tutor_name', 'text', ({ answer }) => answer?.message.author.name],
  ['answer_event_id', 'uuid', ({ answer }) => answer?.event.id],
  ['answer_before_position', 'text', ({ answer }) => answer && beforePosition(answer.event)],
  ['answer_behind_position', 'text', ({ answer }) => answer && behindPosition(answer.event)],
];

/** Parts of the statement that only messages with an answer have. */
const answerParts = {
  condition: `
    and not exists (select from answers a where a.conversation_id = l.id and a.state in ('WAITING', 'GENERATING'))`,
  message: `
  union all
  select p.answer_id, p.id, p.last_position + 2, 'TUTOR', p.tutor_id, p.tutor_name, '', null, false, false, null, p.message_id, p.at
  from placed p`,
  answer: `written_answers as (
  insert into answers (message_id, conversation_id, position, in_reply_to, asked_by, state, created_at)
  select p.answer_id, p.id, p.last_position + 2, p.message_id, p.author_id, 'WAITING', p.at from placed p
), `,
  event: `
  union all
  select p.answer_event_id, p.at, (p.answer_before_position || (p.last_position + 2) || p.answer_behind_position)::json from placed p`,
  placement: `
  union all select s.topic, s.first + 1, p.answer_event_id from places s join placed p on p.id = s.id`,
};

const noParts: typeof answerParts = { condition: '', message: '', answer: '', event: '', placement: '' };

/**
 * Each conversation stands in it once. The arrays come as sub-selects because the planner would else count what is in them,
 * find a plan for that count cheaper than the one for any, and plan each time anew, which takes longer than all it does.
 */
const toStatement = (
  columns: readonly Column[],
  { condition, message, answer, event, placement }: typeof answerParts,
  eventsEach: number,
): string => `
with sent as materialized (
  select * from unnest(${columns.map(([, type], index) => `(select $${index + 1}::${type}[])`).join(', ')})
    as s (${columns.map(([name]) => name).join(', ')})
), locked as materialized (
  select c.id, c.title, c.is_renamed, c.owner_id, c.created_at, c.last_position, c.revision from conversations c
  where c.id = any(array(select s.conversation_id from sent s)) and c.deleted_at is null order by c.id for no key update skip locked
), usual as materialized (
  select l.*, s.*, array(select p.user_id from participants p where p.conversation_id = l.id) as participant_ids
  from locked l join sent s on s.conversation_id = l.id
  where l.revision = (select c.revision from conversations c where c.id = l.id)
    and (l.title <> '' or l.is_renamed)
    and exists (select from participants p where p.conversation_id = l.id and p.user_id = s.author_id)${condition}
), wanted as materialized (
  select u.id, 'conversation:' || u.id::text as topic from usual u
  union all select u.id, 'user:' || p.user_id from usual u cross join unnest(u.participant_ids) as p (user_id)
), locked_topics as materialized (
  select t.name, t.seq from topics t where t.name = any(array(select w.topic from wanted w)) order by t.name for update
), placed as materialized (
  select u.* from usual u
  where 1 + cardinality(u.participant_ids) = (select count(*) from wanted w join locked_topics t on t.name = w.topic where w.id = u.id)
), places as materialized (
  select p.id, w.topic, t.seq + 1 + ${eventsEach} * (row_number() over (partition by w.topic order by p.id) - 1) as first
  from placed p join wanted w on w.id = p.id join locked_topics t on t.name = w.topic
), written_conversations as (
  update conversations c set last_position = p.last_position + ${eventsEach}, updated_at = p.at, revision = p.revision + 1
  from placed p where c.id = p.id
), written_participants as (
  update participants o set changed_at = p.at,
    read_position = case when o.user_id = p.author_id then p.last_position + 1 else o.read_position end
  from placed p where o.conversation_id = p.id
), written_messages as (
  insert into messages (id, conversation_id, position, author_kind, author_id, author_name, text, client_message_id,
    wants_answer, starts_conversation, seq_before, in_reply_to, created_at)
  select p.message_id, p.id, p.last_position + 1, 'LEARNER', p.author_id, p.author_name, p.text, p.client_message_id,
    ${eventsEach > 1}, false, s.first - 1, null::uuid, p.at
  from placed p join places s on s.id = p.id and s.topic = 'conversation:' || p.id::text${message}
), ${answer}new_events as (
  insert into events (id, at, body)
  select p.event_id, p.at, (p.before_position || (p.last_position + 1) || p.behind_position)::json from placed p${event}
), new_placements as (
  insert into placements (topic, seq, event_id)
  select s.topic, s.first, p.event_id from places s join placed p on p.id = s.id${placement}
), moved_topics as (
  update topics t set seq = m.seq, changed_xid = pg_current_xact_id()
  from (select s.topic, max(s.first) + ${eventsEach - 1} as seq from places s group by s.topic) m where t.name = m.topic
)
select p.id, json_build_object('title', p.title, 'ownerId', p.owner_id, 'createdAt', p.created_at,
  'lastPosition', p.last_position, 'epoch', (select i.epoch from log_identity i where i.only_row),
  'firsts', (select json_object_agg(s.topic, s.first order by s.topic) from places s where s.id = p.id)) as place
from placed p`;

const kinds = {
  plain: { columns: messageColumns, statement: toStatement(messageColumns, noParts, 1) },
  asking: (() => {
    const columns = [...messageColumns, ...answerColumns];
    return { columns, statement: toStatement(columns, answerParts, 2) };
  })(),
};

interface Place {
  readonly title: string;
  readonly ownerId: string;
  readonly createdAt: string;
  /** Of the conversation before. */
  readonly lastPosition: number;
  readonly epoch: string;
  /** The seq of the message's event in each topic, the conversation's first; that of its answer follows. */
  readonly firsts: Readonly<Record<Topic, number>>;
}

interface PlacedRow {
  id: string;
  place: Place;
}

/** In the order in which the statement puts it together, so that the event reads as it was announced. */
const atPosition = ({ position: _, ...rest }: Message, position: number): Message => ({ position, ...rest });

const toDraft = (input: SendInput & { readonly conversationId: string }, at: Date): Draft => {
  const { conversationId, author, clientMessageId } = input;
  const added = (message: Message): MessageAdded =>
    newEvent({ type: 'MessageAdded', conversationId, message }, at) as MessageAdded;
  const message: Message = {
    id: newId(),
    conversationId,
    position: 0,
    author: { kind: 'LEARNER', id: author.id, name: author.name },
    text: input.text,
    inReplyTo: null,
    retryOf: null,
    answer: null,
    createdAt: at.toISOString(),
  };
  const draft = { at: message.createdAt, conversationId, clientMessageId, message, event: added(message) };
  if (!input.answer) return { ...draft, answer: null };
  const answer = toWaitingAnswer({
    id: newId(),
    conversationId,
    position: 0,
    tutor: { kind: 'TUTOR', id: tutorId, name: input.tutorName },
    inReplyTo: message.id,
    retryOf: null,
    at,
  });
  return { ...draft, answer: { message: answer, event: added(answer) } };
};

const toOutcome = ({ at, conversationId, message, event, answer }: Draft, place: Place): SendOutcome => {
  const { title, ownerId, createdAt, lastPosition, epoch } = place;
  const firsts = Object.entries(place.firsts) as [Topic, number][];
  const sent = { message: atPosition(message, lastPosition + 1), event };
  const answering = answer && { message: atPosition(answer.message, lastPosition + 2), event: answer.event };
  const placed = [sent, ...(answering ? [answering] : [])].flatMap((one, index): PlacedEvent[] => {
    const positioned = { ...one.event, message: one.message };
    return firsts.map(([topic, first]) => ({ topic, seq: first + index, event: positioned }));
  });
  return {
    kind: 'sent',
    result: {
      message: sent.message,
      answer: answering?.message ?? null,
      conversation: {
        id: conversationId,
        title,
        ownerId,
        createdAt: new Date(createdAt).toISOString(),
        updatedAt: at,
      },
      seqBefore: (firsts[0]?.[1] ?? 1) - 1,
      epoch,
      repeated: false,
      stopping: [],
      unmade: [],
    },
    placed,
  };
};

/** Null: nothing was written, and the transaction must find out why. Rejects with a unique violation for a repeat. */
export type SendAtOnce = (
  input: SendInput & { readonly conversationId: string },
) => Promise<SendOutcome | null>;

/**
 * What a message nearly always is, in one statement and so in one round trip: in a known conversation that has its title, by
 * someone who takes part in it, with no open answer in its way and nobody else at it. The messages of one moment share it. It does what
 * the transaction of `send.ts` does, in the same order: it locks the conversations, reads what depends on that, locks the
 * topics in one sorted scan, and writes.
 *
 * Of a message where anything is otherwise it writes nothing, and gives no row. So it is when the conversation is locked, for
 * which the others must not wait, and when it changed since the snapshot, which the revision shows.
 */
export const createSendAtOnce = ({ sql, known, now }: StoreContext): SendAtOnce => {
  const create = ({ columns, statement }: (typeof kinds)['plain']) =>
    shareStatement<Draft, SendOutcome | null>({
      async run(drafts) {
        // A second message to a conversation has its place behind the first.
        const firsts = [...new Map(drafts.toReversed().map((one) => [one.conversationId, one])).values()];
        const values = columns.map(([, , read]) => firsts.map(read));
        const rows = await sql.query<PlacedRow>(statement, values);
        const places = new Map(rows.map(({ id, place }) => [id, place]));
        if (rows[0]) known.epoch = rows[0].place.epoch;
        return drafts.map((one) => {
          const place = firsts.includes(one) ? places.get(one.conversationId) : undefined;
          return place ? toOutcome(one, place) : null;
        });
      },
      idOf: ({ message }) => message.id,
      maxSize: 100,
    });
  const plain = create(kinds.plain);
  const asking = create(kinds.asking);
  return (input) => {
    const one = toDraft(input, now());
    return one.answer ? asking(one) : plain(one);
  };
};
