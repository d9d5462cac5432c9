import { randomUUID } from 'node:crypto';
import Fastify from 'fastify';
import pg from 'pg';
import { announce } from './lib/http.mjs';

/**
 * The reference for `sendMessage`: a handler that writes the rows that EdAgent writes for a message without an answer, in one
 * transaction, into the same tables, with prepared statements. It checks no token, counts no limit, tells nobody and knows
 * no repeats beyond the unique index.
 *
 * - `/send`: as few statements as locks allow: begin, lock, write all, commit.
 * - `/send-by-table`: a statement a table, as handlers are mostly written.
 */

const pool = new pg.Pool({
  connectionString: process.env.DATABASE_URL,
  max: Number(process.env.POOL ?? 10),
  options: '-c jit=off',
});

/** Ids that rise with time, as EdAgent's. */
const newId = () => {
  const time = Date.now().toString(16).padStart(12, '0');
  return `${time.slice(0, 8)}-${time.slice(8)}-7${randomUUID().slice(15)}`;
};

const lock = {
  name: 'lock',
  text: `
with conversation as materialized (
  select id, last_position from conversations where id = $1 and deleted_at is null for no key update
), locked_topics as materialized (
  select name, seq from topics where name = any($2::text[]) order by name for update
)
select c.last_position::int, json_object_agg(t.name, t.seq) as seqs from conversation c cross join locked_topics t group by 1`,
};

const write = {
  name: 'write',
  text: `
with written_conversation as (
  update conversations set last_position = $3, updated_at = $4, revision = revision + 1 where id = $2
), written_participants as (
  update participants set changed_at = $4, read_position = case when user_id = $5 then $3 else read_position end
  where conversation_id = $2
), written_message as (
  insert into messages (id, conversation_id, position, author_kind, author_id, author_name, text, client_message_id,
    wants_answer, starts_conversation, seq_before, created_at)
  values ($1, $2, $3, 'LEARNER', $5, $5, $6, $7, false, false, $8, $4)
), new_event as (
  insert into events (id, at, body) values ($9, $4, $10::json)
), new_placements as (
  insert into placements (topic, seq, event_id)
  select p.topic, p.seq, $9 from unnest($11::text[], $12::bigint[]) as p (topic, seq)
)
update topics t set seq = p.seq, changed_xid = pg_current_xact_id()
from unnest($11::text[], $12::bigint[]) as p (topic, seq) where t.name = p.topic`,
};

const byTable = {
  lockConversation: {
    name: 'lock-conversation',
    text: 'select last_position::int from conversations where id = $1 and deleted_at is null for no key update',
  },
  lockTopics: {
    name: 'lock-topics',
    text: 'select name, seq from topics where name = any($1::text[]) order by name for update',
  },
  conversation: {
    name: 'conversation',
    text: 'update conversations set last_position = $2, updated_at = $3, revision = revision + 1 where id = $1',
  },
  participants: {
    name: 'participants',
    text: `update participants set changed_at = $3, read_position = case when user_id = $4 then $2 else read_position end
      where conversation_id = $1`,
  },
  message: {
    name: 'message',
    text: `insert into messages (id, conversation_id, position, author_kind, author_id, author_name, text, client_message_id,
        wants_answer, starts_conversation, seq_before, created_at)
      values ($1, $2, $3, 'LEARNER', $5, $5, $6, $7, false, false, $8, $4)`,
  },
  event: { name: 'event', text: 'insert into events (id, at, body) values ($1, $2, $3::json)' },
  placements: {
    name: 'placements',
    text: `insert into placements (topic, seq, event_id)
      select p.topic, p.seq, $1 from unnest($2::text[], $3::bigint[]) as p (topic, seq)`,
  },
  topics: {
    name: 'topics',
    text: `update topics t set seq = p.seq, changed_xid = pg_current_xact_id()
      from unnest($1::text[], $2::bigint[]) as p (topic, seq) where t.name = p.topic`,
  },
};

const transaction = async (work) => {
  const client = await pool.connect();
  try {
    await client.query('begin');
    const result = await work((statement, values) => client.query({ ...statement, values }));
    await client.query('commit');
    return result;
  } catch (error) {
    await client.query('rollback');
    throw error;
  } finally {
    client.release();
  }
};

const draft = ({ conversationId, userId, text }, lastPosition, seqs) => {
  const at = new Date().toISOString();
  const id = newId();
  const author = { kind: 'LEARNER', id: userId, name: userId };
  const message = {
    id,
    conversationId,
    position: lastPosition + 1,
    author,
    text,
    inReplyTo: null,
    retryOf: null,
    answer: null,
    createdAt: at,
  };
  const event = { id: newId(), at, type: 'MessageAdded', conversationId, message };
  return { at, message, event, next: topicsOf(conversationId, userId).map((name) => Number(seqs[name]) + 1) };
};

const topicsOf = (conversationId, userId) => [`conversation:${conversationId}`, `user:${userId}`];

const send = ({ clientMessageId, ...input }) =>
  transaction(async (query) => {
    const topics = topicsOf(input.conversationId, input.userId);
    const { rows } = await query(lock, [input.conversationId, topics]);
    const { at, message, event, next } = draft(input, rows[0].last_position, rows[0].seqs);
    await query(write, [
      message.id,
      input.conversationId,
      message.position,
      at,
      input.userId,
      input.text,
      clientMessageId,
      next[0] - 1,
      event.id,
      JSON.stringify(event),
      topics,
      next,
    ]);
    return message;
  });

const sendByTable = ({ clientMessageId, ...input }) =>
  transaction(async (query) => {
    const { conversationId, userId, text } = input;
    const topics = topicsOf(conversationId, userId);
    const { rows } = await query(byTable.lockConversation, [conversationId]);
    const locked = await query(byTable.lockTopics, [topics]);
    const seqs = Object.fromEntries(locked.rows.map(({ name, seq }) => [name, seq]));
    const { at, message, event, next } = draft(input, rows[0].last_position, seqs);
    const { id, position } = message;
    await query(byTable.message, [
      id,
      conversationId,
      position,
      at,
      userId,
      text,
      clientMessageId,
      next[0] - 1,
    ]);
    await query(byTable.conversation, [conversationId, position, at]);
    await query(byTable.participants, [conversationId, position, at, userId]);
    await query(byTable.event, [event.id, at, JSON.stringify(event)]);
    await query(byTable.placements, [event.id, topics, next]);
    await query(byTable.topics, [topics, next]);
    return message;
  });

const toResult = ({ id, createdAt }) => ({
  data: { sendMessage: { __typename: 'SendMessageSuccess', message: { id, createdAt } } },
});

const app = Fastify();
app.post('/send', async (request) => toResult(await send(request.body)));
app.post('/send-by-table', async (request) => toResult(await sendByTable(request.body)));

await app.listen({ port: 0, host: '127.0.0.1' });
announce(app.server.address().port);
