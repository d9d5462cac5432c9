import type { PassedEvent } from './items.ts';

/** The last events that passed a feed, kept while somebody catches up with it. */
export interface RecentEvents {
  add(passed: PassedEvent): void;
  /** Until released, what passes is kept. */
  keep(): () => void;
  /** The events passed after this seq, when all of them are still kept; otherwise null. */
  after(seq: number): readonly PassedEvent[] | null;
  clear(): void;
}

const limit = 1_000;

/** `position`: the seq of the feed. What is kept is dense and ends there. */
export const createRecentEvents = (position: () => number): RecentEvents => {
  let kept: PassedEvent[] = [];
  let keepers = 0;

  return {
    add(passed) {
      if (keepers === 0) return;
      kept.push(passed);
      if (kept.length > limit) kept.shift();
    },
    keep() {
      keepers += 1;
      let isReleased = false;
      return () => {
        if (isReleased) return;
        isReleased = true;
        keepers -= 1;
        if (keepers === 0) kept = [];
      };
    },
    after(seq) {
      if (seq >= position()) return [];
      const first = kept[0];
      if (!first || first.seq > seq + 1) return null;
      return kept.slice(seq + 1 - first.seq);
    },
    clear() {
      kept = [];
    },
  };
};
