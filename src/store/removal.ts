import type { Conversation } from '../domain/entities.ts';
import { conversationTopic, userTopic } from '../domain/topics.ts';
import type { StoreContext } from './context.ts';
import type { LockedConversation } from './conversation-lock.ts';
import { newEvent, type Placement, place } from './outbox.ts';
import type { OwnerOutcome } from './port.ts';
import type { Transaction } from './sql.ts';

/** The ends of the right to a conversation. Whoever loses it hears so in their own topic; feeds hear it in the conversation's. */

type Done<T> = Extract<OwnerOutcome<T>, { kind: 'done' }>;

const toPlacements = (
  conversationId: string,
  removedIds: readonly string[],
  accessEndedFor: string | null,
  at: Date,
): Placement[] => [
  {
    event: newEvent({ type: 'ConversationRemoved', conversationId }, at),
    topics: removedIds.map(userTopic),
  },
  {
    event: newEvent({ type: 'AccessEnded', conversationId, userId: accessEndedFor }, at),
    topics: [conversationTopic(conversationId)],
  },
];

/**
 * The texts go at once (the log forgets its copies when it is trimmed). Rows without text stay: a late repeat of a message
 * finds them and begins nothing anew, and what the learner used stays counted.
 */
const deleteWrites = `
  deleted_conversation as (
    update conversations set deleted_at = $3, title = '', revision = revision + 1 where id = $2
  ), deleted_participants as (
    delete from participants where conversation_id = $2
  ), deleted_texts as (
    update messages set text = '', author_name = '' where conversation_id = $2
  ), deleted_chunks as (
    delete from answer_chunks k using messages m where m.conversation_id = $2 and m.id = k.message_id
  ), stopped_answers as (
    update answers set state = 'STOPPED', closed_at = $3, lease_node = null
    where conversation_id = $2 and state in ('WAITING', 'GENERATING')
  )`;

export const removeConversation = async (
  context: StoreContext,
  tx: Transaction,
  { conversation: { id }, participantIds }: LockedConversation,
): Promise<Done<string>> => {
  const at = context.now();
  const writes = { ctes: deleteWrites, values: [id, at] };
  const placed = await place(context, tx.last, toPlacements(id, participantIds, null, at), writes);
  return { kind: 'done', result: id, placed };
};

const leaveWrites = `
  changed_conversation as (
    update conversations set revision = revision + 1 where id = $2
  ), removed_participant as (
    delete from participants where conversation_id = $2 and user_id = $3
  )`;

export const removeParticipant = async (
  context: StoreContext,
  tx: Transaction,
  { conversation }: LockedConversation,
  userId: string,
): Promise<Done<Conversation>> => {
  const { id } = conversation;
  const writes = { ctes: leaveWrites, values: [id, userId] };
  const placed = await place(context, tx.last, toPlacements(id, [userId], userId, context.now()), writes);
  return { kind: 'done', result: conversation, placed };
};
