import type { Author, Message } from '../domain/entities.ts';
import { type MessageRow, messageColumns, toMessage } from './rows.ts';
import type { Query } from './sql.ts';

export const messagesWithAnswers = 'messages m left join answers a on a.message_id = m.id';

export const findMessage = async (query: Query, id: string): Promise<Message | null> => {
  const [row] = await query.query<MessageRow>(
    `select ${messageColumns} from ${messagesWithAnswers} where m.id = $1`,
    [id],
  );
  return row ? toMessage(row) : null;
};

export interface NewAnswer {
  readonly id: string;
  readonly conversationId: string;
  readonly position: number;
  readonly tutor: Author;
  readonly inReplyTo: string;
  readonly retryOf: string | null;
  readonly at: Date;
}

/** An answer as it begins: a message by the tutor, without text, that waits. */
export const toWaitingAnswer = (answer: NewAnswer): Message => ({
  id: answer.id,
  conversationId: answer.conversationId,
  position: answer.position,
  author: answer.tutor,
  text: '',
  inReplyTo: answer.inReplyTo,
  retryOf: answer.retryOf,
  answer: { state: 'WAITING', attempt: 0, failure: null, startedAt: null, closedAt: null, usage: null },
  createdAt: answer.at.toISOString(),
});
