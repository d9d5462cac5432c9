import type { DeltaItem } from './items.ts';
import type { Progress } from './progress.ts';

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

/** Where deltas are made: one object for all who ask the same. */
interface DeltaSource {
  deltaFrom(progress: Progress, offset: number): DeltaItem;
}

class Texts implements ShownTexts {
  readonly #feed: DeltaSource;
  /** Null: of none. */
  #shown: Map<string, Shown> | null = null;

  constructor(feed: DeltaSource) {
    this.#feed = feed;
  }

  toDelta(progress: Progress): DeltaItem | null {
    const { messageId, attempt, rewrites, text } = progress;
    const offset = this.#offsetOf(progress);
    if (progress.isStopping || offset >= text.length) return null;
    this.#shown ??= new Map();
    this.#shown.set(messageId, { attempt, offset: text.length, rewrites });
    return this.#feed.deltaFrom(progress, offset);
  }

  forget(messageId: string): void {
    this.#shown?.delete(messageId);
    if (this.#shown?.size === 0) this.#shown = null;
  }

  clear(): void {
    this.#shown = null;
  }

  #offsetOf({ messageId, attempt, rewrites }: Progress): number {
    const before = this.#shown?.get(messageId);
    return before && before.attempt === attempt && before.rewrites === rewrites ? before.offset : 0;
  }
}

export const createShownTexts = (feed: DeltaSource): ShownTexts => new Texts(feed);
