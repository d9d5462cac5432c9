import { type Author, tutorId } from '../domain/entities.ts';
import { EdAgentError, notFound } from '../domain/errors.ts';
import { isAnswerClosedEvent, type StoredEvent, type TypingSignal } from '../domain/events.ts';
import { isEntityId } from '../domain/text.ts';
import { conversationTopic } from '../domain/topics.ts';
import type { Feeds, TopicWatcher } from '../feed/port.ts';
import { endsRights } from '../feed/rights.ts';
import type { PubSub } from '../pubsub/port.ts';
import type { Store } from '../store/port.ts';
import { createLatestQueue, type LatestQueue } from '../util/latest-queue.ts';
import type { Log } from '../util/log.ts';
import type { PullSource } from '../util/pull-source.ts';
import type { Typing, TypingItem, Viewer } from './port.ts';
import { createTypists, type Typists } from './typists.ts';

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

/** What the subscriptions of a node have in common. */
interface TypingShared {
  readonly feeds: Feeds;
  readonly pubsub: PubSub;
  readonly tutor: Author;
  readonly now: () => Date;
  readonly lifetimeMs: number;
  readonly open: Set<TypingSubscription>;
  readonly assertParticipant: (viewer: Viewer, conversationId: string) => Promise<void>;
  readonly toShared: (item: TypingItem) => TypingItem;
}

/** The subscriptions of a conversation come to the same item one after the other: all of them get the first one's. */
const createSharedItems = (): ((item: TypingItem) => TypingItem) => {
  let last: TypingItem | null = null;
  return (item) => {
    const isSame =
      last?.conversationId === item.conversationId &&
      last.author.id === item.author.id &&
      last.author.name === item.author.name &&
      last.author.kind === item.author.kind &&
      last.isTyping === item.isTyping &&
      last.expiresAt === item.expiresAt;
    if (!last || !isSame) last = item;
    return last;
  };
};

/** A class, not closures, because there are as many as sockets. */
class TypingSubscription implements TopicWatcher {
  readonly #shared: TypingShared;
  readonly #viewer: Viewer;
  readonly #conversationId: string;
  readonly #queue: LatestQueue<TypingItem>;
  readonly #typists: Typists;
  #undo: (() => void)[] = [];
  #retryTimer: NodeJS.Timeout | undefined;
  #isBegun: boolean;
  #isEnded: boolean;

  constructor(shared: TypingShared, viewer: Viewer, conversationId: string) {
    const { now, lifetimeMs, toShared } = shared;
    this.#shared = shared;
    this.#viewer = viewer;
    this.#conversationId = conversationId;
    this.#isBegun = false;
    this.#isEnded = false;
    this.#queue = createLatestQueue({ keyOf: ({ author }) => author.id, onReturn: () => this.end() });
    this.#typists = createTypists({
      conversationId,
      now,
      lifetimeMs,
      onItem: (item) => this.#queue.push(toShared(item)),
    });
  }

  get source(): PullSource<TypingItem> {
    return this.#queue.iterator;
  }

  async begin(): Promise<void> {
    const { feeds, pubsub, open, assertParticipant } = this.#shared;
    const conversationId = this.#conversationId;
    open.add(this);
    try {
      // Heard first, then the present ones are read: a change between the two is not missed.
      this.#onEnd(
        await pubsub.subscribe(`typing:${conversationId}`, (signal) => this.#typists.accept(signal)),
      );
      this.#onEnd((await feeds.watch(conversationTopic(conversationId), this)).stop);
      await assertParticipant(this.#viewer, conversationId);
      this.#isBegun = true;
      this.#typists.acceptPresent(await pubsub.typists.list(conversationId).catch(() => []));
    } catch (error) {
      this.end();
      throw error;
    }
  }

  end(): void {
    this.#isEnded = true;
    this.#shared.open.delete(this);
    clearTimeout(this.#retryTimer);
    this.#typists.close();
    for (const step of this.#undo.splice(0)) step();
    this.#queue.end();
  }

  onAnswers(messageIds: readonly string[]): void {
    for (const key of this.#typists.heldKeys) if (!messageIds.includes(key)) this.#typists.release(key);
    for (const messageId of messageIds) this.#typists.hold(messageId, this.#shared.tutor);
    if (this.#isBegun) void this.#confirmRight();
  }

  onEvent(event: StoredEvent): void {
    if (event.type === 'AnswerStarted') this.#typists.hold(event.messageId, this.#shared.tutor);
    else if (isAnswerClosedEvent(event)) this.#typists.release(event.messageId);
    else if (endsRights(event, this.#viewer.userId)) this.end();
  }

  /** The right may end while the subscription is still being made. */
  #onEnd(step: () => void): void {
    if (this.#isEnded) step();
    else this.#undo.push(step);
  }

  async #confirmRight(): Promise<void> {
    try {
      await this.#shared.assertParticipant(this.#viewer, this.#conversationId);
    } catch (error) {
      if (!(error instanceof EdAgentError && error.temporary)) this.end();
      else if (!this.#isEnded) {
        this.#retryTimer = setTimeout(() => void this.#confirmRight(), storeRetryMs);
      }
    }
  }
}

export const createTyping = (options: TypingOptions): Typing => {
  const { store, feeds, pubsub, tutorName, log, now, lifetimeMs = 6_000 } = options;
  const tutor: Author = { kind: 'TUTOR', id: tutorId, name: tutorName };
  const open = new Set<TypingSubscription>();

  const assertParticipant = async (viewer: Viewer, conversationId: string): Promise<void> => {
    const isIn =
      isEntityId(conversationId) && (await store.conversations.isParticipant(conversationId, viewer.userId));
    if (!isIn) throw notFound('conversation');
  };

  const shared: TypingShared = {
    ...{ feeds, pubsub, tutor, now, lifetimeMs, open, assertParticipant },
    toShared: createSharedItems(),
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
      const subscription = new TypingSubscription(shared, viewer, conversationId);
      await subscription.begin();
      return subscription.source;
    },

    async dispose() {
      for (const subscription of [...open]) subscription.end();
    },
  };
};
