import { type Conversation, maxParticipants } from '../domain/entities.ts';
import { isEntityId, isStorable } from '../domain/text.ts';
import { userTopic } from '../domain/topics.ts';
import { newId } from '../util/id.ts';
import type { StoreContext } from './context.ts';
import { type LockedConversation, lockConversation, topicsOf } from './conversation-lock.ts';
import { pageOfConversations } from './conversation-pages.ts';
import { messagesWithAnswers } from './message-rows.ts';
import { newEvent, type Placement, place, type Writes } from './outbox.ts';
import type { ConversationStore, OwnerOutcome } from './port.ts';
import { removeConversation, removeParticipant } from './removal.ts';
import {
  type ConversationRow,
  conversationColumns,
  type MessageRow,
  messageColumns,
  toConversation,
  toMessage,
  toUser,
  type UserRow,
  userColumns,
} from './rows.ts';
import { shareStatement } from './share-statement.ts';
import type { Transaction } from './sql.ts';

const createStatement = `
  written_conversation as (
    insert into conversations (id, owner_id, client_conversation_id, requested_title, title, is_renamed, created_at,
      updated_at)
    values ($2, $3, $4, $5, coalesce($5, ''), $5 is not null, $6, $6)
  ), written_participant as (
    insert into participants (conversation_id, user_id, joined_at, changed_at) values ($2, $3, $6, $6)
  )`;

type CreateInput = Parameters<ConversationStore['create']>[0];
type CreateOutcome = Awaited<ReturnType<ConversationStore['create']>>;

const findCreated = async (tx: Transaction, input: CreateInput): Promise<CreateOutcome | null> => {
  const [row] = await tx.query<ConversationRow & { is_same: boolean }>(
    `select ${conversationColumns}, c.requested_title is not distinct from $3 and c.deleted_at is null as is_same
     from conversations c where c.owner_id = $1 and c.client_conversation_id = $2`,
    [input.ownerId, input.clientConversationId, input.title],
  );
  if (!row) return null;
  return row.is_same ? { kind: 'created', result: toConversation(row), placed: [] } : { kind: 'conflict' };
};

const create = async (context: StoreContext, tx: Transaction, input: CreateInput): Promise<CreateOutcome> => {
  const repeat = await findCreated(tx, input);
  if (repeat) return repeat;
  const at = context.now();
  const conversation: Conversation = {
    id: newId(),
    title: input.title ?? '',
    ownerId: input.ownerId,
    createdAt: at.toISOString(),
    updatedAt: at.toISOString(),
  };
  const topics = topicsOf(conversation.id, [input.ownerId]);
  const placed = await place(context, tx.last, [{ event: toUpdated(conversation, at), topics }], {
    ctes: createStatement,
    values: [conversation.id, input.ownerId, input.clientConversationId, input.title, at],
  });
  return { kind: 'created', result: conversation, placed };
};

const toUpdated = ({ id, title }: Conversation, at: Date) =>
  newEvent({ type: 'ConversationUpdated', conversationId: id, title }, at);

const renameWrites = `
  written_conversation as (
    update conversations set title = $3, is_renamed = true, updated_at = $4, revision = revision + 1 where id = $2
  ), written_participants as (
    update participants set changed_at = $4 where conversation_id = $2
  )`;

const additionWrites = `
  written_conversation as (
    update conversations set updated_at = $4, revision = revision + 1 where id = $2
  ), written_participants as (
    update participants set changed_at = $4 where conversation_id = $2
  ), written_participant as (
    insert into participants (conversation_id, user_id, joined_at, changed_at) values ($2, $3, $4, $4)
  )`;

const readWrites = `
  written_conversation as (
    update conversations set revision = revision + 1 where id = $2
  ), written_participant as (
    update participants set read_position = $4 where conversation_id = $2 and user_id = $3
  )`;

type Done<T> = Extract<OwnerOutcome<T>, { kind: 'done' }>;

const unchanged = ({ conversation }: LockedConversation): Done<Conversation> => ({
  kind: 'done',
  result: conversation,
  placed: [],
});

/** Writes, places one event, and ends the transaction. */
const change = async (
  context: StoreContext,
  tx: Transaction,
  writes: Writes,
  conversation: Conversation,
  placement: Placement,
): Promise<Done<Conversation>> => ({
  kind: 'done',
  result: conversation,
  placed: await place(context, tx.last, [placement], writes),
});

interface Right {
  readonly id: string;
  readonly userId: string;
}

export const createConversationStore = (context: StoreContext): ConversationStore => {
  const { sql } = context;

  /** Locks the conversation for a participant, or for its owner only. */
  const asParticipant = <T>(
    id: string,
    viewerId: string,
    work: (tx: Transaction, locked: LockedConversation) => Promise<T>,
  ): Promise<T | { kind: 'not-found' }> =>
    sql.transaction(async (tx) => {
      const locked = await lockConversation(tx, id);
      if (!locked?.participantIds.includes(viewerId)) return { kind: 'not-found' };
      return work(tx, locked);
    });

  const asOwner = <T>(
    id: string,
    viewerId: string,
    work: (tx: Transaction, locked: LockedConversation) => Promise<T>,
  ): Promise<T | { kind: 'not-found' } | { kind: 'forbidden' }> =>
    asParticipant<T | { kind: 'forbidden' }>(id, viewerId, async (tx, locked) =>
      locked.conversation.ownerId === viewerId ? work(tx, locked) : { kind: 'forbidden' },
    );

  const hasRight = shareStatement({
    async run(rights: readonly Right[]) {
      const rows = await sql.query<{ has: boolean }>(
        `select exists (select from participants p where p.conversation_id = r.id and p.user_id = r.user_id) as has
         from unnest($1::uuid[], $2::text[]) with ordinality as r (id, user_id, place) order by r.place`,
        [rights.map(({ id }) => id), rights.map(({ userId }) => userId)],
      );
      return rows.map(({ has }) => has);
    },
    idOf: ({ id, userId }) => `${id}:${userId}`,
  });

  return {
    create: (input) => sql.transaction((tx) => create(context, tx, input), { retryOnDuplicate: true }),

    async find(id, viewerId) {
      if (!isEntityId(id)) return null;
      const [row] = await sql.query<ConversationRow>(
        `select ${conversationColumns} from conversations c
         join participants p on p.conversation_id = c.id and p.user_id = $2 where c.id = $1`,
        [id, viewerId],
      );
      return row ? toConversation(row) : null;
    },

    isParticipant: async (id, userId) => isEntityId(id) && hasRight({ id, userId }),

    page: (viewerId, page) => pageOfConversations(context, viewerId, page),

    async unreadCount(id, viewerId) {
      if (!isEntityId(id)) return 0;
      const [row] = await sql.query<{ count: number }>(
        `select count(*) as count from participants p join messages m on m.conversation_id = p.conversation_id
           and m.position > p.read_position and not (m.author_kind = 'LEARNER' and m.author_id = p.user_id)
         where p.conversation_id = $1 and p.user_id = $2`,
        [id, viewerId],
      );
      return row?.count ?? 0;
    },

    async lastMessage(id) {
      if (!isEntityId(id)) return null;
      const [row] = await sql.query<MessageRow>(
        `select ${messageColumns} from ${messagesWithAnswers} where m.conversation_id = $1
         order by m.position desc limit 1`,
        [id],
      );
      return row ? toMessage(row) : null;
    },

    async participants(id) {
      if (!isEntityId(id)) return [];
      const rows = await sql.query<UserRow & { joined_at: Date }>(
        `select ${userColumns}, p.joined_at from participants p join users u on u.id = p.user_id
         where p.conversation_id = $1 order by p.joined_at, u.id`,
        [id],
      );
      return rows.map((row) => ({ user: toUser(row), joinedAt: row.joined_at.toISOString() }));
    },

    rename: (id, viewerId, title) =>
      asOwner(id, viewerId, async (tx, locked) => {
        if (locked.isRenamed && locked.conversation.title === title) return unchanged(locked);
        const at = context.now();
        const conversation = { ...locked.conversation, title, updatedAt: at.toISOString() };
        return change(context, tx, { ctes: renameWrites, values: [id, title, at] }, conversation, {
          event: toUpdated(conversation, at),
          topics: topicsOf(id, locked.participantIds),
        });
      }),

    remove: (id, viewerId) => asOwner(id, viewerId, (tx, locked) => removeConversation(context, tx, locked)),

    addParticipant: (id, viewerId, userId) =>
      asOwner(id, viewerId, async (tx, locked) => {
        if (locked.participantIds.includes(userId)) return unchanged(locked);
        if (!isStorable(userId)) return { kind: 'unknown-user' as const };
        const users = await tx.query<{ id: string }>('select id from users where id = $1', [userId]);
        if (users.length === 0) return { kind: 'unknown-user' as const };
        if (locked.participantIds.length >= maxParticipants) return { kind: 'full' as const };
        const at = context.now();
        const conversation = { ...locked.conversation, updatedAt: at.toISOString() };
        return change(context, tx, { ctes: additionWrites, values: [id, userId, at] }, conversation, {
          event: toUpdated(conversation, at),
          topics: topicsOf(id, [...locked.participantIds, userId]),
        });
      }),

    removeParticipant: (id, viewerId, userId) =>
      asParticipant(id, viewerId, async (tx, locked) => {
        if (userId !== viewerId && locked.conversation.ownerId !== viewerId) {
          return { kind: 'forbidden' as const };
        }
        if (!locked.participantIds.includes(userId)) return unchanged(locked);
        return removeParticipant(context, tx, locked, userId);
      }),

    markRead: (id, viewerId, messageId) =>
      asParticipant(id, viewerId, async (tx, locked) => {
        if (!isEntityId(messageId)) return { kind: 'not-found' as const };
        const [row] = await tx.query<{ position: number; is_ahead: boolean }>(
          `select m.position, m.position > p.read_position as is_ahead
           from messages m join participants p on p.conversation_id = m.conversation_id and p.user_id = $3
           where m.id = $1 and m.conversation_id = $2`,
          [messageId, id, viewerId],
        );
        if (!row) return { kind: 'not-found' as const };
        if (!row.is_ahead) return unchanged(locked);
        const writes = { ctes: readWrites, values: [id, viewerId, row.position] };
        return change(context, tx, writes, locked.conversation, {
          event: newEvent({ type: 'ConversationRead', conversationId: id, messageId }, context.now()),
          topics: [userTopic(viewerId)],
        });
      }),
  };
};
