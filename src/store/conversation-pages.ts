import type { Conversation } from '../domain/entities.ts';
import { userTopic } from '../domain/topics.ts';
import type { StoreContext } from './context.ts';
import { timeStart } from './page-keys.ts';
import type { Page, PageArguments } from './port.ts';
import { type ConversationRow, conversationColumns, toConversation } from './rows.ts';

type PageRow = { epoch: string; seq: number; has_others: boolean } & (ConversationRow | { id: null });

/** Latest change first: forward goes down in time. `has_others`: whether rows lie on the side that the page comes from. */
const pageStatement = (isForward: boolean): string => {
  const [ahead, behind, order] = isForward ? ['<', '>=', 'desc'] : ['>', '<=', 'asc'];
  return `
select i.epoch, coalesce(t.seq, 0) as seq, r.*,
  exists (
    select from participants p where p.user_id = $1 and (p.changed_at, p.conversation_id) ${behind} ($2, $3)
  ) as has_others
from log_identity i
left join topics t on t.name = $5
left join lateral (
  select ${conversationColumns} from (
    select p.conversation_id, p.changed_at from participants p
    where p.user_id = $1 and (p.changed_at, p.conversation_id) ${ahead} ($2::timestamptz, $3::uuid)
    order by p.changed_at ${order}, p.conversation_id ${order} limit $4
  ) p join conversations c on c.id = p.conversation_id
  order by p.changed_at ${order}, p.conversation_id ${order}
) r on true
where i.only_row
order by r.updated_at ${order}, r.id ${order}`;
};

const forwardStatement = pageStatement(true);
const backwardStatement = pageStatement(false);

/** What a page is made of when one row more than asked was read, in the direction of reading. */
export const cutPage = <R, T>(
  rows: readonly R[],
  page: PageArguments,
  hasOthers: boolean,
  toEntity: (row: R) => T,
): Pick<Page<T>, 'rows' | 'hasPreviousPage' | 'hasNextPage'> => {
  const hasMore = rows.length > page.limit;
  const entities = rows.slice(0, page.limit).map(toEntity);
  return page.direction === 'forward'
    ? { rows: entities, hasPreviousPage: hasOthers, hasNextPage: hasMore }
    : { rows: entities.reverse(), hasPreviousPage: hasMore, hasNextPage: hasOthers };
};

export const pageOfConversations = async (
  { sql, known }: StoreContext,
  viewerId: string,
  page: PageArguments,
): Promise<Page<Conversation>> => {
  const start = timeStart(page, 'c');
  const rows = await sql.query<PageRow>(page.direction === 'forward' ? forwardStatement : backwardStatement, [
    viewerId,
    start.time,
    start.id,
    page.limit + 1,
    userTopic(viewerId),
  ]);
  const [head] = rows;
  if (!head) throw new Error('the log has no identity');
  known.epoch = head.epoch;
  const found = rows.flatMap((row) => (row.id === null ? [] : [row]));
  return { ...cutPage(found, page, head.has_others, toConversation), seq: head.seq, epoch: head.epoch };
};
