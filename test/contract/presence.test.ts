import { afterEach, describe, expect, test } from '@jest/globals';
import { presenceTtlMs } from '../../src/connections/port.ts';
import { createMemoryPresence } from '../../src/connections/presence-memory.ts';
import { createRedisPresence } from '../../src/connections/presence-redis.ts';
import { createRedisPubSub } from '../../src/pubsub/redis.ts';
import { newId } from '../../src/util/id.ts';
import { silentLog } from '../../src/util/log.ts';
import { eventually } from '../support/eventually.ts';
import { dropKeys, startRedis, withRedis } from '../support/redis-servers.ts';
import { testRedisUrl } from '../support/services.ts';
import { connectionOf, nodeOf, presenceContract } from './presence-contract.ts';

const disposers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const dispose of disposers.splice(0).reverse()) await dispose();
});

presenceContract('presence in process', async () => {
  let time = Date.now();
  const presence = createMemoryPresence({ now: () => time });
  let joined = false;
  return {
    join() {
      if (joined) return null;
      joined = true;
      return presence;
    },
    passTtl() {
      time += presenceTtlMs;
    },
    dispose: () => presence.dispose(),
  };
});

const url = testRedisUrl();

const createOnRedis = async (ttlMs: number) => {
  const prefix = `test:${newId()}:`;
  const pubSub = createRedisPubSub({ url: url ?? '', prefix, log: silentLog });
  await eventually(() => pubSub.isUp);
  return {
    join: (nodeId: string) => createRedisPresence({ client: pubSub.client, prefix, nodeId, ttlMs }),
    passTtl() {},
    async dispose() {
      await pubSub.dispose();
      await dropKeys(url ?? '', prefix);
    },
  };
};

if (url) presenceContract('presence on Redis', createOnRedis);
else describe.skip('presence on Redis', () => {});

describe('presence on a Redis that', () => {
  const begin = async () => {
    const server = await startRedis();
    const pubSub = createRedisPubSub({ url: server.url, prefix: 'test:', log: silentLog });
    disposers.push(
      () => server.dispose(),
      () => pubSub.dispose(),
    );
    await eventually(() => pubSub.isUp);
    const presence = createRedisPresence({ client: pubSub.client, prefix: 'test:', nodeId: 'one' });
    await presence.refresh(nodeOf('one'));
    return { server, pubSub, presence };
  };

  test('is emptied does not know the node any more, and has everything when it is put again', async () => {
    const { server, presence } = await begin();
    const connections = Array.from({ length: 1_234 }, (_, at) => connectionOf('one', `user ${at % 100}`));
    await presence.put(connections);
    await withRedis(server.port, (redis) => redis.flushall());
    expect(await presence.connections()).toEqual([]);
    expect(await presence.refresh(nodeOf('one'))).toBe(false);
    await presence.put(connections);
    expect(await presence.refresh(nodeOf('one'))).toBe(true);
    expect([(await presence.connections()).length, await presence.userCount()]).toEqual([1_234, 100]);
  });

  test('was away when a connection ended keeps nothing of it', async () => {
    const { server, pubSub, presence } = await begin();
    const [gone, stays] = [connectionOf('one', 'ada'), connectionOf('one', 'bob')];
    await presence.put([gone, stays]);
    await withRedis(server.port, (redis) => redis.call('CLIENT', 'PAUSE', '60000', 'ALL'));
    await expect(presence.remove([gone])).rejects.toThrow();
    await server.restart();
    await eventually(() => pubSub.isUp);
    await withRedis(server.port, async (redis) => {
      // The entries as they would be after an outage of the link alone.
      await redis.set('{test:presence}:node:one', JSON.stringify(nodeOf('one')));
      await redis.hset('{test:presence}:connections:one', gone.id, JSON.stringify(gone));
      await redis.hset('{test:presence}:users:one', 'ada', gone.id);
    });
    expect(await presence.refresh(nodeOf('one'))).toBe(false);
    await presence.put([stays]);
    expect(await presence.connections()).toEqual([stays]);
    expect(await presence.refresh(nodeOf('one'))).toBe(true);
  }, 10_000);

  test('is down makes reads and writes reject at once', async () => {
    const { server, pubSub, presence } = await begin();
    await server.kill();
    await eventually(() => !pubSub.isUp);
    const startedAt = performance.now();
    const works: Promise<unknown>[] = [
      presence.put([connectionOf('one', 'ada')]),
      presence.remove([{ id: 'a', userId: 'ada' }]),
      presence.refresh(nodeOf('one')),
      presence.nodes(),
      presence.userCount(),
      presence.connections(),
      presence.countOf('ada'),
      presence.rates(new Date().toISOString()),
      presence.leave(),
    ];
    const outcomes = await Promise.allSettled(works);
    expect(outcomes.map(({ status }) => status)).toEqual(works.map(() => 'rejected'));
    // A command that is waited for is given up after 2 s.
    expect(performance.now() - startedAt).toBeLessThan(1_000);
  });

  test('is left empty leaves no key behind for ever', async () => {
    const { server, presence } = await begin();
    await presence.put([connectionOf('one', 'ada')]);
    await presence.addRates({
      at: new Date().toISOString(),
      connections: 1,
      userCount: 1,
      answersInProgress: 1,
      messages: 1,
      deltas: 1,
      answers: 1,
      broadcasts: 1,
      firstTokenMs: 1,
      firstTokens: 1,
    });
    const ttls = await withRedis(server.port, async (redis) => {
      const keys = await redis.keys('*');
      return Promise.all(keys.map((key) => redis.pttl(key)));
    });
    expect(ttls.length).toBe(5);
    expect(ttls.every((ttl) => ttl > 0)).toBe(true);
  });
});
