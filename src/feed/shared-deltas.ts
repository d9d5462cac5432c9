import type { DeltaItem } from './items.ts';
import type { Progress } from './progress.ts';

/** The deltas of one conversation's answers: subscribers that were told as much get one object, however many they are. */
export interface SharedDeltas {
  from(progress: Progress, offset: number): DeltaItem;
}

export const createSharedDeltas = (conversationId: string): SharedDeltas => {
  let last: DeltaItem | null = null;
  let lastText = '';

  return {
    from({ messageId, attempt, text, tail }, offset) {
      const known = last?.delta;
      const isSame =
        known?.messageId === messageId &&
        known.attempt === attempt &&
        known.offset === offset &&
        lastText === text;
      if (last && isSame) return last;
      lastText = text;
      const fresh = offset === text.length - tail.length ? tail : text.slice(offset);
      last = { kind: 'delta', delta: { messageId, conversationId, attempt, offset, text: fresh } };
      return last;
    },
  };
};
