import { badInput } from './errors.ts';
import { isTopic, type Topic } from './topics.ts';

/**
 * A position in a topic: all events up to and with `seq` of the history `epoch` are behind it. Clients get it as an
 * opaque string and may only compare it for equality. When `epoch` is not the store's, seq means nothing: the store was
 * restored, and what the client saw may have been undone.
 */
export interface Position {
  readonly topic: Topic;
  readonly epoch: string;
  readonly seq: number;
}

const version = '1';

export const toCursor = (position: Position): string =>
  Buffer.from(`${version}.${position.epoch}.${position.seq.toString(36)}.${position.topic}`).toString(
    'base64url',
  );

/**
 * @param field the argument that held the cursor, for the message.
 * @throws {EdAgentError} BAD_INPUT when the text is not a cursor made by `toCursor`.
 */
export const parseCursor = (cursor: string, field = 'after'): Position => {
  const malformed = () => badInput(field, 'malformed cursor; give back one that this API sent, unchanged.');
  if (cursor.length > 1_024 || !/^[\w-]+$/.test(cursor)) throw malformed();
  const [head, epoch, seqText, ...rest] = Buffer.from(cursor, 'base64url').toString().split('.');
  const topic = rest.join('.');
  if (head !== version || !epoch || !seqText || !/^[0-9a-z]{1,11}$/.test(seqText) || !isTopic(topic)) {
    throw malformed();
  }
  const seq = Number.parseInt(seqText, 36);
  if (!Number.isSafeInteger(seq)) throw malformed();
  return { topic, epoch, seq };
};
