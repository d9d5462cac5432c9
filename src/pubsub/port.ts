import type { PubSubEngine } from 'graphql-subscriptions';
import type { AnswerDelta, StoredEvent, TypingSignal } from '../domain/events.ts';
import type { Topic } from '../domain/topics.ts';

/** What travels on the trigger of a topic. */
export type TopicMessage =
  | { readonly kind: 'event'; readonly seq: number; readonly epoch: string; readonly event: StoredEvent }
  | { readonly kind: 'delta'; readonly delta: AnswerDelta }
  /** A stop was committed: no delta of this answer may be sent any more. */
  | { readonly kind: 'stopping'; readonly messageId: string };

/** What travels between nodes on the one trigger `control`. */
export type ControlMessage =
  | { readonly kind: 'answer-waiting'; readonly messageId: string }
  | { readonly kind: 'answer-stopping'; readonly messageId: string }
  | {
      readonly kind: 'disconnect';
      readonly disconnectId: string;
      readonly connectionId: string | null;
      readonly userId: string | null;
      readonly reason: string | null;
    }
  | { readonly kind: 'user-changed'; readonly userId: string; readonly blocked: boolean };

/** Names of triggers. A topic's trigger is the topic itself. */
export type Trigger = Topic | `typing:${string}` | 'control';

/** The message of each trigger. */
export type TriggerMessage<T extends Trigger> = T extends 'control'
  ? ControlMessage
  : T extends `typing:${string}`
    ? TypingSignal
    : TopicMessage;

/**
 * Carries messages between nodes, at most once: what is published while nobody listens, or while the link is down, is
 * lost. Whoever needs more asks the store. The order of one publisher on one trigger is kept.
 */
export interface PubSub {
  /** The PubSubEngine of graphql-subscriptions underneath. */
  readonly engine: PubSubEngine;
  /** Rejects when the message could not be handed over; callers that have committed treat that as a lost message. */
  publish<T extends Trigger>(trigger: T, message: TriggerMessage<T>): Promise<void>;
  /**
   * Resolves when the subscription is confirmed: what is published after that, anywhere, is heard (while the link is
   * up). While the link is down it resolves within `confirmTimeoutMs` all the same; the subscription is made when the
   * link is back, and `onUp` tells. The returned function undoes it and never throws.
   */
  subscribe<T extends Trigger>(
    trigger: T,
    onMessage: (message: TriggerMessage<T>) => void,
  ): Promise<() => void>;
  /** Whether messages travel between nodes right now. */
  readonly isUp: boolean;
  /** Called each time the link has come back and all subscriptions are confirmed again: messages may have been lost. */
  onUp(listener: () => void): () => void;
  readonly answerTexts: AnswerTexts;
  readonly typists: Typists;
  dispose(): Promise<void>;
}

export type AppendResult =
  /** `length`: of the stored text after the append, in UTF-16 code units. When it is not offset + text.length the store was emptied: call `set`. */
  | { readonly kind: 'appended'; readonly length: number }
  /** A higher attempt (or the end) is known: this producer is stale and must stop. */
  | { readonly kind: 'refused' };

/**
 * The text so far of answers in progress, shared by all nodes, kept for `ttl` after the last write. One atomic step an
 * append: refuse a lower attempt, append, publish the delta on the conversation's trigger. Rejects while the link is down.
 */
export interface AnswerTexts {
  append(delta: AnswerDelta): Promise<AppendResult>;
  /** Replaces the text and publishes one delta at offset 0. `delta.offset` must be 0. */
  set(delta: AnswerDelta): Promise<AppendResult>;
  /** Null when nothing is known (never begun, expired, emptied). */
  read(messageId: string): Promise<{ readonly attempt: number; readonly text: string } | null>;
  /** Refuses every later append and forgets the text. */
  close(messageId: string): Promise<void>;
}

/** Who is typing in a conversation, over all nodes. Each entry ends by itself at its `expiresAt`. */
export interface Typists {
  /** Stores (or, for `isTyping: false`, removes) the entry of this author and connection and publishes the signal. */
  put(signal: TypingSignal): Promise<void>;
  /** The entries that have not expired, oldest expiry first. */
  list(conversationId: string): Promise<TypingSignal[]>;
}
