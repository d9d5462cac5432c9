import { tutorId } from '../domain/entities.ts';
import { newId } from '../util/id.ts';
import type { StoreContext } from './context.ts';
import { type LockedConversation, lockConversationOf, topicsOf } from './conversation-lock.ts';
import { findMessage, toWaitingAnswer } from './message-rows.ts';
import { newEvent, place, type Writes } from './outbox.ts';
import type { RetryOutcome } from './port.ts';
import type { Transaction } from './sql.ts';

export interface RetryInput {
  readonly viewer: { readonly id: string; readonly name: string };
  /** The answer to make again. */
  readonly messageId: string;
  readonly clientRetryId: string;
  readonly tutorName: string;
}

interface RetriedRow {
  in_reply_to: string;
  is_last: boolean;
  /** The answer that this viewer asked for under this id before. */
  repeat_id: string | null;
  repeat_of: string | null;
}

const readStatement = `
select a.in_reply_to, r.message_id as repeat_id, m.retry_of as repeat_of,
  not exists (select from messages later where later.conversation_id = a.conversation_id
    and later.position > a.position and later.author_kind = 'TUTOR') as is_last
from answers a
left join answers r on r.asked_by = $2 and r.client_retry_id = $3
left join messages m on m.id = r.message_id
where a.message_id = $1`;

const newAnswer = `
  written_message as (
    insert into messages (id, conversation_id, position, author_kind, author_id, author_name, text, in_reply_to, retry_of,
      created_at)
    values ($2, $3, $4, 'TUTOR', $5, $6, '', $7, $8, $9)
  ), written_answer as (
    insert into answers (message_id, conversation_id, position, in_reply_to, asked_by, client_retry_id, state, created_at)
    values ($2, $3, $4, $7, $10, $11, 'WAITING', $9)
  ), written_conversation as (
    update conversations set last_position = $4, updated_at = $9, revision = revision + 1 where id = $3
  ), written_participants as (
    update participants set changed_at = $9 where conversation_id = $3
  )`;

const addAnswer = async (
  context: StoreContext,
  tx: Transaction,
  locked: LockedConversation,
  input: RetryInput,
  inReplyTo: string,
): Promise<RetryOutcome> => {
  const at = context.now();
  const conversationId = locked.conversation.id;
  const answer = toWaitingAnswer({
    id: newId(),
    conversationId,
    position: locked.lastPosition + 1,
    tutor: { kind: 'TUTOR', id: tutorId, name: input.tutorName },
    inReplyTo,
    retryOf: input.messageId,
    at,
  });
  const writes: Writes = {
    ctes: newAnswer,
    values: [
      answer.id,
      conversationId,
      answer.position,
      answer.author.id,
      answer.author.name,
      inReplyTo,
      input.messageId,
      at,
      input.viewer.id,
      input.clientRetryId,
    ],
  };
  const topics = topicsOf(conversationId, locked.participantIds);
  const event = newEvent({ type: 'MessageAdded', conversationId, message: answer }, at);
  const placed = await place(context, tx.last, [{ event, topics }], writes);
  const conversation = { ...locked.conversation, updatedAt: at.toISOString() };
  return { kind: 'created', result: { answer, conversation, repeated: false }, placed };
};

const retryIn = async (context: StoreContext, tx: Transaction, input: RetryInput): Promise<RetryOutcome> => {
  const locked = await lockConversationOf(tx, input.messageId);
  if (!locked?.participantIds.includes(input.viewer.id)) return { kind: 'not-found' };
  const [row] = await tx.query<RetriedRow>(readStatement, [
    input.messageId,
    input.viewer.id,
    input.clientRetryId,
  ]);
  if (!row) return { kind: 'not-found' };
  if (row.repeat_id !== null) {
    const answer = row.repeat_of === input.messageId ? await findMessage(tx, row.repeat_id) : null;
    if (!answer) return { kind: 'conflict' };
    const { conversation } = locked;
    return { kind: 'created', result: { answer, conversation, repeated: true }, placed: [] };
  }
  const open = locked.openAnswers[0];
  if (open) return { kind: 'answer-in-progress', messageId: open.messageId };
  if (!row.is_last) return { kind: 'not-last' };
  return addAnswer(context, tx, locked, input, row.in_reply_to);
};

export const retry = (context: StoreContext, input: RetryInput): Promise<RetryOutcome> =>
  context.sql.transaction((tx) => retryIn(context, tx, input), { retryOnDuplicate: true });
