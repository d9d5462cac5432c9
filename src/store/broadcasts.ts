import type { Broadcast } from '../domain/entities.ts';
import { isEntityId, isStorable } from '../domain/text.ts';
import { broadcastTopic, userTopic } from '../domain/topics.ts';
import { newId } from '../util/id.ts';
import type { StoreContext } from './context.ts';
import { cutPage } from './conversation-pages.ts';
import { newEvent, place } from './outbox.ts';
import { timeStart } from './page-keys.ts';
import type { BroadcastStore, OwnerOutcome, Page, PageArguments } from './port.ts';
import { type BroadcastRow, toBroadcast } from './rows.ts';
import type { Transaction } from './sql.ts';

type AddInput = Parameters<BroadcastStore['add']>[0];
type AddOutcome = Awaited<ReturnType<BroadcastStore['add']>>;

const sortedIds = (ids: readonly string[] | null): string[] | null =>
  ids === null ? null : [...new Set(ids)].sort((a, b) => (a < b ? -1 : 1));

const findAdded = async (tx: Transaction, input: AddInput, userIds: string[] | null) => {
  const [row] = await tx.query<BroadcastRow>(
    `select b.id, b.text, b.at, b.expires_at, b.user_ids, null::timestamptz as read_at from broadcasts b
     where b.sender_id = $1 and b.client_broadcast_id = $2`,
    [input.senderId, input.clientBroadcastId],
  );
  if (!row) return null;
  // Not compared: expiresAt, which most callers let follow from the time of the call.
  const isSame = row.text === input.text && JSON.stringify(row.user_ids) === JSON.stringify(userIds);
  return isSame
    ? ({ kind: 'added', repeated: true, result: toBroadcast(row), placed: [] } as const)
    : ({ kind: 'conflict' } as const);
};

const findUnknown = async (tx: Transaction, userIds: readonly string[]): Promise<string[]> => {
  const rows = await tx.query<{ id: string }>(
    'select r.id from unnest($1::text[]) as r (id) where not exists (select from users u where u.id = r.id)',
    [userIds.filter(isStorable)],
  );
  const unknown = new Set(rows.map(({ id }) => id));
  return userIds.filter((id) => !isStorable(id) || unknown.has(id));
};

const addWrites = `
  written_broadcast as (
    insert into broadcasts (id, sender_id, client_broadcast_id, text, user_ids, at, expires_at)
    values ($2, $3, $4, $5, $6::text[], $7, $8)
  ), written_recipients as (
    insert into broadcast_recipients (user_id, at, broadcast_id) select r.id, $7, $2 from unnest($6::text[]) as r (id)
  )`;

const add = async (context: StoreContext, tx: Transaction, input: AddInput): Promise<AddOutcome> => {
  const userIds = sortedIds(input.userIds);
  const repeat = await findAdded(tx, input, userIds);
  if (repeat) return repeat;
  const unknown = await findUnknown(tx, userIds ?? []);
  if (unknown.length > 0) return { kind: 'unknown-users', userIds: unknown };
  const at = context.now();
  const { text, expiresAt } = input;
  const id = newId();
  const topics = userIds === null ? [broadcastTopic] : userIds.map(userTopic);
  const event = newEvent({ type: 'BroadcastAdded', broadcastId: id, text, expiresAt }, at);
  const placed = await place(context, tx.last, [{ event, topics }], {
    ctes: addWrites,
    values: [id, input.senderId, input.clientBroadcastId, text, userIds, at, expiresAt],
  });
  const broadcast: Broadcast = { id, text, at: at.toISOString(), expiresAt, userIds, readAt: null };
  return { kind: 'added', repeated: false, result: broadcast, placed };
};

type PageRow = { epoch: string; seq: number; has_others: boolean } & (BroadcastRow | { id: null });

const directions = { forward: ['<', '>=', 'desc'], backward: ['>', '<=', 'asc'] } as const;

/** `$1` time and `$2` id of the start, `$3` limit; `rows` selects broadcasts `b` and takes a condition and a tail. */
const pageStatement = (
  direction: keyof typeof directions,
  rows: (condition: string, tail: string) => string,
): string => {
  const [ahead, behind, order] = directions[direction];
  const tail = `order by at ${order}, id ${order} limit $3`;
  const isAhead = `(b.at, b.id) ${ahead} ($1::timestamptz, $2::uuid)`;
  return `
select i.epoch, coalesce(t.seq, 0) as seq, r.*,
  exists (${rows(`(b.at, b.id) ${behind} ($1::timestamptz, $2::uuid)`, 'limit 1')}) as has_others
from log_identity i
left join topics t on t.name = 'broadcast'
left join lateral (${rows(isAhead, tail)}) r on true
where i.only_row
order by r.at ${order}, r.id ${order}`;
};

const sentRows = (condition: string, tail: string): string =>
  `select b.id, b.text, b.at, b.expires_at, b.user_ids, null::timestamptz as read_at from broadcasts b
   where ${condition} ${tail}`;

/** Those for the user `$4`, at the time `$5`, unread ones only if `$6`; others' ids are nobody's business. */
const userRows = (condition: string, tail: string): string => {
  const columns = 'b.id, b.text, b.at, b.expires_at';
  const read = 'left join broadcast_reads d on d.broadcast_id = b.id and d.user_id = $4';
  const isWanted = `${condition} and b.expires_at > $5 and (not $6 or d.read_at is null)`;
  return `
  select * from (
    (select ${columns}, null::text[] as user_ids, d.read_at from broadcasts b ${read}
     where b.user_ids is null and b.at >= (select u.created_at from users u where u.id = $4) and ${isWanted} ${tail})
    union all
    (select ${columns}, array[$4::text] as user_ids, d.read_at from broadcast_recipients w
     join broadcasts b on b.id = w.broadcast_id ${read} where w.user_id = $4 and ${isWanted} ${tail})
  ) b ${tail}`;
};

const sentStatements = {
  forward: pageStatement('forward', sentRows),
  backward: pageStatement('backward', sentRows),
};
const userStatements = {
  forward: pageStatement('forward', userRows),
  backward: pageStatement('backward', userRows),
};

const readWrites = `
  written_read as (
    insert into broadcast_reads (broadcast_id, user_id, read_at) values ($2, $3, $4)
  )`;

const markRead = async (
  context: StoreContext,
  tx: Transaction,
  id: string,
  userId: string,
): Promise<OwnerOutcome<Broadcast>> => {
  const [row] = await tx.query<BroadcastRow>(
    `select b.id, b.text, b.at, b.expires_at, d.read_at, case when b.user_ids is null then null else array[$2::text] end as user_ids
     from broadcasts b join users u on u.id = $2 left join broadcast_reads d on d.broadcast_id = b.id and d.user_id = u.id
     where b.id = $1 and case when b.user_ids is null then b.at >= u.created_at else u.id = any(b.user_ids) end`,
    [id, userId],
  );
  if (!row) return { kind: 'not-found' };
  if (row.read_at !== null) return { kind: 'done', result: toBroadcast(row), placed: [] };
  const at = context.now();
  const event = newEvent({ type: 'BroadcastRead', broadcastId: id }, at);
  const placed = await place(context, tx.last, [{ event, topics: [userTopic(userId)] }], {
    ctes: readWrites,
    values: [id, userId, at],
  });
  return { kind: 'done', result: toBroadcast({ ...row, read_at: at }), placed };
};

export const createBroadcastStore = (context: StoreContext): BroadcastStore => {
  const { sql, known, now } = context;

  const readPage = async (
    statement: string,
    page: PageArguments,
    values: readonly unknown[],
  ): Promise<Page<Broadcast>> => {
    const start = timeStart(page, 'b');
    const rows = await sql.query<PageRow>(statement, [start.time, start.id, page.limit + 1, ...values]);
    const [head] = rows;
    if (!head) throw new Error('the log has no identity');
    known.epoch = head.epoch;
    const found = rows.flatMap((row) => (row.id === null ? [] : [row]));
    return { ...cutPage(found, page, head.has_others, toBroadcast), seq: head.seq, epoch: head.epoch };
  };

  return {
    add: (input) => sql.transaction((tx) => add(context, tx, input), { retryOnDuplicate: true }),

    page: (page) => readPage(sentStatements[page.direction], page, []),

    pageFor: (userId, unreadOnly, page) =>
      readPage(userStatements[page.direction], page, [userId, now(), unreadOnly]),

    async markRead(id, userId) {
      if (!isEntityId(id)) return { kind: 'not-found' };
      return sql.transaction((tx) => markRead(context, tx, id, userId), { retryOnDuplicate: true });
    },
  };
};
