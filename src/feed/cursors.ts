import { type Position, parseCursor } from '../domain/cursor.ts';
import { badInput } from '../domain/errors.ts';
import type { Topic } from '../domain/topics.ts';

/** Where a subscription wants to go on. */
export type Cursors = ReadonlyMap<Topic, Position>;

/** @throws BAD_INPUT for a cursor that is malformed, of a topic that is not read, or the second of one topic. */
export const parseCursors = (after: readonly string[], topics: readonly Topic[]): Cursors => {
  const cursors = new Map<Topic, Position>();
  for (const text of after) {
    const position = parseCursor(text);
    if (!topics.includes(position.topic)) {
      throw badInput('after', 'holds a cursor of a topic that this subscription does not read.');
    }
    if (cursors.has(position.topic)) {
      throw badInput('after', 'holds two cursors of one topic; give the newer one.');
    }
    cursors.set(position.topic, position);
  }
  return cursors;
};
