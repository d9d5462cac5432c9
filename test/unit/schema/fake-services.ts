import type { Viewer } from '../../../src/conversations/port.ts';
import type { FeedItem } from '../../../src/feed/items.ts';
import type { FeedSubscription } from '../../../src/feed/port.ts';
import type { Context, Services } from '../../../src/schema/context.ts';
import type { Page } from '../../../src/store/port.ts';
import type { Follower } from '../../../src/util/pull-source.ts';
import {
  broadcast,
  clientConnection,
  conversation,
  message,
  participant,
  rates,
  snapshot,
  typingItem,
  usage,
  user,
} from './samples.ts';

export const learner: Viewer = { userId: 'ada', name: 'Ada', role: 'LEARNER' };
export const admin: Viewer = { userId: 'root', name: 'Root', role: 'ADMIN' };

/** Yields the items, then stays idle until `return()`. */
export const createIdleSource = <T>(items: readonly T[] = []) => {
  const queue = [...items];
  const waiting: ((result: IteratorResult<T>) => void)[] = [];
  const end = { done: true, value: undefined } as const;
  let returns = 0;
  return {
    get returns() {
      return returns;
    },
    follow: (follower: Follower<T>): void => follower.onReadable(),
    take: (): T | null => queue.shift() ?? null,
    get isEnded() {
      return returns > 0;
    },
    next: (): Promise<IteratorResult<T>> => {
      const value = queue.shift();
      if (value !== undefined) return Promise.resolve({ done: false, value });
      return new Promise((resolve) => waiting.push(resolve));
    },
    return: (): Promise<IteratorResult<T>> => {
      returns += 1;
      for (const resolve of waiting.splice(0)) resolve(end);
      return Promise.resolve(end);
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
};

const pageOf = <T>(row: T): Page<T> => ({
  rows: [row],
  hasPreviousPage: true,
  hasNextPage: false,
  seq: 7,
  epoch: 'e',
});

export interface Call {
  readonly method: string;
  readonly args: readonly unknown[];
}

/** Answers every method with a sample and notes the calls; `overrides` replaces answers by `service.method`. */
export const createFakeServices = (
  overrides: Readonly<Record<string, (...args: never[]) => unknown>> = {},
) => {
  const calls: Call[] = [];
  const answers: Record<string, (...args: never[]) => unknown> = {
    'accounts.load': async (viewer: Viewer) => ({ ...user, id: viewer.userId, role: viewer.role }),
    'accounts.admit': async () => {},
    'accounts.find': async (id: string) => ({ ...user, id }),
    'accounts.updateProfile': async () => user,
    'accounts.usage': async () => usage,
    'conversations.create': async () => conversation,
    'conversations.find': async () => conversation,
    'conversations.page': async () => pageOf(conversation),
    'conversations.messages': async () => pageOf(message),
    'conversations.unreadCount': async () => 2,
    'conversations.lastMessage': async () => message,
    'conversations.participants': async () => [participant],
    'conversations.rename': async () => conversation,
    'conversations.remove': async (_viewer: Viewer, id: string) => id,
    'conversations.addParticipant': async () => conversation,
    'conversations.removeParticipant': async () => conversation,
    'conversations.markRead': async () => conversation,
    'conversations.send': async () => ({
      kind: 'sent',
      message,
      answer: message,
      conversation,
      cursor: 'cursor-0',
    }),
    'conversations.stopAnswer': async () => message,
    'conversations.retryAnswer': async () => ({ kind: 'created', answer: message, conversation }),
    'conversations.subscribe': async (): Promise<FeedSubscription> => createIdleSource<FeedItem>(),
    'typing.set': async (_viewer: Viewer, _connectionId: string, _id: string, isTyping: boolean) => isTyping,
    'typing.subscribe': async () => createIdleSource([typingItem]),
    'broadcasts.send': async () => ({ broadcast, connectionCount: 2 }),
    'broadcasts.page': async () => pageOf(broadcast),
    'broadcasts.pageFor': async () => pageOf(broadcast),
    'broadcasts.markRead': async () => broadcast,
    'connections.status': async () => snapshot,
    'connections.history': async () => [rates],
    'connections.page': async () => ({
      rows: [clientConnection],
      totalCount: 9,
      endCursor: 'k1',
      hasNextPage: true,
    }),
    'connections.watchStatus': () => createIdleSource([snapshot]),
    'connections.disconnect': async () => 3,
    'connections.setUserBlocked': async () => user,
    ...overrides,
  };
  const service = (name: string) =>
    new Proxy(
      {},
      {
        get:
          (_target, key) =>
          (...args: never[]) => {
            const method = `${name}.${String(key)}`;
            const answer = answers[method];
            if (!answer) throw new Error(`${method} is not expected`);
            calls.push({ method, args });
            return answer(...args);
          },
      },
    );
  const services = {
    accounts: service('accounts'),
    conversations: service('conversations'),
    typing: service('typing'),
    broadcasts: service('broadcasts'),
    connections: service('connections'),
    limits: {
      messageLength: 8_000,
      messagesPerMinute: 20,
      connections: 10,
      subscriptionsPerConnection: 20,
      payloadBytes: 65_536,
    },
  } as Services;
  return {
    services,
    calls,
    callsOf: (method: string) => calls.filter((call) => call.method === method).map((call) => call.args),
  };
};

export const createContext = (services: Services, overrides: Partial<Context> = {}): Context => ({
  services,
  viewer: learner,
  connectionId: 'k1',
  typistId: 'k1',
  tokenExpiresAt: new Date('2030-01-31T12:30:00Z'),
  resumeAfter: null,
  renewAuth: async () => ({ role: 'LEARNER', expiresAt: new Date('2030-01-31T13:00:00Z') }),
  ...overrides,
});
