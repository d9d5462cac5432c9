import type { User } from '../../../src/domain/entities.ts';
import type { PlacedEvent } from '../../../src/domain/events.ts';
import { broadcastTopic, conversationTopic, type Topic, userTopic } from '../../../src/domain/topics.ts';
import { createFeeds, type FeedsOptions } from '../../../src/feed/feeds.ts';
import type { FeedSubscription, Feeds } from '../../../src/feed/port.ts';
import { createMemoryPubSub } from '../../../src/pubsub/memory.ts';
import type { Store } from '../../../src/store/port.ts';
import { silentLog } from '../../../src/util/log.ts';
import { addConversation, addNode, addUser, finish, send } from '../../contract/store/world.ts';
import { createFaultyPubSub, type Faults, type FaultyPubSub } from '../../support/faulty-pubsub.ts';
import type { Random } from '../../support/random.ts';
import type { TestDatabase } from '../../support/stores.ts';

export interface FeedNode {
  readonly store: Store;
  readonly pubsub: FaultyPubSub;
  readonly feeds: Feeds;
}

export interface FeedWorldOptions {
  readonly database: TestDatabase;
  readonly random: Random;
  readonly faults: Faults;
  readonly nodes?: number;
  readonly users?: number;
  readonly conversations?: number;
  readonly feeds?: Partial<FeedsOptions>;
}

/** Some nodes on one database, whose pub/sub loses, doubles and delays; and people who write into shared conversations. */
export const createFeedWorld = async (options: FeedWorldOptions) => {
  const { database, random, faults } = options;
  const inner = createMemoryPubSub();
  const nodes: FeedNode[] = [];
  for (let index = 0; index < (options.nodes ?? 3); index++) {
    const store = await database.openStore();
    const pubsub = createFaultyPubSub(inner, random, faults);
    const feeds = createFeeds({
      store,
      pubsub,
      log: silentLog,
      checkEveryMs: 60,
      retryMs: 20,
      ...options.feeds,
    });
    nodes.push({ store, pubsub, feeds });
  }
  const [first] = nodes;
  if (!first) throw new Error('a world has a node');
  const users: User[] = [];
  for (let index = 0; index < (options.users ?? 3); index++)
    users.push(await addUser(first.store, `u${index}`));
  const truth = new Map<Topic, string[]>();
  const texts = new Map<string, string>();
  const answering = new Set<string>();

  const note = (placed: readonly PlacedEvent[]): void => {
    for (const { topic, seq, event } of placed) {
      const ids = truth.get(topic) ?? [];
      ids[seq - 1] = event.id;
      truth.set(topic, ids);
    }
  };

  const announce = (placed: readonly PlacedEvent[]): void => {
    note(placed);
    random.pick(nodes).feeds.announce(placed);
  };

  const conversations: string[] = [];
  for (let index = 0; index < (options.conversations ?? 3); index++) {
    const [owner, ...others] = users;
    if (!owner) throw new Error('a world has a user');
    conversations.push((await addConversation(first.store, owner, others)).id);
  }
  // What was placed while the world was made.
  for (const topic of [...conversations.map(conversationTopic), ...users.map(({ id }) => userTopic(id))]) {
    note((await first.store.log.read(topic, 0, 1_000)).events);
  }

  const attempt = async (messageId: string, isLast: boolean): Promise<boolean> => {
    const { store, pubsub } = random.pick(nodes);
    const nodeId = await addNode(store);
    const claimed = await store.answers.claim(messageId, nodeId, 9);
    const lease = claimed.result;
    announce(claimed.placed);
    if (!lease) return true;
    const pieces = Array.from({ length: 3 + random.int(8) }, (_, index) => `${lease.attempt}.${index} `);
    texts.set(`${messageId}@${lease.attempt}`, pieces.join(''));
    let offset = 0;
    for (const text of pieces) {
      const { conversationId, startedSeq } = lease;
      await pubsub.answerTexts.append({
        messageId,
        conversationId,
        attempt: lease.attempt,
        startedSeq,
        offset,
        text,
      });
      offset += text.length;
      await turns(random.int(10));
      if (!isLast && random.chance(0.1)) {
        await store.nodes.end(nodeId);
        return false;
      }
    }
    const closed = await finish(store, lease, pieces.join(''));
    await pubsub.answerTexts.close(messageId);
    announce(closed.placed);
    await store.nodes.end(nodeId);
    return true;
  };

  return {
    nodes,
    users,
    conversations,
    truth,
    textOf: (messageId: string, of: number) => texts.get(`${messageId}@${of}`),
    harmed: () =>
      nodes.reduce(
        (sum, { pubsub: { harmed } }) => sum + harmed.dropped + harmed.doubled + harmed.delayed,
        0,
      ),
    announce,
    /** Someone writes; some messages get an answer, made in one or more attempts. */
    async write(): Promise<void> {
      const { store } = random.pick(nodes);
      const conversationId = random.pick(conversations);
      // Answers of one conversation are made one after the other.
      const answer = !answering.has(conversationId) && random.chance(0.4);
      if (answer) answering.add(conversationId);
      const sent = await send(store, random.pick(users), conversationId, { answer });
      announce(sent.placed);
      if (!sent.answer) return;
      for (let tries = 0; !(await attempt(sent.answer.id, tries === 2)); ) tries += 1;
      answering.delete(conversationId);
    },
    subscribe(
      node: FeedNode,
      topic: Topic,
      after: readonly string[],
      viewerId: string,
    ): Promise<FeedSubscription> {
      return node.feeds.subscribe({
        topics: [topic, broadcastTopic],
        after,
        viewerId,
        authorize: async () => {},
        deltas: topic.startsWith('conversation:'),
      });
    },
    async dispose(): Promise<void> {
      for (const node of nodes) {
        await node.feeds.dispose();
        await node.pubsub.dispose();
        await node.store.dispose();
      }
      await inner.dispose();
    },
  };
};

export type FeedWorld = Awaited<ReturnType<typeof createFeedWorld>>;

/** Lets others go first, this many times. */
export const turns = async (count: number): Promise<void> => {
  for (let turn = 0; turn < count; turn++) await new Promise((resolve) => setImmediate(resolve));
};
