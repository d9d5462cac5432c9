import { type Author, tutorId } from '../domain/entities.ts';
import { EdAgentError, notFound } from '../domain/errors.ts';
import { isAnswerClosedEvent, type TypingSignal } from '../domain/events.ts';
import { isEntityId } from '../domain/text.ts';
import { conversationTopic } from '../domain/topics.ts';
import type { Feeds, TopicWatcher } from '../feed/port.ts';
import { endsRights } from '../feed/rights.ts';
import type { PubSub } from '../pubsub/port.ts';
import type { Store } from '../store/port.ts';
import { createLatestQueue } from '../util/latest-queue.ts';
import type { Log } from '../util/log.ts';
import type { Typing, TypingItem, Viewer } from './port.ts';
import { createTypists } from './typists.ts';

/**
 * Who is typing. A person's signal lives `lifetimeMs` and every node ends it by its own timer; the tutor types from
 * AnswerStarted to the end of the answer, told by the conversation's own topic. So typing always ends, whoever dies.
 */
export interface TypingOptions {
  readonly store: Store;
  readonly feeds: Feeds;
  readonly pubsub: PubSub;
  readonly tutorName: string;
  readonly log: Log;
  readonly now: () => Date;
  /** How long a signal lives when it is not renewed. @default 6000 */
  readonly lifetimeMs?: number;
}

const storeRetryMs = 500;

export const createTyping = (options: TypingOptions): Typing => {
  const { store, feeds, pubsub, tutorName, log, now, lifetimeMs = 6_000 } = options;
  const tutor: Author = { kind: 'TUTOR', id: tutorId, name: tutorName };
  const open = new Set<() => void>();

  const assertParticipant = async (viewer: Viewer, conversationId: string): Promise<void> => {
    const isIn =
      isEntityId(conversationId) && (await store.conversations.isParticipant(conversationId, viewer.userId));
    if (!isIn) throw notFound('conversation');
  };

  return {
    async set(viewer, connectionId, conversationId, isTyping) {
      await assertParticipant(viewer, conversationId);
      const expiresAt = new Date(now().getTime() + lifetimeMs).toISOString();
      const author: Author = { kind: 'LEARNER', id: viewer.userId, name: viewer.name };
      const signal: TypingSignal = { conversationId, author, connectionId, isTyping, expiresAt };
      // Ephemeral: while pub/sub is away nobody sees it, and that is no failure of the mutation.
      await pubsub.typists.put(signal).catch((error: unknown) => {
        log.debug({ err: error }, 'a typing signal was lost');
      });
      return isTyping;
    },

    async subscribe(viewer, conversationId) {
      await assertParticipant(viewer, conversationId);
      const undo: (() => void)[] = [];
      let ended = false;
      let isBegun = false;
      /** The right may end while the subscription is still being made. */
      const onEnd = (step: () => void): void => {
        if (ended) step();
        else undo.push(step);
      };
      const end = (): void => {
        ended = true;
        open.delete(end);
        for (const step of undo.splice(0)) step();
        queue.end();
      };
      const queue = createLatestQueue<TypingItem>({ keyOf: ({ author }) => author.id, onReturn: end });
      const typists = createTypists({ conversationId, now, lifetimeMs, onItem: queue.push });
      onEnd(typists.close);

      let retryTimer: NodeJS.Timeout | undefined;
      onEnd(() => clearTimeout(retryTimer));
      const confirmRight = async (): Promise<void> => {
        try {
          await assertParticipant(viewer, conversationId);
        } catch (error) {
          if (!(error instanceof EdAgentError && error.temporary)) end();
          else if (!ended) retryTimer = setTimeout(() => void confirmRight(), storeRetryMs);
        }
      };

      const watcher: TopicWatcher = {
        onAnswers(messageIds) {
          for (const key of typists.heldKeys) if (!messageIds.includes(key)) typists.release(key);
          for (const messageId of messageIds) typists.hold(messageId, tutor);
          if (isBegun) void confirmRight();
        },
        onEvent(event) {
          if (event.type === 'AnswerStarted') typists.hold(event.messageId, tutor);
          else if (isAnswerClosedEvent(event)) typists.release(event.messageId);
          else if (endsRights(event, viewer.userId)) end();
        },
      };

      open.add(end);
      try {
        // Heard first, then the present ones are read: a change between the two is not missed.
        onEnd(await pubsub.subscribe(`typing:${conversationId}`, typists.accept));
        onEnd((await feeds.watch(conversationTopic(conversationId), watcher)).stop);
        await assertParticipant(viewer, conversationId);
        isBegun = true;
        typists.acceptPresent(await pubsub.typists.list(conversationId).catch(() => []));
      } catch (error) {
        end();
        throw error;
      }
      return queue.iterator;
    },

    async dispose() {
      for (const end of [...open]) end();
    },
  };
};
