import type { AnswerState } from '../domain/answer.ts';
import type { Conversation } from '../domain/entities.ts';
import { isEntityId } from '../domain/text.ts';
import { conversationTopic, type Topic, userTopic } from '../domain/topics.ts';
import { isLiveNode } from './nodes.ts';
import { type ConversationRow, conversationColumns, toConversation } from './rows.ts';
import type { Transaction } from './sql.ts';

/**
 * Every change inside a conversation (its messages, answers, participants) locks the conversation's row first and raises
 * its `revision`. So what is read here stays true until the transaction ends, and the seq of the conversation's topic, which
 * only moves under this lock, is known before the topics are locked.
 */

/** An answer that is waiting or being made. */
export interface LockedAnswer {
  readonly messageId: string;
  readonly state: Extract<AnswerState, 'WAITING' | 'GENERATING'>;
  readonly position: number;
  readonly inReplyTo: string;
  readonly askedBy: string;
  readonly attempt: number;
  /** How many of its attempts were handed over, with nothing lost. */
  readonly handovers: number;
  readonly generation: number;
  readonly startedAt: string | null;
  readonly startedSeq: number | null;
  readonly isStopRequested: boolean;
  /** Whether a live node holds its lease. */
  readonly isHeld: boolean;
}

export interface LockedConversation {
  readonly conversation: Conversation;
  readonly isRenamed: boolean;
  readonly lastPosition: number;
  readonly participantIds: readonly string[];
  /** Seq of the conversation's topic. */
  readonly seq: number;
  /** In the order in which they are made. */
  readonly openAnswers: readonly LockedAnswer[];
}

interface LockedRow extends ConversationRow {
  is_renamed: boolean;
  last_position: number;
  participant_ids: string[];
  seq: number;
  open_answers: LockedAnswer[];
  is_current: boolean;
}

const lockStatement = (which: string): string => `
with locked as materialized (
  select ${conversationColumns}, c.is_renamed, c.last_position, c.revision from conversations c
  where c.id = ${which} and c.deleted_at is null for no key update
)
select c.id, c.title, c.owner_id, c.created_at, c.updated_at, c.is_renamed, c.last_position,
  array(select p.user_id from participants p where p.conversation_id = c.id order by p.user_id) as participant_ids,
  coalesce((select t.seq from topics t where t.name = 'conversation:' || c.id::text), 0) as seq,
  coalesce((select json_agg(json_build_object(
      'messageId', a.message_id, 'state', a.state, 'position', a.position, 'inReplyTo', a.in_reply_to,
      'askedBy', a.asked_by, 'attempt', a.attempt, 'handovers', a.handovers, 'generation', a.generation,
      'startedAt', a.started_at, 'startedSeq', a.started_seq, 'isStopRequested', a.stop_requested_at is not null,
      'isHeld', ${isLiveNode('a.lease_node')}) order by a.position)
    from answers a where a.conversation_id = c.id and a.state in ('WAITING', 'GENERATING')), '[]') as open_answers,
  c.revision = (select s.revision from conversations s where s.id = c.id) as is_current
from locked c`;

const byId = lockStatement('$1');
const byMessage = lockStatement('(select m.conversation_id from messages m where m.id = $1)');

const lock = async (tx: Transaction, statement: string, id: string): Promise<LockedConversation | null> => {
  if (!isEntityId(id)) return null;
  for (;;) {
    const [row] = await tx.query<LockedRow>(statement, [id]);
    if (!row) return null;
    // The lock gives the newest row, but the rest comes from the snapshot of before the wait. The second look finds the
    // lock held and the snapshot new.
    if (!row.is_current) continue;
    return {
      conversation: toConversation(row),
      isRenamed: row.is_renamed,
      lastPosition: row.last_position,
      participantIds: row.participant_ids,
      seq: row.seq,
      openAnswers: row.open_answers,
    };
  }
};

export const lockConversation = (tx: Transaction, conversationId: string) => lock(tx, byId, conversationId);

/** The conversation that a message (or an answer) stands in. */
export const lockConversationOf = (tx: Transaction, messageId: string) => lock(tx, byMessage, messageId);

/** Where an event of the conversation is placed: its own topic, and that of each participant. */
export const topicsOf = (conversationId: string, participantIds: readonly string[]): Topic[] => [
  conversationTopic(conversationId),
  ...participantIds.map(userTopic),
];
