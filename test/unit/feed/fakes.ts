import type { AnswerDelta, StoredEvent } from '../../../src/domain/events.ts';
import { conversationTopic, type Topic } from '../../../src/domain/topics.ts';
import { createFeeds, type FeedsOptions } from '../../../src/feed/feeds.ts';
import type { FeedItem } from '../../../src/feed/items.ts';
import type { FeedSubscribeOptions, FeedSubscription } from '../../../src/feed/port.ts';
import type { PubSub, TopicMessage } from '../../../src/pubsub/port.ts';
import type { LogPage, OpenAnswer, Store } from '../../../src/store/port.ts';
import { silentLog } from '../../../src/util/log.ts';

/** Hand-made ports with faults on demand: the store's log and open answers, and a pub/sub that reaches nobody by itself. */

export const conversation = conversationTopic('c1');
const at = '2026-01-01T00:00:00.000Z';

let made = 0;
const base = () => {
  made += 1;
  return { id: `e${made}`, at, conversationId: 'c1' };
};

export const titled = (title = 't'): StoredEvent => ({ ...base(), type: 'ConversationUpdated', title });
export const started = (messageId = 'm1'): StoredEvent => ({ ...base(), type: 'AnswerStarted', messageId });
export const finished = (text: string, messageId = 'm1'): StoredEvent => ({
  ...base(),
  type: 'AnswerFinished',
  messageId,
  text,
});
export const accessEnded = (userId: string | null): StoredEvent => ({
  ...base(),
  type: 'AccessEnded',
  userId,
});

export const delta = (offset: number, text: string, more: Partial<AnswerDelta> = {}): TopicMessage => ({
  kind: 'delta',
  delta: { messageId: 'm1', conversationId: 'c1', attempt: 1, startedSeq: 1, offset, text, ...more },
});

type Method = 'read' | 'states' | 'state' | 'changedSince' | 'openIn' | 'rotateEpoch' | 'readText';

/** Makes calls of a method wait, or fail. What a held call returns was read before it began to wait. */
const createFaults = () => {
  const gates = new Map<Method, Promise<void>[]>();
  const failures = new Map<Method, number>();
  const calls = new Map<Method, number>();
  const waiting = new Map<Method, number>();

  return {
    /** The next call of it waits until the returned function is called. */
    hold(method: Method): () => void {
      let release = (): void => {};
      const gate = new Promise<void>((resolve) => {
        release = resolve;
      });
      gates.set(method, [...(gates.get(method) ?? []), gate]);
      return release;
    },
    fail(method: Method, times = Number.POSITIVE_INFINITY): void {
      failures.set(method, times);
    },
    calls: (method: Method): number => calls.get(method) ?? 0,
    waiting: (method: Method): number => waiting.get(method) ?? 0,
    async run<T>(method: Method, read: () => T): Promise<T> {
      calls.set(method, (calls.get(method) ?? 0) + 1);
      const failing = failures.get(method) ?? 0;
      if (failing > 0) {
        failures.set(method, failing - 1);
        throw new Error(`${method} fails`);
      }
      const value = read();
      const gate = gates.get(method)?.shift();
      if (gate) {
        waiting.set(method, (waiting.get(method) ?? 0) + 1);
        await gate;
        waiting.set(method, (waiting.get(method) ?? 0) - 1);
      }
      return value;
    },
  };
};

interface FakeTopic {
  readonly events: StoredEvent[];
  floor: number;
  changed: number;
}

export const createFakeWorld = () => {
  const faults = createFaults();
  const topics = new Map<Topic, FakeTopic>();
  const listeners = new Map<string, Set<(message: TopicMessage) => void>>();
  const upListeners = new Set<() => void>();
  const sharedTexts = new Map<string, { attempt: number; text: string }>();
  let open: OpenAnswer[] = [];
  let epoch = 'one';
  let changes = 0;

  const topicOf = (topic: Topic): FakeTopic => {
    const known = topics.get(topic) ?? { events: [], floor: 0, changed: 0 };
    topics.set(topic, known);
    return known;
  };
  const stateOf = (topic: Topic) => ({
    topic,
    seq: topicOf(topic).events.length,
    floor: topicOf(topic).floor,
  });
  const readPage = (topic: Topic, after: number, limit: number): LogPage => ({
    epoch,
    state: stateOf(topic),
    events: topicOf(topic)
      .events.map((event, index) => ({ topic, seq: index + 1, event }))
      .filter(({ seq }) => seq > Math.max(after, topicOf(topic).floor))
      .slice(0, limit),
  });

  const store = {
    log: {
      epoch: async () => epoch,
      read: (topic: Topic, after: number, limit: number) =>
        faults.run('read', () => readPage(topic, after, limit)),
      states: (names: readonly Topic[]) =>
        faults.run('states', () => ({ epoch, states: names.map(stateOf) })),
      state: (topic: Topic) => faults.run('state', () => ({ epoch, state: stateOf(topic) })),
      changedSince: (watermark: string) =>
        faults.run('changedSince', () => ({
          epoch,
          watermark: String(changes + 1),
          changed:
            watermark === ''
              ? []
              : [...topics]
                  .filter(([, { changed }]) => changed >= Number(watermark))
                  .map(([name]) => stateOf(name)),
        })),
      rotateEpoch: (expected: string) =>
        faults.run('rotateEpoch', () => {
          if (epoch === expected) epoch = `${expected}'`;
          return epoch;
        }),
    },
    answers: { openIn: () => faults.run('openIn', () => open) },
  } as unknown as Store;

  const pubsub = {
    isUp: true,
    publish: async () => {},
    async subscribe(trigger: string, onMessage: (message: TopicMessage) => void) {
      const heard = listeners.get(trigger) ?? new Set();
      listeners.set(trigger, heard);
      heard.add(onMessage);
      return () => heard.delete(onMessage);
    },
    onUp(listener: () => void) {
      upListeners.add(listener);
      return () => upListeners.delete(listener);
    },
    answerTexts: {
      read: (messageId: string) => faults.run('readText', () => sharedTexts.get(messageId) ?? null),
    },
  } as unknown as PubSub;

  const hear = (topic: Topic, message: TopicMessage): void => {
    for (const listener of listeners.get(topic) ?? []) listener(message);
  };

  return {
    store,
    pubsub,
    faults,
    sharedTexts,
    /** Commits events and tells nobody. The seq of the last one. */
    commit(...events: StoredEvent[]): number {
      return this.commitTo(conversation, ...events);
    },
    commitTo(topic: Topic, ...events: StoredEvent[]): number {
      changes += 1;
      const known = topicOf(topic);
      known.events.push(...events);
      known.changed = changes;
      return known.events.length;
    },
    /** Publishes what was committed at this seq. */
    publish(seq: number, topic: Topic = conversation): void {
      const event = topicOf(topic).events[seq - 1];
      if (!event) throw new Error(`nothing at ${seq}`);
      hear(topic, { kind: 'event', seq, epoch, event });
    },
    hear: (message: TopicMessage) => hear(conversation, message),
    /** Commits and publishes. */
    send(...events: StoredEvent[]): void {
      for (const event of events) this.publish(this.commit(event));
    },
    setOpen(...answers: OpenAnswer[]): void {
      open = answers;
    },
    trim(floor: number): void {
      topicOf(conversation).floor = floor;
    },
    /** The store comes back as it was at this seq. */
    restore(seq: number): void {
      topicOf(conversation).events.length = seq;
    },
    setEpoch(name: string): void {
      epoch = name;
    },
    comeUp(): void {
      for (const listener of upListeners) listener();
    },
    /** How many listeners the pub/sub has. */
    listenerCount: () => [...listeners.values()].reduce((sum, { size }) => sum + size, 0),
  };
};

export type FakeWorld = ReturnType<typeof createFakeWorld>;

export const createWorldFeeds = (world: FakeWorld, options: Partial<FeedsOptions> = {}) =>
  createFeeds({ store: world.store, pubsub: world.pubsub, log: silentLog, checkEveryMs: 60_000, ...options });

export const toConversation = (more: Partial<FeedSubscribeOptions> = {}): FeedSubscribeOptions => ({
  topics: [conversation, 'broadcast'],
  after: [],
  viewerId: 'ada',
  authorize: async () => {},
  deltas: true,
  ...more,
});

/** What an item says, short enough to compare. */
export const say = (item: FeedItem): string => {
  switch (item.kind) {
    case 'event':
      return 'title' in item.event ? item.event.title : item.event.type;
    case 'delta':
      return `${item.delta.attempt}@${item.delta.offset}:${item.delta.text}`;
    case 'ready':
      return item.resumed ? 'Ready resumed' : 'Ready';
    case 'resync':
      return `Resync ${item.cause}`;
  }
};

/** Pulls until `count` items came, or the end. */
export const pull = async (subscription: FeedSubscription, count: number): Promise<FeedItem[]> => {
  const items: FeedItem[] = [];
  while (items.length < count) {
    const step = await subscription.next();
    if (step.done) break;
    items.push(step.value);
  }
  return items;
};

export const pullSaid = async (subscription: FeedSubscription, count: number): Promise<string[]> =>
  (await pull(subscription, count)).map(say);

/** All microtasks and timers that are due. */
export const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
