import { type Position, parseCursor } from '../../../src/domain/cursor.ts';
import type { FactOf, Frame } from '../history.ts';
import type { Story } from './stories.ts';

/**
 * How one subscription moved along its topics. `before` is where it stood, null where it had no position: no cursor was
 * given and no `Ready` has told one since.
 */
export type Step =
  | {
      readonly kind: 'event';
      readonly frame: Frame;
      readonly atMs: number;
      readonly at: Position;
      readonly before: Position | null;
    }
  | {
      readonly kind: 'ready';
      readonly frame: Frame;
      readonly atMs: number;
      readonly at: Position;
      readonly before: Position | null;
      /** It had a position in every topic that this Ready names. */
      readonly isCovered: boolean;
      /** A Resync of any topic came on this connection. */
      readonly isResynced: boolean;
    }
  | {
      readonly kind: 'resync';
      readonly frame: Frame;
      readonly atMs: number;
      readonly at: Position;
      readonly before: Position | null;
    }
  | { readonly kind: 'settled'; readonly atMs: number; readonly before: Position }
  | { readonly kind: 'malformed'; readonly frame: Frame; readonly atMs: number };

const tryParse = (cursor: string | undefined): Position | null => {
  try {
    return cursor === undefined ? null : parseCursor(cursor);
  } catch {
    return null;
  }
};

interface Walk {
  positions: Map<string, Position>;
  isReady: boolean;
  isResynced: boolean;
}

const beginningOf = (story: Story): Map<string, Position> => {
  const positions = new Map<string, Position>();
  for (const cursor of story.after) {
    const position = tryParse(cursor);
    if (position) positions.set(position.topic, position);
  }
  return positions;
};

const stepsOfCursors = (walk: Walk, { frame, atMs }: FactOf<'received'>): Step[] => {
  const { isResynced } = walk;
  const cursors = frame.cursors ?? [];
  const isCovered = cursors.every(({ topic }) => walk.positions.has(topic));
  if (frame.__typename === 'Ready') walk.isReady = true;
  else walk.isResynced = true;
  return cursors.map(({ topic, cursor }): Step => {
    const at = tryParse(cursor);
    if (!at || at.topic !== topic) return { kind: 'malformed', frame, atMs };
    const before = walk.positions.get(topic) ?? null;
    walk.positions.set(topic, at);
    return frame.__typename === 'Ready'
      ? { kind: 'ready', frame, atMs, at, before, isCovered, isResynced }
      : { kind: 'resync', frame, atMs, at, before };
  });
};

const stepsOfFrame = (walk: Walk, fact: FactOf<'received'>): Step[] => {
  const { frame, atMs } = fact;
  if (frame.__typename === 'AnswerDelta') return [];
  if (frame.__typename === 'Ready' || frame.__typename === 'Resync') return stepsOfCursors(walk, fact);
  const at = tryParse(frame.cursor);
  if (!at || at.topic !== frame.topic) return [{ kind: 'malformed', frame, atMs }];
  const before = walk.positions.get(at.topic) ?? null;
  // One that comes out of order does not take the subscription back.
  if (!before || before.epoch !== at.epoch || at.seq > before.seq) walk.positions.set(at.topic, at);
  return [{ kind: 'event', frame, atMs, at, before }];
};

export const stepsOf = (story: Story): Step[] => {
  const walk: Walk = { positions: beginningOf(story), isReady: false, isResynced: false };
  const steps: Step[] = [];
  let isOver = false;
  for (const fact of story.facts) {
    if (fact.kind === 'received') steps.push(...stepsOfFrame(walk, fact));
    else if (fact.kind === 'connected') {
      walk.isResynced = false;
      if (story.resumption !== 'anew') continue;
      walk.positions = beginningOf(story);
      walk.isReady = false;
    } else if (fact.kind === 'subscription-ended' || fact.kind === 'client-retired') isOver = true;
    else if (fact.kind === 'settled' && !isOver && walk.isReady) {
      for (const before of walk.positions.values()) steps.push({ kind: 'settled', atMs: fact.atMs, before });
    }
  }
  return steps;
};
