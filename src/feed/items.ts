import { type Position, toCursor } from '../domain/cursor.ts';
import type { AnswerDelta, DeliveredEvent, PlacedEvent, StoredEvent } from '../domain/events.ts';
import type { Topic } from '../domain/topics.ts';

/** What a `messageReceived` subscription yields, one GraphQL event each. `kind: 'event'` is durable, the rest ephemeral. */
export type FeedItem = EventItem | DeltaItem | ReadyItem | ResyncItem;

export interface EventItem {
  readonly kind: 'event';
  /** The topic it was read from; `cursor` is the position behind it in that topic. */
  readonly topic: Topic;
  readonly cursor: string;
  readonly event: DeliveredEvent;
}

export interface DeltaItem {
  readonly kind: 'delta';
  readonly delta: Omit<AnswerDelta, 'startedSeq'>;
}

export interface TopicCursor {
  readonly topic: Topic;
  readonly cursor: string;
}

/** From here on live. `resumed`: a cursor was given for every topic and served in full. */
export interface ReadyItem {
  readonly kind: 'ready';
  readonly cursors: readonly TopicCursor[];
  readonly resumed: boolean;
}

/** The topics concerned cannot be served from the cursor; refetch. `cursors`: where they now stand. */
export interface ResyncItem {
  readonly kind: 'resync';
  readonly cause: ResyncCause;
  readonly cursors: readonly TopicCursor[];
}

export const resyncCauses = ['EPOCH_CHANGED', 'TRIMMED', 'TOO_FAR_BEHIND'] as const;
export type ResyncCause = (typeof resyncCauses)[number];

/** An event as it passes a feed; made once, shared by all who read it, and as it stands an entry of their queues. */
export interface PassedEvent {
  readonly kind: 'event';
  readonly topic: Topic;
  readonly seq: number;
  readonly event: StoredEvent;
  /** What subscribers get for it; null: it is not for them. */
  readonly item: EventItem | null;
}

export const toPassedEvent = (position: Position, event: StoredEvent): PassedEvent => {
  const { topic, seq } = position;
  const item: EventItem | null =
    event.type === 'AccessEnded' ? null : { kind: 'event', topic, cursor: toCursor(position), event };
  return { kind: 'event', topic, seq, event, item };
};

/** By what the store gave: thousands who come back at once read the same page. */
const replayedEvents = new WeakMap<PlacedEvent, PassedEvent>();

/** An event of a page of the store, one object for all who got that page. `epoch`: of the page. */
export const toReplayedEvent = (placed: PlacedEvent, epoch: string): PassedEvent => {
  const known = replayedEvents.get(placed);
  if (known) return known;
  const { topic, seq, event } = placed;
  const passed = toPassedEvent({ topic, epoch, seq }, event);
  replayedEvents.set(placed, passed);
  return passed;
};
