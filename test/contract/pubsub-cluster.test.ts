import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createRedisPresence } from '../../src/connections/presence-redis.ts';
import { conversationTopic } from '../../src/domain/topics.ts';
import { createRedisPubSub, type RedisBackedPubSub } from '../../src/pubsub/redis.ts';
import { newId } from '../../src/util/id.ts';
import { silentLog } from '../../src/util/log.ts';
import { eventually } from '../support/eventually.ts';
import { startRedisCluster, startRedisSentinel, withRedis } from '../support/redis-servers.ts';
import { presenceContract } from './presence-contract.ts';
import { listen, pubSubContract, stopping } from './pubsub-contract.ts';

const createPairAt = (url: string, now: () => number) => {
  const options = { url, prefix: `test:${newId()}:`, log: silentLog, now };
  const [here, there] = [createRedisPubSub(options), createRedisPubSub(options)];
  return {
    here,
    there,
    async dispose() {
      await Promise.all([here.dispose(), there.dispose()]);
    },
  };
};

describe('a Redis Cluster of three nodes', () => {
  let cluster: Awaited<ReturnType<typeof startRedisCluster>>;
  beforeAll(async () => {
    cluster = await startRedisCluster();
  }, 20_000);
  afterAll(() => cluster.dispose());

  pubSubContract('pub/sub on it', async (now) => createPairAt(cluster.url, now));

  presenceContract('presence on it', async (ttlMs) => {
    const prefix = `test:${newId()}:`;
    const { client, dispose } = createRedisPubSub({ url: cluster.url, prefix, log: silentLog });
    await eventually(() => client.status === 'ready');
    return {
      join: (nodeId) => createRedisPresence({ client, prefix, nodeId, ttlMs }),
      passTtl() {},
      dispose,
    };
  });

  test('a message reaches subscribers whose links are on several nodes', async () => {
    const prefix = `test:${newId()}:`;
    // Each new subscriber link goes to any node: enough of them are on several.
    const nodes: RedisBackedPubSub[] = Array.from({ length: 12 }, () =>
      createRedisPubSub({ url: cluster.url, prefix, log: silentLog }),
    );
    try {
      await eventually(() => nodes.every(({ isUp }) => isUp));
      const topic = conversationTopic(newId());
      const listeners = await Promise.all(nodes.map((node) => listen(node, topic)));
      const subscribers = await Promise.all(
        cluster.ports.map((port) => withRedis(port, (redis) => redis.pubsub('NUMSUB', `${prefix}${topic}`))),
      );
      await nodes[0]?.publish(topic, stopping('1'));
      await eventually(() => listeners.every(({ heard }) => heard.length === 1));
      expect(subscribers.filter((reply) => Number((reply as unknown[])[1]) > 0).length).toBeGreaterThan(1);
    } finally {
      await Promise.all(nodes.map((node) => node.dispose()));
    }
  });
});

describe('a Redis with Sentinel', () => {
  let sentinel: Awaited<ReturnType<typeof startRedisSentinel>>;
  beforeAll(async () => {
    sentinel = await startRedisSentinel();
  }, 20_000);
  afterAll(() => sentinel.dispose());

  pubSubContract('pub/sub on it', async (now) => createPairAt(sentinel.url, now));

  test('after a failover the subscriptions are there again, onUp tells, and messages flow', async () => {
    const { here, there, dispose } = createPairAt(sentinel.url, Date.now);
    try {
      const topic = conversationTopic(newId());
      const { heard } = await listen(there, topic);
      let ups = 0;
      await eventually(() => here.isUp && there.isUp);
      there.onUp(() => {
        ups += 1;
      });
      await sentinel.failOver();
      await eventually(() => ups > 0 && here.isUp && there.isUp);
      await here.publish(topic, stopping('after'));
      await eventually(() => heard.length === 1);
      expect(heard).toEqual([stopping('after')]);
    } finally {
      await dispose();
    }
  }, 30_000);
});
