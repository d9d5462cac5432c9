import type { Feeds } from '../feed/port.ts';
import type { PubSub } from '../pubsub/port.ts';
import type { SharedText, Store } from '../store/port.ts';

/** Ends answers that nobody makes any more, with the longest text of the last attempt that is known. */
export interface Unmade {
  /** False when it was closed, or is made again. Rejects when the store is away. */
  close(messageId: string): Promise<boolean>;
}

export interface UnmadeOptions {
  readonly store: { readonly answers: Pick<Store['answers'], 'closeUnmade'> };
  readonly pubsub: Pick<PubSub, 'answerTexts' | 'isUp'>;
  readonly feeds: Pick<Feeds, 'announce'>;
  readonly maxAttempts: number;
}

export const createUnmade = ({ store, pubsub, feeds, maxAttempts }: UnmadeOptions): Unmade => {
  /** What viewers saw; the checkpoint may be a second behind it. */
  const readShared = async (messageId: string): Promise<SharedText | null> =>
    pubsub.isUp ? pubsub.answerTexts.read(messageId).catch(() => null) : null;

  return {
    async close(messageId) {
      // Before the transaction, otherwise a slow link would hold the lock of the conversation.
      const shared = await readShared(messageId);
      const { result, placed } = await store.answers.closeUnmade({ messageId, maxAttempts, shared });
      if (!result.closed) return false;
      feeds.announce(placed);
      // After the commit, otherwise the next attempt at an answer that stayed open would be refused.
      await pubsub.answerTexts.close(messageId).catch(() => {});
      return true;
    },
  };
};
