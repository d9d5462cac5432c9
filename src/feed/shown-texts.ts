import type { DeltaItem } from './items.ts';
import type { Progress } from './progress.ts';
import type { SharedDeltas } from './shared-deltas.ts';

interface Shown {
  readonly attempt: number;
  readonly offset: number;
  readonly rewrites: number;
}

/** How far one subscription has been told the text of each answer: what is kept for it in place of queued deltas. */
export interface ShownTexts {
  /** What is new since the last delta; null: nothing, or nothing that may be shown. */
  toDelta(progress: Progress): DeltaItem | null;
  forget(messageId: string): void;
  clear(): void;
}

export const createShownTexts = (deltaFrom: SharedDeltas['from']): ShownTexts => {
  const shown = new Map<string, Shown>();

  const offsetOf = ({ messageId, attempt, rewrites }: Progress): number => {
    const before = shown.get(messageId);
    return before && before.attempt === attempt && before.rewrites === rewrites ? before.offset : 0;
  };

  return {
    toDelta(progress) {
      const { messageId, attempt, rewrites, text } = progress;
      const offset = offsetOf(progress);
      if (progress.isStopping || offset >= text.length) return null;
      shown.set(messageId, { attempt, offset: text.length, rewrites });
      return deltaFrom(progress, offset);
    },
    forget(messageId) {
      shown.delete(messageId);
    },
    clear() {
      shown.clear();
    },
  };
};
