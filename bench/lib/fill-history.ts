import pg from 'pg';

/**
 * Messages by SQL, as if a learner and the tutor had written them in turn, so that a store of ten million is there within
 * minutes. Indexes are made anew behind it, as after a restore.
 */
export interface Filling {
  readonly databaseUrl: string;
  readonly userId: string;
  /** In this conversation, which exists and is empty. */
  readonly conversationId: string;
  readonly messages: number;
  /** Further conversations of the same user, which are made here. */
  readonly others: { readonly conversations: number; readonly messages: number };
}

const text = 'The next step is to write both fractions over the same denominator, then add. ';

interface IndexRow {
  readonly name: string;
  readonly definition: string;
  readonly is_key: boolean;
  readonly table_name: string;
}

const listIndexes = `
select i.relname as name, pg_get_indexdef(i.oid) as definition, x.indisprimary as is_key, t.relname as table_name
from pg_index x join pg_class i on i.oid = x.indexrelid join pg_class t on t.oid = x.indrelid
where t.relname in ('messages', 'answers') and t.relnamespace = current_schema()::regnamespace`;

/** Rows number `$3 + 1` and so on of all, in the conversations that `which` gives as (id, place). */
const insertMessages = (which: string): string => `
insert into messages (id, conversation_id, position, author_kind, author_id, author_name, text, in_reply_to, wants_answer,
  client_message_id, created_at)
select ('018f0000-0000-7000-8000-' || lpad(to_hex($3::bigint + c.place * $2::bigint + p), 12, '0'))::uuid, c.id, p,
  case when p % 2 = 1 then 'LEARNER' else 'TUTOR' end, case when p % 2 = 1 then $1::text else 'tutor' end,
  case when p % 2 = 1 then $1::text else 'Tutor' end, '${text}' || p,
  case when p % 2 = 0 then ('018f0000-0000-7000-8000-' || lpad(to_hex($3::bigint + c.place * $2::bigint + p - 1), 12, '0'))::uuid end,
  p % 2 = 1, case when p % 2 = 1 then 'f' || ($3::bigint + c.place * $2::bigint + p) end,
  now() - interval '1 year' + p * interval '1 millisecond'
from (${which}) c cross join generate_series(1, $2::bigint) p`;

const insertAnswers = `
insert into answers (message_id, conversation_id, position, in_reply_to, asked_by, state, attempt, generation, created_at,
  started_at, closed_at, input_tokens, output_tokens)
select id, conversation_id, position, in_reply_to, $1, 'FINISHED', 1, 1, created_at, created_at, created_at, 100, 20
from messages where author_kind = 'TUTOR'`;

const insertConversations = `
with made as (
  insert into conversations (id, owner_id, title, is_renamed, last_position, created_at, updated_at)
  select ('018f0000-0000-7000-9000-' || lpad(to_hex(n), 12, '0'))::uuid, $1, 'Filled', true, $3, now(), now()
  from generate_series(0, $2::int - 1) n returning id
)
insert into participants (conversation_id, user_id, read_position, joined_at, changed_at)
select id, $1, $3, now(), now() from made`;

export const filledConversationId = (at: number): string =>
  `018f0000-0000-7000-9000-${at.toString(16).padStart(12, '0')}`;

const withoutIndexes = async (client: pg.Client, work: () => Promise<void>): Promise<void> => {
  const { rows } = await client.query<IndexRow>(listIndexes);
  for (const { name, is_key, table_name } of rows) {
    await client.query(is_key ? `alter table ${table_name} drop constraint ${name}` : `drop index ${name}`);
  }
  await work();
  for (const { name, definition, is_key, table_name } of rows) {
    await client.query(definition);
    if (is_key)
      await client.query(`alter table ${table_name} add constraint ${name} primary key using index ${name}`);
  }
};

export const fillHistory = async (filling: Filling): Promise<void> => {
  const { databaseUrl, userId, conversationId, messages, others } = filling;
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    await client.query(`set maintenance_work_mem = '512MB'`);
    await withoutIndexes(client, async () => {
      await client.query(insertMessages(`select '${conversationId}'::uuid as id, 0 as place`), [
        userId,
        messages,
        0,
      ]);
      await client.query('update conversations set last_position = $2 where id = $1', [
        conversationId,
        messages,
      ]);
      if (others.conversations > 0) {
        await client.query(insertConversations, [userId, others.conversations, others.messages]);
        const which = `select id, row_number() over (order by id) - 1 as place from conversations where title = 'Filled'`;
        await client.query(insertMessages(which), [userId, others.messages, messages]);
      }
      await client.query(insertAnswers, [userId]);
    });
    await client.query('vacuum (analyze) messages, answers, conversations, participants');
  } finally {
    await client.end();
  }
};
