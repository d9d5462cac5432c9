import { type AnswerFailure, type AnswerUsage, type ClosedState, toFailure } from '../domain/answer.ts';
import type { StoredEvent } from '../domain/events.ts';
import type { LockedConversation } from './conversation-lock.ts';
import { topicsOf } from './conversation-lock.ts';
import { newEvent, type Placement, type Writes } from './outbox.ts';
import type { SharedText } from './port.ts';
import { checkpointText } from './rows.ts';
import type { Transaction } from './sql.ts';

/** The end of an answer, which comes once. */
export interface Ending {
  readonly messageId: string;
  readonly state: ClosedState;
  readonly text: string;
  readonly failure: AnswerFailure | null;
  readonly usage: AnswerUsage | null;
}

/** The CTEs that write an ending. The conversation is locked and the answer is open. */
export const endingWrites = (ending: Ending, at: Date): Writes => ({
  ctes: `
    ended_message as (update messages set text = $3 where id = $2),
    ended_chunks as (delete from answer_chunks where message_id = $2),
    ended_answer as (
      update answers set state = $4, closed_at = $5, lease_node = null, failure_code = $6, failure_message = $7,
        failure_temporary = $8, input_tokens = $9, output_tokens = $10
      where message_id = $2
      returning conversation_id
    ),
    changed_conversation as (
      update conversations c set revision = c.revision + 1 from ended_answer e where c.id = e.conversation_id
    )`,
  values: [
    ending.messageId,
    ending.text,
    ending.state,
    at,
    ending.failure?.code ?? null,
    ending.failure?.message ?? null,
    ending.failure?.temporary ?? null,
    ending.usage?.inputTokens ?? null,
    ending.usage?.outputTokens ?? null,
  ],
});

/** The same as a statement of its own, for transactions that end several answers. */
export const writeEnding = async (tx: Transaction, ending: Ending, at: Date): Promise<void> => {
  const { ctes, values } = endingWrites(ending, at);
  await tx.query(`with ${ctes} select $1::text`, ['', ...values]);
};

const toEvent = (conversationId: string, ending: Ending, at: Date): StoredEvent => {
  const { messageId, text, failure } = ending;
  if (ending.state === 'FINISHED') {
    return newEvent({ type: 'AnswerFinished', conversationId, messageId, text }, at);
  }
  if (ending.state === 'STOPPED') {
    return newEvent({ type: 'AnswerStopped', conversationId, messageId, text }, at);
  }
  const reason = failure ?? toFailure('INTERNAL');
  return newEvent({ type: 'AnswerFailed', conversationId, messageId, text, failure: reason }, at);
};

export const endingPlacement = (locked: LockedConversation, ending: Ending, at: Date): Placement => ({
  event: toEvent(locked.conversation.id, ending, at),
  topics: topicsOf(locked.conversation.id, locked.participantIds),
});

/** What was made of the answer in its current attempt. */
const readCheckpoint = async (tx: Transaction, messageId: string): Promise<string> => {
  const [row] = await tx.query<{ text: string }>(
    `select ${checkpointText} as text from answers a where a.message_id = $1`,
    [messageId],
  );
  return row?.text ?? '';
};

/**
 * The longest text known of the attempt that was made last. What is shared may be that of an older attempt, or have lost
 * its beginning: then the checkpoint is all there is.
 */
export const readLongest = async (
  tx: Transaction,
  { messageId, attempt }: { messageId: string; attempt: number },
  shared: SharedText | null,
): Promise<string> => {
  const text = await readCheckpoint(tx, messageId);
  return shared?.attempt === attempt && shared.text.startsWith(text) ? shared.text : text;
};

export const stoppedEnding = (messageId: string, text: string): Ending => ({
  messageId,
  state: 'STOPPED',
  text,
  failure: null,
  usage: null,
});
