import { type AnswerState, maxWaitingAnswers } from '../domain/answer.ts';
import { type Conversation, type Message, titleLength, tutorId } from '../domain/entities.ts';
import { firstCharacters, isEntityId } from '../domain/text.ts';
import { newId } from '../util/id.ts';
import { endingPlacement, stoppedEnding, writeEnding } from './closing.ts';
import type { StoreContext } from './context.ts';
import {
  type LockedAnswer,
  type LockedConversation,
  lockConversation,
  topicsOf,
} from './conversation-lock.ts';
import { findMessage, toWaitingAnswer } from './message-rows.ts';
import { newEvent, type Placement, place, type Writes } from './outbox.ts';
import type { SendInput, SendOutcome } from './port.ts';
import { type ConversationRow, conversationColumns, toConversation } from './rows.ts';
import { createSendAtOnce } from './send-at-once.ts';
import { sqlState, type Transaction } from './sql.ts';

interface RepeatRow extends ConversationRow {
  message_id: string;
  answer_id: string | null;
  text: string;
  wants_answer: boolean;
  starts_conversation: boolean;
  seq_before: number;
  takes_part: boolean;
}

/** The message that this sender sent under this id before, if any. */
const repeatStatement = `
select ${conversationColumns}, m.id as message_id, m.text, m.wants_answer, m.starts_conversation, m.seq_before,
  (select a.message_id from answers a where a.in_reply_to = m.id order by a.position limit 1) as answer_id,
  exists (select from participants p where p.conversation_id = c.id and p.user_id = $1) as takes_part
from messages m join conversations c on c.id = m.conversation_id
where m.author_id = $1 and m.client_message_id = $2`;

const findRepeat = async (
  { known }: StoreContext,
  tx: Transaction,
  input: SendInput,
): Promise<SendOutcome | null> => {
  const [row] = await tx.query<RepeatRow>(repeatStatement, [input.author.id, input.clientMessageId]);
  if (!row) return null;
  if (!row.takes_part) return { kind: 'not-found' };
  const isSamePlace =
    input.conversationId === null ? row.starts_conversation : input.conversationId === row.id;
  if (!isSamePlace || row.text !== input.text || row.wants_answer !== input.answer)
    return { kind: 'conflict' };
  const message = await findMessage(tx, row.message_id);
  if (!message) return { kind: 'not-found' };
  return {
    kind: 'sent',
    result: {
      message,
      answer: row.answer_id === null ? null : await findMessage(tx, row.answer_id),
      conversation: toConversation(row),
      seqBefore: row.seq_before,
      epoch: known.epoch,
      repeated: true,
      stopping: [],
      unmade: [],
    },
    placed: [],
  };
};

/** What is done to the open answers, or the refusal. */
type Interruption =
  | { readonly kind: 'refused'; readonly messageId: string }
  /** `close`: at once, they were not begun. `stop`: their stop is requested. */
  | { readonly kind: 'accepted'; readonly close: LockedAnswer[]; readonly stop: LockedAnswer[] };

const isWaiting = ({ state }: { state: AnswerState }): boolean => state === 'WAITING';

const decide = (openAnswers: readonly LockedAnswer[], input: SendInput): Interruption => {
  const nothing: Interruption = { kind: 'accepted', close: [], stop: [] };
  const [first] = openAnswers;
  if (!input.answer || !first) return nothing;
  if (input.whileAnswering === 'REFUSE') return { kind: 'refused', messageId: first.messageId };
  const isInterrupt = input.whileAnswering === 'INTERRUPT';
  const close = openAnswers.filter(
    (answer) => isInterrupt && isWaiting(answer) && answer.askedBy === input.author.id,
  );
  const waiting = openAnswers.filter((answer) => isWaiting(answer) && !close.includes(answer));
  if (waiting.length >= maxWaitingAnswers) return { kind: 'refused', messageId: first.messageId };
  const stop = openAnswers.filter((answer) => isInterrupt && !isWaiting(answer));
  return { kind: 'accepted', close, stop };
};

const idsOf = (answers: readonly LockedAnswer[], isHeld: boolean): string[] =>
  answers.filter((answer) => answer.isHeld === isHeld).map(({ messageId }) => messageId);

const unsaved = (input: SendInput, at: Date): LockedConversation => ({
  conversation: {
    id: newId(),
    title: '',
    ownerId: input.author.id,
    createdAt: at.toISOString(),
    updatedAt: at.toISOString(),
  },
  isRenamed: false,
  lastPosition: 0,
  participantIds: [input.author.id],
  seq: 0,
  openAnswers: [],
});

const newConversation = `
  written_conversation as (
    insert into conversations (id, owner_id, title, is_renamed, last_position, created_at, updated_at)
    values ($2, $3, $4, false, $5, $6, $6)
  ), written_participants as (
    insert into participants (conversation_id, user_id, read_position, joined_at, changed_at) values ($2, $3, $7, $6, $6)
  )`;

const knownConversation = `
  written_conversation as (
    update conversations set title = $4, last_position = $5, updated_at = $6, revision = revision + 1 where id = $2
  ), written_participants as (
    update participants set changed_at = $6, read_position = case when user_id = $3 then $7 else read_position end
    where conversation_id = $2
  )`;

const newMessage = `
  written_message as (
    insert into messages (id, conversation_id, position, author_kind, author_id, author_name, text, client_message_id,
      wants_answer, starts_conversation, seq_before, created_at)
    values ($8, $2, $7, 'LEARNER', $3, $9, $10, $11, $12, $13, $14, $6)
  )`;

const newAnswer = `
  written_answer_message as (
    insert into messages (id, conversation_id, position, author_kind, author_id, author_name, text, in_reply_to, created_at)
    values ($15, $2, $5, 'TUTOR', $16, $17, '', $8, $6)
  ), written_answer as (
    insert into answers (message_id, conversation_id, position, in_reply_to, asked_by, state, created_at)
    values ($15, $2, $5, $8, $3, 'WAITING', $6)
  )`;

interface Draft {
  readonly isNew: boolean;
  readonly conversation: Conversation;
  readonly message: Message;
  readonly answer: Message | null;
  readonly seqBefore: number;
}

const draft = (input: SendInput, locked: LockedConversation, at: Date): Draft => {
  const isNew = input.conversationId === null;
  const { title, id: conversationId } = locked.conversation;
  const isUntitled = title === '' && !locked.isRenamed;
  const createdAt = at.toISOString();
  const message: Message = {
    id: newId(),
    conversationId,
    position: locked.lastPosition + 1,
    author: { kind: 'LEARNER', id: input.author.id, name: input.author.name },
    text: input.text,
    inReplyTo: null,
    retryOf: null,
    answer: null,
    createdAt,
  };
  const tutor = { kind: 'TUTOR', id: tutorId, name: input.tutorName } as const;
  const position = message.position + 1;
  return {
    isNew,
    conversation: {
      ...locked.conversation,
      title: isUntitled ? firstCharacters(input.text, titleLength) : title,
      updatedAt: createdAt,
    },
    message,
    answer: input.answer
      ? toWaitingAnswer({
          id: newId(),
          conversationId,
          position,
          tutor,
          inReplyTo: message.id,
          retryOf: null,
          at,
        })
      : null,
    // A new conversation's topic begins with its ConversationUpdated.
    seqBefore: isNew ? 1 : locked.seq,
  };
};

const toWrites = (input: SendInput, { isNew, conversation, message, answer, seqBefore }: Draft): Writes => ({
  ctes: [isNew ? newConversation : knownConversation, newMessage, ...(answer ? [newAnswer] : [])].join(','),
  values: [
    conversation.id,
    input.author.id,
    conversation.title,
    answer?.position ?? message.position,
    conversation.updatedAt,
    message.position,
    message.id,
    input.author.name,
    input.text,
    input.clientMessageId,
    input.answer,
    isNew,
    seqBefore,
    ...(answer ? [answer.id, answer.author.id, answer.author.name] : []),
  ],
});

const toPlacements = (
  { isNew, conversation, message, answer }: Draft,
  before: Conversation,
  locked: LockedConversation,
  endings: readonly Placement[],
  at: Date,
): Placement[] => {
  const conversationId = conversation.id;
  const topics = topicsOf(conversationId, locked.participantIds);
  const updated =
    isNew || conversation.title !== before.title
      ? [newEvent({ type: 'ConversationUpdated', conversationId, title: conversation.title }, at)]
      : [];
  const added = newEvent({ type: 'MessageAdded', conversationId, message }, at);
  const answerAdded = answer ? [newEvent({ type: 'MessageAdded', conversationId, message: answer }, at)] : [];
  const placeHere = (event: Placement['event']): Placement => ({ event, topics });
  // The message is the first of this transaction's events in a known conversation: its cursor is before all of them.
  return [
    ...(isNew ? [...updated, added] : [added, ...updated]).map(placeHere),
    ...endings,
    ...answerAdded.map(placeHere),
  ];
};

const interrupt = async (
  tx: Transaction,
  locked: LockedConversation,
  { close, stop }: Extract<Interruption, { kind: 'accepted' }>,
  at: Date,
): Promise<Placement[]> => {
  const endings: Placement[] = [];
  for (const { messageId } of close) {
    const ending = stoppedEnding(messageId, '');
    await writeEnding(tx, ending, at);
    endings.push(endingPlacement(locked, ending, at));
  }
  if (stop.length > 0) {
    await tx.query(
      `update answers set stop_requested_at = coalesce(stop_requested_at, clock_timestamp()) where message_id = any($1::uuid[])`,
      [stop.map((answer) => answer.messageId)],
    );
  }
  return endings;
};

const sendIn = async (
  context: StoreContext,
  tx: Transaction,
  input: SendInput,
  lookUpFirst: boolean,
): Promise<SendOutcome> => {
  const at = context.now();
  const locked =
    input.conversationId === null ? unsaved(input, at) : await lockConversation(tx, input.conversationId);
  if (!locked?.participantIds.includes(input.author.id)) return { kind: 'not-found' };
  const interruption = decide(locked.openAnswers, input);
  const isRefused = interruption.kind === 'refused';
  // A repeat is answered as the first time, even when the same would be refused now.
  const repeat = lookUpFirst || isRefused ? await findRepeat(context, tx, input) : null;
  if (repeat) return repeat;
  if (isRefused) return { kind: 'answer-in-progress', messageId: interruption.messageId };
  const sent = draft(input, locked, at);
  const endings = await interrupt(tx, locked, interruption, at);
  const placements = toPlacements(sent, locked.conversation, locked, endings, at);
  const placed = await place(context, tx.last, placements, toWrites(input, sent));
  const { message, answer, conversation, seqBefore } = sent;
  return {
    kind: 'sent',
    result: {
      message,
      answer,
      conversation,
      seqBefore,
      epoch: context.known.epoch,
      repeated: false,
      stopping: idsOf(interruption.stop, true),
      unmade: idsOf(interruption.stop, false),
    },
    placed,
  };
};

/** One transaction, which is what is left for all that is not as usual. */
const sendInTransaction = (
  context: StoreContext,
  input: SendInput,
  isRepeat: boolean,
): Promise<SendOutcome> => {
  let lookUpFirst = isRepeat || input.conversationId === null;
  return context.sql.transaction(
    (tx) => {
      const isRepeatLikely = lookUpFirst;
      lookUpFirst = true;
      return sendIn(context, tx, input, isRepeatLikely);
    },
    { retryOnDuplicate: true },
  );
};

/**
 * One statement if it can be. A message sent before is found by the unique index when it is written again; only then it is
 * looked up. So what happens nearly always, a new message, costs no look-up.
 */
export const createSend = (context: StoreContext): ((input: SendInput) => Promise<SendOutcome>) => {
  const sendAtOnce = createSendAtOnce(context);
  return async (input) => {
    const { conversationId } = input;
    if (conversationId === null || !isEntityId(conversationId))
      return sendInTransaction(context, input, false);
    try {
      const sent = await sendAtOnce({ ...input, conversationId });
      return sent ?? (await sendInTransaction(context, input, false));
    } catch (error) {
      if (sqlState(error) !== '23505') throw error;
      return sendInTransaction(context, input, true);
    }
  };
};
