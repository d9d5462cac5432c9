import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll } from '@jest/globals';
import { createAnswers } from '../../../src/answers/answers.ts';
import type { Answers } from '../../../src/answers/port.ts';
import type { ProducerOptions } from '../../../src/answers/producer.ts';
import type { User } from '../../../src/domain/entities.ts';
import { unavailable } from '../../../src/domain/errors.ts';
import { conversationTopic } from '../../../src/domain/topics.ts';
import { createFeeds } from '../../../src/feed/feeds.ts';
import type { FeedItem } from '../../../src/feed/items.ts';
import type { FeedSubscription, Feeds } from '../../../src/feed/port.ts';
import { createMemoryPubSub } from '../../../src/pubsub/memory.ts';
import type { PubSub } from '../../../src/pubsub/port.ts';
import { createRedisPubSub } from '../../../src/pubsub/redis.ts';
import type { AnswerStore, Store } from '../../../src/store/port.ts';
import type { Tutor } from '../../../src/tutor/port.ts';
import { newId } from '../../../src/util/id.ts';
import { silentLog } from '../../../src/util/log.ts';
import { addUser, ask, readTopic } from '../../contract/store/world.ts';
import { eventually } from '../../support/eventually.ts';
import { testDatabaseUrl, testRedisUrl } from '../../support/services.ts';
import { createPgliteDatabase, createPostgresDatabase, type TestDatabase } from '../../support/stores.ts';

/** The service alone, on real stores and real pub/sub, so that a test can stand between it and the store. */
export interface AnswersWorld {
  readonly database: TestDatabase;
  /** The truth, as no node sees it. */
  readonly store: Store;
  readonly ada: User;
  startNode(options: NodeOptions): Promise<AnswersNode>;
  /** A message of Ada's that waits for its answer. */
  ask(conversationId?: string | null, text?: string): Promise<{ answerId: string; conversationId: string }>;
  /** All that happened to an answer, as the log has it. */
  eventsOf(answer: { answerId: string; conversationId: string }): Promise<LoggedEvent[]>;
  /** The nodes end first. */
  dispose(): Promise<void>;
}

export interface LoggedEvent {
  readonly type: string;
  readonly text?: string;
  readonly failure?: { readonly code: string };
}

export interface NodeOptions {
  readonly tutor: Tutor;
  /** @default 600 */
  readonly leaseMs?: number;
  readonly maxAttempts?: number;
  readonly maxInProgress?: number;
  readonly bounds?: Pick<ProducerOptions, 'maxTextLength' | 'maxDurationMs'>;
  /** Stands before methods of the store for answers. */
  readonly intercept?: (answers: AnswerStore) => Partial<AnswerStore>;
  readonly toPubSub?: (pubsub: PubSub) => PubSub;
  /** In place of parts of the store. */
  readonly toStore?: (store: Store) => Store;
}

export interface AnswersNode {
  readonly nodeId: string;
  readonly answers: Answers;
  readonly feeds: Feeds;
  /** From now on every call of this node to its store fails, until it is mended. */
  cut(): void;
  mend(): void;
  /** How often it called its store. */
  storeCalls(): number;
  dispose(): Promise<void>;
}

/** A store whose link can be cut. */
const createLink = (store: Store) => {
  let isCut = false;
  let calls = 0;
  const wrap = <T extends object>(part: T): T =>
    new Proxy(part, {
      get(target, key, receiver) {
        const value = Reflect.get(target, key, receiver);
        if (typeof value === 'object' && value !== null) return wrap(value);
        if (typeof value !== 'function') return value;
        return (...parameters: unknown[]) => {
          calls += 1;
          return isCut
            ? Promise.reject(unavailable('the link to the store is cut'))
            : Reflect.apply(value, target, parameters);
        };
      },
    });
  return {
    store: wrap(store),
    calls: () => calls,
    set(to: boolean) {
      isCut = to;
    },
  };
};

const startNode = async (store: Store, pubsub: PubSub, options: NodeOptions): Promise<AnswersNode> => {
  const { tutor, leaseMs = 600, intercept, toStore, toPubSub, bounds, ...rest } = options;
  const nodeId = `node-${newId()}`;
  const link = createLink(toStore ? toStore(store) : store);
  const linked: Store = intercept
    ? { ...link.store, answers: { ...link.store.answers, ...intercept(link.store.answers) } }
    : link.store;
  const feeds = createFeeds({ store, pubsub, log: silentLog });
  const answers = await createAnswers({
    nodeId,
    store: linked,
    pubsub: toPubSub ? toPubSub(pubsub) : pubsub,
    feeds,
    tutor,
    tutorName: 'Tutor',
    log: silentLog,
    leaseMs,
    ...bounds,
    ...rest,
  });
  let disposing: Promise<void> | undefined;
  return {
    nodeId,
    answers,
    feeds,
    cut: () => link.set(true),
    mend: () => link.set(false),
    storeCalls: link.calls,
    dispose() {
      disposing ??= answers.dispose().then(() => feeds.dispose());
      return disposing;
    },
  };
};

const createWorld = async (
  createDatabase: () => Promise<TestDatabase>,
  createPubSub: () => PubSub,
): Promise<AnswersWorld> => {
  const database = await createDatabase();
  const store = await database.openStore();
  const ada = await addUser(store);
  const parts: (() => Promise<void>)[] = [];
  return {
    database,
    store,
    ada,
    async startNode(options) {
      const pubsub = createPubSub();
      const node = await startNode(await database.openStore(), pubsub, options);
      parts.push(async () => {
        await node.dispose();
        await pubsub.dispose();
      });
      return node;
    },
    async ask(conversationId = null, text = 'What is a group?') {
      const { answer, conversation } = await ask(store, ada, conversationId, { text });
      return { answerId: answer.id, conversationId: conversation.id };
    },
    async eventsOf({ answerId, conversationId }) {
      const events = await readTopic(store, conversationTopic(conversationId));
      return events.flatMap((event) =>
        'messageId' in event && event.messageId === answerId ? [event as LoggedEvent] : [],
      );
    },
    async dispose() {
      for (const dispose of parts.splice(0).reverse()) await dispose();
      await database.dispose();
    },
  };
};

/** PGlite with pub/sub in process, as one node runs, and PostgreSQL with Redis, as a cluster does. */
const answersWorlds: readonly [name: string, create: () => Promise<AnswersWorld>][] = [
  [
    'PGlite and memory',
    () => {
      const pubsub = createMemoryPubSub();
      return createWorld(createPgliteDatabase, () => ({ ...pubsub, dispose: async () => {} }));
    },
  ],
  [
    'PostgreSQL and Redis',
    () => {
      const prefix = `test:${randomUUID()}:`;
      const url = testRedisUrl();
      if (url === null) throw new Error('there is no Redis for tests');
      return createWorld(createPostgresDatabase, () => createRedisPubSub({ url, prefix, log: silentLog }));
    },
  ],
];

export const runnableWorlds = () => (hasServices() ? answersWorlds : answersWorlds.slice(0, 1));

/** False when tests that need a service may be skipped and it is not there. */
export const hasServices = (): boolean => testDatabaseUrl() !== null && testRedisUrl() !== null;

/** The world of a `describe`, with nodes that end with their test. */
export const useAnswersWorld = (createWorld: () => Promise<AnswersWorld>) => {
  let opened: AnswersWorld | undefined;
  const nodes: AnswersNode[] = [];
  beforeAll(async () => {
    opened = await createWorld();
  });
  afterEach(async () => {
    await Promise.all(nodes.splice(0).map((node) => node.dispose()));
  });
  afterAll(() => opened?.dispose());

  const world = (): AnswersWorld => {
    if (!opened) throw new Error('the world is not open yet');
    return opened;
  };

  const statusOf = async (answerId: string) => {
    const { store, ada } = world();
    const message = await store.messages.find(answerId, ada.id);
    return { text: message?.text, ...message?.answer };
  };

  return {
    world,
    statusOf,
    async startNode(options: NodeOptions): Promise<AnswersNode> {
      const node = await world().startNode(options);
      nodes.push(node);
      return node;
    },
    isClosed: (answerId: string) =>
      eventually(async () => {
        const status = await statusOf(answerId);
        return status.closedAt ? status : null;
      }),
    typesOf: async (asked: { answerId: string; conversationId: string }) =>
      (await world().eventsOf(asked)).map(({ type }) => type),
    isMadeBy: (answerId: string, node: AnswersNode) =>
      eventually(async () => {
        const [row] = await world().database.sql.query<{ lease_node: string | null }>(
          'select lease_node from answers where message_id = $1',
          [answerId],
        );
        return row?.lease_node === node.nodeId;
      }),
  };
};

/** A door that the test opens. */
export const createGate = () => {
  let open = (): void => {};
  let arrive = (): void => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  const arrived = new Promise<void>((resolve) => {
    arrive = resolve;
  });
  return {
    open,
    /** Resolves when somebody waits at it. */
    arrived,
    async pass() {
      arrive();
      await opened;
    },
  };
};

/** Collects what a subscriber on this node gets. */
export const followItems = async (
  node: AnswersNode,
  conversationId: string,
  viewerId: string,
): Promise<{ items: FeedItem[]; stop: () => Promise<unknown> }> => {
  const subscription: FeedSubscription = await node.feeds.subscribe({
    topics: [conversationTopic(conversationId)],
    after: [],
    viewerId,
    authorize: async () => {},
    deltas: true,
  });
  const items: FeedItem[] = [];
  const read = async () => {
    for await (const item of subscription) items.push(item);
  };
  const reading = read();
  return { items, stop: () => subscription.return().then(() => reading) };
};
