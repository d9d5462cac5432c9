import type { PlacedEvent } from '../domain/events.ts';
import { type Ending, endingPlacement, endingWrites } from './closing.ts';
import type { StoreContext } from './context.ts';
import {
  type LockedAnswer,
  type LockedConversation,
  lockConversationOf,
  topicsOf,
} from './conversation-lock.ts';
import { newEvent, place } from './outbox.ts';
import type { AnswerLease, Claimed } from './port.ts';
import type { Query, Transaction } from './sql.ts';

export interface ClaimInput {
  readonly messageId: string;
  readonly nodeId: string;
  readonly maxAttempts: number;
}

/** Everything about an answer goes through here: what it may do is decided by its state under the conversation's lock. */
const notClaimed: Claimed = { result: null, isUnmade: false, placed: [] };
const unmade: Claimed = { ...notClaimed, isUnmade: true };

/** Of the attempts begun, those whose holders died, stood still or gave up. */
export const isExhausted = ({ attempt, handovers }: LockedAnswer, maxAttempts: number): boolean =>
  attempt - handovers >= maxAttempts;

const beginWrites = `
  begun_answer as (
    update answers set state = 'GENERATING', attempt = 1, generation = generation + 1, lease_node = $4, started_at = $3,
      started_seq = $5 where message_id = $2
  ), changed_conversation as (
    update conversations set revision = revision + 1 where id = $6
  )`;

const begin = async (
  context: StoreContext,
  tx: Transaction,
  locked: LockedConversation,
  answer: LockedAnswer,
  nodeId: string,
): Promise<Claimed> => {
  const { id: conversationId } = locked.conversation;
  const { messageId, inReplyTo, askedBy } = answer;
  const at = context.now();
  const startedSeq = locked.seq + 1;
  const topics = topicsOf(conversationId, locked.participantIds);
  const event = newEvent({ type: 'AnswerStarted', conversationId, messageId }, at);
  const placed = await place(context, tx.last, [{ event, topics }], {
    ctes: beginWrites,
    values: [messageId, at, nodeId, startedSeq, conversationId],
  });
  const lease: AnswerLease = {
    messageId,
    conversationId,
    inReplyTo,
    askedBy,
    attempt: 1,
    generation: answer.generation + 1,
    startedSeq,
    startedAt: at.toISOString(),
  };
  return { result: lease, isUnmade: false, placed };
};

const takeOverStatement = `
with forgotten as (delete from answer_chunks where message_id = $1),
  changed_conversation as (update conversations set revision = revision + 1 where id = $3)
update answers set attempt = attempt + 1, generation = generation + 1, lease_node = $2 where message_id = $1
returning generation`;

const takeOver = async (
  tx: Transaction,
  locked: LockedConversation,
  answer: LockedAnswer,
  nodeId: string,
): Promise<Claimed> => {
  const { messageId, inReplyTo, askedBy, startedSeq, startedAt } = answer;
  const conversationId = locked.conversation.id;
  const [row] = await tx.query<{ generation: number }>(takeOverStatement, [
    messageId,
    nodeId,
    conversationId,
  ]);
  if (!row) throw new Error('an open answer is not there');
  const lease: AnswerLease = {
    messageId,
    conversationId,
    inReplyTo,
    askedBy,
    attempt: answer.attempt + 1,
    // Not the one read before: giving back raises it without the conversation's lock.
    generation: row.generation,
    startedSeq: startedSeq ?? 0,
    startedAt: startedAt === null ? '' : new Date(startedAt).toISOString(),
  };
  return { result: lease, isUnmade: false, placed: [] };
};

/** Ends one open answer of a locked conversation. */
export const endAnswer = (
  context: StoreContext,
  query: Query,
  locked: LockedConversation,
  ending: Ending,
): Promise<PlacedEvent[]> => {
  const at = context.now();
  return place(context, query, [endingPlacement(locked, ending, at)], endingWrites(ending, at));
};

export const claim = (
  context: StoreContext,
  { messageId, nodeId, maxAttempts }: ClaimInput,
): Promise<Claimed> =>
  context.sql.transaction(async (tx) => {
    const locked = await lockConversationOf(tx, messageId);
    const answer = locked?.openAnswers.find((one) => one.messageId === messageId);
    // Closed, or not the next of its conversation, or made by a node that lives.
    if (!locked || !answer || answer !== locked.openAnswers[0] || answer.isHeld) return notClaimed;
    if (answer.state === 'WAITING') return begin(context, tx, locked, answer, nodeId);
    if (answer.isStopRequested || isExhausted(answer, maxAttempts)) return unmade;
    return takeOver(tx, locked, answer, nodeId);
  });
