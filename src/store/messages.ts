import type { Message } from '../domain/entities.ts';
import { isEntityId } from '../domain/text.ts';
import type { StoreContext } from './context.ts';
import { messagesWithAnswers } from './message-rows.ts';
import { pageKey, parseMessageKey } from './page-keys.ts';
import type { MessageStore, Page, PageArguments } from './port.ts';
import { type MessageRow, messageColumns, toMessage } from './rows.ts';
import { createSend } from './send.ts';

type PageRow = { epoch: string; seq: number; last_position: number } & (MessageRow | { id: null });

/** One statement for rights, position of the topic and rows, so that they fit together. Walks the index on positions. */
const pageStatement = (comparison: '>' | '<', order: 'asc' | 'desc'): string => `
select i.epoch, coalesce(t.seq, 0) as seq, c.last_position, r.*
from participants p
join conversations c on c.id = p.conversation_id
join log_identity i on i.only_row
left join topics t on t.name = 'conversation:' || c.id::text
left join lateral (
  select ${messageColumns} from ${messagesWithAnswers}
  where m.conversation_id = c.id and m.position ${comparison} $3 order by m.position ${order} limit $4
) r on true
where p.conversation_id = $1 and p.user_id = $2
order by r.position`;

const forwardStatement = pageStatement('>', 'asc');
const backwardStatement = pageStatement('<', 'desc');

const startOf = (page: PageArguments): number => {
  const { key, field } = pageKey(page);
  if (key !== null) return parseMessageKey(key, field);
  return page.direction === 'forward' ? 0 : Number.MAX_SAFE_INTEGER;
};

/** Positions are dense, so they tell what lies on either side of a page. */
const toPage = (rows: readonly PageRow[], start: number, isForward: boolean): Page<Message> | null => {
  const [head] = rows;
  if (!head) return null;
  const messages = rows.flatMap((row) => (row.id === null ? [] : [toMessage(row)]));
  const last = head.last_position;
  const firstShown = messages[0]?.position ?? (isForward ? start + 1 : Math.min(start, last + 1));
  const lastShown = messages.at(-1)?.position ?? firstShown - 1;
  return {
    rows: messages,
    hasPreviousPage: firstShown > 1 && last > 0,
    hasNextPage: lastShown < last,
    seq: head.seq,
    epoch: head.epoch,
  };
};

const historyStatement = `
select latest.* from messages u
cross join lateral (
  select ${messageColumns} from ${messagesWithAnswers}
  where m.conversation_id = u.conversation_id and m.position <= u.position
    and (m.author_kind = 'LEARNER' or (a.closed_at is not null and m.text <> ''))
  order by m.position desc limit $2
) latest
where u.id = $1 order by latest.position`;

export const createMessageStore = (context: StoreContext): MessageStore => {
  const { sql, known } = context;
  return {
    send: createSend(context),

    async wasSent(authorId, clientMessageId) {
      const rows = await sql.query('select from messages where author_id = $1 and client_message_id = $2', [
        authorId,
        clientMessageId,
      ]);
      return rows.length > 0;
    },

    async find(id, viewerId) {
      if (!isEntityId(id)) return null;
      const [row] = await sql.query<MessageRow>(
        `select ${messageColumns} from ${messagesWithAnswers}
         join participants p on p.conversation_id = m.conversation_id and p.user_id = $2 where m.id = $1`,
        [id, viewerId],
      );
      return row ? toMessage(row) : null;
    },

    async page(conversationId, viewerId, page) {
      const start = startOf(page);
      if (!isEntityId(conversationId)) return null;
      const isForward = page.direction === 'forward';
      const rows = await sql.query<PageRow>(isForward ? forwardStatement : backwardStatement, [
        conversationId,
        viewerId,
        start,
        page.limit,
      ]);
      const result = toPage(rows, start, isForward);
      if (result) known.epoch = result.epoch;
      return result;
    },

    async historyUpTo(messageId, limit) {
      if (!isEntityId(messageId)) return [];
      const rows = await sql.query<MessageRow>(historyStatement, [messageId, limit]);
      return rows.map(toMessage);
    },
  };
};
