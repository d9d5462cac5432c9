import type { AnswerFailure } from './answer.ts';
import type { Author, Message } from './entities.ts';
import type { Topic } from './topics.ts';

/**
 * Durable events: past-tense facts, stored once and placed in each topic they belong to. All that a field of the
 * payload needs stands in the event itself, so that a replay gives the same bytes as the live event.
 */
interface DurableBase {
  readonly id: string;
  /** ISO 8601, UTC. */
  readonly at: string;
}

export interface MessageAdded extends DurableBase {
  readonly type: 'MessageAdded';
  readonly conversationId: string;
  readonly message: Message;
}

export interface AnswerStarted extends DurableBase {
  readonly type: 'AnswerStarted';
  readonly conversationId: string;
  readonly messageId: string;
}

export interface AnswerFinished extends DurableBase {
  readonly type: 'AnswerFinished';
  readonly conversationId: string;
  readonly messageId: string;
  readonly text: string;
}

export interface AnswerStopped extends DurableBase {
  readonly type: 'AnswerStopped';
  readonly conversationId: string;
  readonly messageId: string;
  readonly text: string;
}

export interface AnswerFailed extends DurableBase {
  readonly type: 'AnswerFailed';
  readonly conversationId: string;
  readonly messageId: string;
  readonly text: string;
  readonly failure: AnswerFailure;
}

export interface ConversationUpdated extends DurableBase {
  readonly type: 'ConversationUpdated';
  readonly conversationId: string;
  readonly title: string;
}

export interface ConversationRemoved extends DurableBase {
  readonly type: 'ConversationRemoved';
  readonly conversationId: string;
}

export interface ConversationRead extends DurableBase {
  readonly type: 'ConversationRead';
  readonly conversationId: string;
  readonly messageId: string;
}

export interface BroadcastAdded extends DurableBase {
  readonly type: 'BroadcastAdded';
  readonly broadcastId: string;
  readonly text: string;
  readonly expiresAt: string;
}

export interface BroadcastRead extends DurableBase {
  readonly type: 'BroadcastRead';
  readonly broadcastId: string;
}

/**
 * Internal: placed in `conversation:<id>` when someone loses the right to it (`userId` null: everyone, the conversation
 * was deleted). Never delivered; a feed that passes its seq ends the subscriptions of those concerned.
 */
export interface AccessEnded extends DurableBase {
  readonly type: 'AccessEnded';
  readonly conversationId: string;
  readonly userId: string | null;
}

export type AnswerClosedEvent = AnswerFinished | AnswerStopped | AnswerFailed;

/** The durable members of the GraphQL union MessageEvent. */
export type DeliveredEvent =
  | MessageAdded
  | AnswerStarted
  | AnswerClosedEvent
  | ConversationUpdated
  | ConversationRemoved
  | ConversationRead
  | BroadcastAdded
  | BroadcastRead;

export type StoredEvent = DeliveredEvent | AccessEnded;

/** An event at its place in one topic. */
export interface PlacedEvent {
  readonly topic: Topic;
  /** Dense in its topic, from 1. */
  readonly seq: number;
  readonly event: StoredEvent;
}

/** In this attempt, from this offset on (in UTF-16 code units), the text is this. Ephemeral. */
export interface AnswerDelta {
  readonly messageId: string;
  readonly conversationId: string;
  readonly attempt: number;
  readonly offset: number;
  readonly text: string;
  /** The seq of the answer's AnswerStarted in its conversation's topic: tells a feed whether it passed that already. */
  readonly startedSeq: number;
}

export interface TypingSignal {
  readonly conversationId: string;
  readonly author: Author;
  /** Tells the devices of one user apart; the tutor has the answer's id here. */
  readonly connectionId: string;
  readonly isTyping: boolean;
  /** ISO 8601, UTC. */
  readonly expiresAt: string;
}

export const isAnswerClosedEvent = (event: StoredEvent): event is AnswerClosedEvent =>
  event.type === 'AnswerFinished' || event.type === 'AnswerStopped' || event.type === 'AnswerFailed';
