import pg from 'pg';
import type { Query } from '../../src/store/sql.ts';
import type { FinalStore } from './history.ts';

const queries = {
  epoch: 'select epoch from log_identity',
  conversations: 'select id, owner_id as "ownerId", deleted_at is not null as "isDeleted" from conversations',
  messages: `select id, conversation_id as "conversationId", position::int, author_kind as "authorKind",
      author_id as "authorId", text, in_reply_to as "inReplyTo", retry_of as "retryOf",
      client_message_id as "clientMessageId"
    from messages order by conversation_id, position`,
  answers: `select message_id as "messageId", conversation_id as "conversationId", in_reply_to as "inReplyTo", state, attempt
    from answers order by conversation_id, position`,
  placements: `select p.topic, p.seq::int, p.event_id as "eventId", e.body
    from placements p join events e on e.id = p.event_id order by p.topic, p.seq`,
} as const;

/** Any store that SQL reaches. */
export const readStoreBy = async (read: Query['query']): Promise<FinalStore> => {
  const [identity] = await read<{ epoch: string }>(queries.epoch);
  return {
    epoch: identity?.epoch ?? '',
    conversations: await read(queries.conversations),
    messages: await read(queries.messages),
    answers: await read(queries.answers),
    placements: await read(queries.placements),
  };
};

/** The store itself, not through the API. */
export const readFinalStore = async (url: string): Promise<FinalStore> => {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await readStoreBy(
      async <Row extends object>(text: string) => (await client.query<Row>(text)).rows,
    );
  } finally {
    await client.end();
  }
};

/** Null while the store cannot be asked. */
export const countOpenAnswers = async (url: string): Promise<number | null> => {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2_000 });
  client.on('error', () => {});
  try {
    await client.connect();
    const { rows } = await client.query(
      `select count(*)::int as open from answers where state in ('WAITING', 'GENERATING')`,
    );
    return (rows[0] as { open: number }).open;
  } catch {
    return null;
  } finally {
    await client.end().catch(() => {});
  }
};
