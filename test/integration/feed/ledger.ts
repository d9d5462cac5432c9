import { parseCursor, toCursor } from '../../../src/domain/cursor.ts';
import { broadcastTopic, type Topic } from '../../../src/domain/topics.ts';
import type { DeltaItem, EventItem, FeedItem, TopicCursor } from '../../../src/feed/items.ts';

/** Events of one topic without a hole between them: what followed a Ready without a cursor, or a Resync. */
interface Stretch {
  readonly from: number;
  epoch: string;
  seq: number;
  readonly ids: string[];
}

interface Screen {
  readonly attempt: number;
  readonly text: string;
}

/** What was placed: the ids of the events of each topic, the first at seq 1. */
export type Truth = ReadonlyMap<Topic, readonly string[]>;

/**
 * Keeps account of what one subscriber got over all its subscriptions, and of every rule that was broken on the way: exactly
 * once, in order, without a hole, deltas that show prefixes of one attempt.
 */
export interface Ledger {
  readonly violations: readonly string[];
  /** The cursors to resume with. */
  cursors(): string[];
  /** How many there were of each kind. */
  readonly counts: {
    events: number;
    deltas: number;
    resyncs: number;
    resumed: number;
    subscriptions: number;
  };
  /** A subscription begins; of the topics without a cursor nothing is known any more. */
  begin(topicsWithCursor: readonly Topic[]): void;
  accept(item: FeedItem): void;
  /** Whether it has all that was placed. */
  isComplete(truth: Truth): boolean;
  /** What differs from what was placed. `textOf`: the whole text of an attempt. */
  compare(truth: Truth, textOf: (messageId: string, attempt: number) => string | undefined): string[];
}

const isEnd = (type: string): boolean => ['AnswerFinished', 'AnswerStopped', 'AnswerFailed'].includes(type);

export const createLedger = (): Ledger => {
  const violations: string[] = [];
  const stretches = new Map<Topic, Stretch[]>();
  const current = new Map<Topic, Stretch>();
  const screens = new Map<string, Screen>();
  const shown: ({ readonly messageId: string } & Screen)[] = [];
  const ended = new Set<string>();
  const counts = { events: 0, deltas: 0, resyncs: 0, resumed: 0, subscriptions: 0 };
  let isReady = false;

  const start = ({ topic, cursor }: TopicCursor): void => {
    const { epoch, seq } = parseCursor(cursor);
    const stretch: Stretch = { from: seq, epoch, seq, ids: [] };
    current.set(topic as Topic, stretch);
    stretches.set(topic as Topic, [...(stretches.get(topic as Topic) ?? []), stretch]);
  };

  /** What is known of it may be ahead of the node that serves it from now on. */
  const forget = (topic: Topic): void => {
    current.delete(topic);
    if (topic === broadcastTopic) return;
    screens.clear();
    ended.clear();
  };

  const acceptEvent = ({ topic, cursor, event }: EventItem): void => {
    const { epoch, seq } = parseCursor(cursor);
    const stretch = current.get(topic);
    counts.events += 1;
    if (!stretch) {
      violations.push(`${event.type} of ${topic} before Ready, without a cursor`);
      return;
    }
    if (epoch !== stretch.epoch || seq !== stretch.seq + 1) {
      violations.push(`${topic}: ${seq} of ${epoch} after ${stretch.seq} of ${stretch.epoch}`);
    }
    stretch.seq = seq;
    stretch.epoch = epoch;
    stretch.ids.push(event.id);
    if (isEnd(event.type) && 'messageId' in event) ended.add(event.messageId);
  };

  const acceptReady = (cursors: readonly TopicCursor[], resumed: boolean): void => {
    if (isReady) violations.push('a second Ready');
    isReady = true;
    if (resumed) counts.resumed += 1;
    for (const one of cursors) {
      const known = current.get(one.topic as Topic);
      const { epoch, seq } = parseCursor(one.cursor);
      if (!known) start(one);
      else if (known.seq !== seq || known.epoch !== epoch) {
        violations.push(`Ready at ${seq} of ${one.topic}, after ${known.seq}`);
      }
    }
  };

  const acceptDelta = ({ delta }: DeltaItem): void => {
    const { messageId, attempt, offset, text } = delta;
    const before = screens.get(messageId);
    counts.deltas += 1;
    if (ended.has(messageId)) violations.push(`a delta of ${messageId} after its end`);
    if (before && attempt < before.attempt) violations.push(`attempt ${attempt} after ${before.attempt}`);
    const known = before?.attempt === attempt ? before.text : '';
    if (offset > known.length) violations.push(`offset ${offset} after ${known.length} of ${messageId}`);
    const screen = { attempt, text: known.slice(0, offset) + text };
    screens.set(messageId, screen);
    shown.push({ messageId, ...screen });
  };

  const compareStretch = (topic: Topic, { from, ids }: Stretch, truth: Truth): string[] => {
    const placed = (truth.get(topic) ?? []).slice(from, from + ids.length);
    return ids.join() === placed.join() ? [] : [`${topic} after ${from}: not what was placed`];
  };

  return {
    violations,
    counts,
    cursors: () => [...current].map(([topic, { epoch, seq }]) => toCursor({ topic, epoch, seq })),
    begin(topicsWithCursor) {
      counts.subscriptions += 1;
      isReady = false;
      screens.clear();
      for (const topic of [...current.keys()]) if (!topicsWithCursor.includes(topic)) forget(topic);
    },
    accept(item) {
      switch (item.kind) {
        case 'event':
          acceptEvent(item);
          return;
        case 'delta':
          acceptDelta(item);
          return;
        case 'ready':
          acceptReady(item.cursors, item.resumed);
          return;
        case 'resync':
          counts.resyncs += 1;
          for (const one of item.cursors) {
            forget(one.topic);
            start(one);
          }
      }
    },
    isComplete: (truth) => [...current].every(([topic, { seq }]) => seq === (truth.get(topic)?.length ?? 0)),
    compare(truth, textOf) {
      const differences = [...stretches].flatMap(([topic, all]) =>
        all.flatMap((stretch) => compareStretch(topic, stretch, truth)),
      );
      for (const { messageId, attempt, text } of shown) {
        if (!textOf(messageId, attempt)?.startsWith(text))
          differences.push(`${messageId}@${attempt} showed ${text}`);
      }
      return differences;
    },
  };
};
