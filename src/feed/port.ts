import type { AnswerDelta, PlacedEvent, StoredEvent } from '../domain/events.ts';
import type { Topic } from '../domain/topics.ts';
import type { PullSource } from '../util/pull-source.ts';
import type { FeedItem } from './items.ts';

export interface FeedSubscribeOptions {
  /** What is read: one topic with history (`conversation:` or `user:`) and `broadcast`. */
  readonly topics: readonly Topic[];
  /** Cursors as the client gave them. @throws BAD_INPUT for one that is malformed, of another topic, or the second of a topic. */
  readonly after: readonly string[];
  /** Whose rights end the subscription when an AccessEnded of them passes. */
  readonly viewerId: string;
  /**
   * Asks the store for the rights once the topics are being heard, so that what ends them later is heard too; again after a
   * Resync, which may have passed over their end. A refusal ends the subscription, UNAVAILABLE makes it wait.
   */
  readonly authorize: () => Promise<void>;
  /** Whether deltas of answers in progress are wanted. */
  readonly deltas: boolean;
}

/**
 * Ends by itself when the viewer's right ends. Never rejects after it has begun. What the subscriptions of a topic give
 * for an event, and for a delta from the same offset, is one object.
 */
export type FeedSubscription = PullSource<FeedItem>;

/** Watches a topic from now on without a history, for parts of the server that follow it (the tutor's typing, access). */
export interface TopicWatcher {
  /**
   * The answers in progress, in the turn in which the watch begins; and again when events were passed over, so that ends
   * and losses of rights may not have been told.
   */
  onAnswers(messageIds: readonly string[]): void;
  onEvent(event: StoredEvent): void;
}

export interface Feeds {
  /**
   * Hears the topics, checks the rights, and yields: replay after the cursors, the text so far of answers in progress, `Ready`,
   * then live. Rejects for bad cursors, refused rights and an unreachable store.
   */
  subscribe(options: FeedSubscribeOptions): Promise<FeedSubscription>;
  /** Follows one topic live. Resolves when it is heard. */
  watch(topic: Topic, watcher: TopicWatcher): Promise<{ stop: () => void }>;
  /** Tells everyone of committed events: subscribers on this node at once, the others by pub/sub. Never rejects. */
  announce(placed: readonly PlacedEvent[]): void;
  /** A delta for the subscribers of this node alone, for while pub/sub is down. */
  acceptDelta(delta: AnswerDelta): void;
  /** No more deltas of this answer, here at once and on other nodes by pub/sub. */
  announceStopping(conversationId: string, messageId: string): void;
  /** Number of topics heard and of subscriptions on them. */
  counts(): { topics: number; subscriptions: number };
  dispose(): Promise<void>;
}
