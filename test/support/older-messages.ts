import { Client } from 'pg';

/** Puts `Message 1`, `Message 2 …` before what stands in a conversation of one learner. */
export const putOlderMessages = async (
  databaseUrl: string,
  conversationId: string,
  count: number,
): Promise<void> => {
  const client = new Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    await client.query('update messages set position = position + $2 where conversation_id = $1', [
      conversationId,
      count,
    ]);
    await client.query(
      `insert into messages (id, conversation_id, position, author_kind, author_id, author_name, text, created_at)
       select gen_random_uuid(), m.conversation_id, n, m.author_kind, m.author_id, m.author_name,
         'Message ' || n || repeat(' and more of it', (n % 7)::int), m.created_at - ($2::int + 1 - n) * interval '1 second'
       from messages m, generate_series(1, $2::int) n where m.conversation_id = $1 and m.author_kind = 'LEARNER'`,
      [conversationId, count],
    );
  } finally {
    await client.end();
  }
};
