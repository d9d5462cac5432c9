import { randomUUID } from 'node:crypto';
import { Cluster } from 'ioredis';
import { createDisposers } from '../util/disposers.ts';
import type { Log } from '../util/log.ts';
import type { PubSub } from './port.ts';
import { createRedisAnswerTexts } from './redis-answer-texts.ts';
import {
  createRedisClients,
  defaultCommandTimeoutMs,
  defineScript,
  endClient,
  type RedisClient,
} from './redis-client.ts';
import { RedisEngine } from './redis-engine.ts';
import { createHeartbeat } from './redis-heartbeat.ts';
import { watchOutages } from './redis-outage.ts';
import { createRedisSubscriber } from './redis-subscriber.ts';
import { createRedisTypists } from './redis-typists.ts';
import { createUpState } from './redis-up-state.ts';
import { openSubscription } from './subscription.ts';

export interface RedisPubSubOptions {
  /** REDIS_URL: `redis://`, `rediss://`, `redis+sentinel://` or `redis+cluster://`. */
  readonly url: string;
  /** Stands before every key and channel. */
  readonly prefix: string;
  readonly log: Log;
  /** @default Date.now */
  readonly now?: () => number;
  /** How long `subscribe` waits for Redis' confirmation, in milliseconds. @default 1000 */
  readonly confirmTimeoutMs?: number;
  /** Time after which a command without a reply is rejected, in milliseconds. @default 2000 */
  readonly commandTimeoutMs?: number;
  /** Pause between two tests of the links, in milliseconds. @default 1500 */
  readonly heartbeatMs?: number;
  /** How long the text of an answer is kept after the last write, in milliseconds. @default 10 minutes */
  readonly answerTextTtlMs?: number;
}

export interface RedisBackedPubSub extends PubSub {
  /** For commands of others (presence, limits). Belongs to the pub/sub, which ends it. */
  readonly client: RedisClient;
}

/**
 * In a Cluster PUBLISH goes to any node, and two messages that went to two nodes may overtake each other: a script with
 * the channel as its key sends all messages of a channel through the same node.
 */
const createPublish = (client: RedisClient): ((channel: string, payload: string) => Promise<unknown>) => {
  if (!(client instanceof Cluster)) return (channel, payload) => client.publish(channel, payload);
  const publish = defineScript<number>(client, {
    name: 'edagentPublish',
    lua: "return redis.call('PUBLISH', KEYS[1], ARGV[1])",
    keys: 1,
  });
  return (channel, payload) => publish(channel, payload);
};

/** Resolves false when the time is over first. */
const settledWithin = async (promise: Promise<void>, timeoutMs: number): Promise<boolean> => {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), timeoutMs);
  });
  try {
    return await Promise.race([promise.then(() => true), late]);
  } finally {
    clearTimeout(timer);
  }
};

/** Carries messages through Redis. An unreachable Redis is no error: it connects when it can, and `onUp` tells. */
export const createRedisPubSub = (options: RedisPubSubOptions): RedisBackedPubSub => {
  const { url, prefix, log, now = Date.now, confirmTimeoutMs = 1_000 } = options;
  const { heartbeatMs = 1_500, answerTextTtlMs = 10 * 60_000 } = options;
  const commandTimeoutMs = options.commandTimeoutMs ?? defaultCommandTimeoutMs;
  const disposers = createDisposers(log);

  const clients = createRedisClients(url, commandTimeoutMs);
  const { client, subscriber } = clients;
  const publish = createPublish(client);
  const outage = watchOutages(clients, url, log);
  const link = createRedisSubscriber({
    client: subscriber,
    probeChannel: `${prefix}probe:${randomUUID()}`,
    log,
    onChange: () => state.review(),
  });
  const state = createUpState({
    isUpNow: () => link.isUp && client.status === 'ready',
    onUp: () => outage.over(),
    log,
  });
  for (const event of ['ready', 'close', 'end']) client.on(event, () => state.review());
  const engine = new RedisEngine({ prefix, subscriber: link.forEngine, publish });
  const heartbeat = createHeartbeat({
    ...clients,
    link,
    publish,
    everyMs: heartbeatMs,
    timeoutMs: commandTimeoutMs,
  });

  disposers.add('clients', () => Promise.all([endClient(client), endClient(subscriber)]));
  disposers.add('link', () => link.dispose());
  disposers.add('state', () => state.dispose());
  disposers.add('heartbeat', () => heartbeat.dispose());
  for (const each of [client, subscriber]) each.connect().catch(() => {});

  return {
    client,
    engine,
    publish: (trigger, message) => engine.publish(trigger, message),
    async subscribe(trigger, onMessage) {
      const subscription = openSubscription({ engine, trigger, onMessage, log });
      const inTime = await settledWithin(subscription.confirmed, confirmTimeoutMs);
      if (!inTime) void subscription.confirmed.then(() => state.lateConfirmation());
      return subscription.undo;
    },
    get isUp() {
      return state.isUp;
    },
    onUp: (listener) => state.listen(listener),
    answerTexts: createRedisAnswerTexts({ client, prefix, ttlMs: answerTextTtlMs }),
    typists: createRedisTypists({ client, prefix, now }),
    dispose: () => disposers.dispose(),
  };
};
