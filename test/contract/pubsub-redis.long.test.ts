import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { Redis } from 'ioredis';
import { conversationTopic } from '../../src/domain/topics.ts';
import type { TopicMessage } from '../../src/pubsub/port.ts';
import { createRedisPubSub, type RedisPubSubOptions } from '../../src/pubsub/redis.ts';
import { type Log, silentLog } from '../../src/util/log.ts';
import { eventually } from '../support/eventually.ts';
import { freeRedisPort, type RedisServer, startRedis, withRedis } from '../support/redis-servers.ts';
import { listen, stopping } from './pubsub-contract.ts';

const disposers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const dispose of disposers.splice(0).reverse()) await dispose();
});

const track = <T extends { dispose(): Promise<void> }>(thing: T): T => {
  disposers.push(() => thing.dispose());
  return thing;
};

const connect = (url: string, options: Partial<RedisPubSubOptions> = {}) =>
  track(createRedisPubSub({ url, prefix: 'test:', log: silentLog, ...options }));

const countUps = (pubSub: { onUp(listener: () => void): () => void }) => {
  const ups = { count: 0 };
  pubSub.onUp(() => {
    ups.count += 1;
  });
  return ups;
};

const elapsedMs = async (work: () => Promise<unknown>): Promise<number> => {
  const startedAt = performance.now();
  await work();
  return performance.now() - startedAt;
};

const recordingLog = () => {
  const lines: string[] = [];
  const write = (fields: object, message: string) => void lines.push(`${message} ${JSON.stringify(fields)}`);
  const log: Log = { debug: write, info: write, warn: write, error: write };
  return { log, lines };
};

const topic = conversationTopic('c');
const delta = { messageId: 'm', conversationId: 'c', attempt: 1, startedSeq: 1 };

describe('pub/sub on a Redis that', () => {
  let server: RedisServer;
  beforeEach(async () => {
    server = track(await startRedis());
  });

  test('is up gets all that is published in one turn in one piece, in order', async () => {
    const [here, there] = [connect(server.url), connect(server.url)];
    const { heard } = await listen(there, topic);
    await eventually(() => here.isUp);
    const { client } = here;
    if (!(client instanceof Redis)) throw new Error('this is no single Redis');
    const [single, together] = [jest.spyOn(client.stream, '_write'), jest.spyOn(client.stream, '_writev')];
    const messages = ['a', 'b', 'c'].map((messageId): TopicMessage => ({ kind: 'stopping', messageId }));
    await Promise.all(messages.map((message) => here.publish(topic, message)));
    expect([single.mock.calls.length, together.mock.calls.length]).toEqual([0, 1]);
    await eventually(() => heard.length === 3);
    expect(heard).toEqual(messages);
  });

  test('restarts has its subscriptions again, tells by onUp, and carries messages', async () => {
    const [here, there] = [connect(server.url), connect(server.url)];
    const { heard } = await listen(there, topic);
    await eventually(() => here.isUp && there.isUp);
    const ups = countUps(there);
    await server.kill();
    await eventually(() => !there.isUp);
    const during = await listen(there, 'broadcast');
    await server.restart();
    await eventually(() => ups.count === 1 && here.isUp);
    await here.publish(topic, stopping('1'));
    await here.publish('broadcast', stopping('2'));
    await eventually(() => heard.length === 1 && during.heard.length === 1);
    expect([heard, during.heard]).toEqual([[stopping('1')], [stopping('2')]]);
  });

  test('is down makes publish and append reject at once and subscribe resolve in time', async () => {
    const pubSub = connect(server.url, { confirmTimeoutMs: 200 });
    await eventually(() => pubSub.isUp);
    await server.kill();
    await eventually(() => !pubSub.isUp);
    const tookMs = await elapsedMs(async () => {
      await expect(pubSub.publish(topic, stopping('1'))).rejects.toThrow();
      await expect(pubSub.answerTexts.append({ ...delta, offset: 0, text: 'a' })).rejects.toThrow();
    });
    // A command that is waited for is given up after 2 s.
    expect(tookMs).toBeLessThan(1_000);
    expect(await elapsedMs(() => pubSub.subscribe(topic, () => {}))).toBeLessThan(1_000);
  });

  test('dies while a message is under way makes its publish reject promptly', async () => {
    const pubSub = connect(server.url);
    await eventually(() => pubSub.isUp);
    server.pause();
    const publishing = expect(pubSub.publish(topic, stopping('1'))).rejects.toThrow();
    await server.kill();
    expect(await elapsedMs(() => publishing)).toBeLessThan(1_000);
  });

  test('freezes is noticed within 5 s, and comes back when it thaws', async () => {
    const [here, there] = [connect(server.url), connect(server.url)];
    const { heard } = await listen(there, topic);
    await eventually(() => here.isUp && there.isUp);
    const ups = countUps(there);
    server.pause();
    const publishing = expect(here.publish(topic, stopping('lost'))).rejects.toThrow();
    const noticed = await elapsedMs(() => eventually(() => !there.isUp && !here.isUp, { timeoutMs: 6_000 }));
    await publishing;
    server.resume();
    await eventually(() => ups.count > 0 && here.isUp);
    await here.publish(topic, stopping('1'));
    await eventually(() => heard.some((each) => each.kind === 'stopping' && each.messageId === '1'));
    expect(noticed).toBeLessThan(5_000);
  }, 20_000);

  test('confirms a subscription late tells by onUp, because messages were lost until then', async () => {
    const pubSub = connect(server.url, { confirmTimeoutMs: 20 });
    const other = connect(server.url);
    await eventually(() => pubSub.isUp && other.isUp);
    const ups = countUps(pubSub);
    await withRedis(server.port, (redis) => redis.call('CLIENT', 'PAUSE', '1000', 'ALL'));
    const { heard } = await listen(pubSub, topic);
    expect(ups.count).toBe(0);
    await eventually(() => ups.count === 1);
    await other.publish(topic, stopping('1'));
    await eventually(() => heard.length === 1);
    expect([pubSub.isUp, ups.count]).toEqual([true, 1]);
  });

  test('is emptied makes append return a shorter length, and set heals the text', async () => {
    const pubSub = connect(server.url);
    await eventually(() => pubSub.isUp);
    await pubSub.answerTexts.append({ ...delta, offset: 0, text: 'Hello' });
    await withRedis(server.port, (redis) => redis.flushall());
    expect(await pubSub.answerTexts.append({ ...delta, offset: 5, text: ', world' })).toEqual({
      kind: 'appended',
      length: 0,
    });
    await pubSub.answerTexts.set({ ...delta, offset: 0, text: 'Hello, world' });
    expect(await pubSub.answerTexts.append({ ...delta, offset: 12, text: '!' })).toEqual({
      kind: 'appended',
      length: 13,
    });
    expect(await pubSub.answerTexts.read('m')).toEqual({ attempt: 1, text: 'Hello, world!' });
  });

  test('gets the deltas of one turn in one command, however many they are in commands of fifty', async () => {
    const pubSub = connect(server.url);
    await eventually(() => pubSub.isUp);
    const append = (messageId: string) =>
      pubSub.answerTexts.append({ ...delta, messageId, offset: 0, text: 'a' });
    await append('first');
    await withRedis(server.port, (redis) => redis.config('RESETSTAT'));
    const results = await Promise.all(Array.from({ length: 120 }, (_, index) => append(`m${index}`)));
    expect(results).toEqual(Array(120).fill({ kind: 'appended', length: 1 }));
    const stats = await withRedis(server.port, (redis) => redis.info('commandstats'));
    expect(stats).toContain('cmdstat_evalsha:calls=3,');
    expect(stats).toContain('cmdstat_publish:calls=120,');
  });

  test('forgets its scripts is told them again', async () => {
    const pubSub = connect(server.url);
    await eventually(() => pubSub.isUp);
    await pubSub.answerTexts.append({ ...delta, offset: 0, text: 'a' });
    await withRedis(server.port, (redis) => redis.script('FLUSH'));
    expect(await pubSub.answerTexts.append({ ...delta, offset: 1, text: 'b' })).toEqual({
      kind: 'appended',
      length: 2,
    });
  });

  test('keeps the text of an answer for its time only', async () => {
    const pubSub = connect(server.url, { answerTextTtlMs: 50 });
    await eventually(() => pubSub.isUp);
    await pubSub.answerTexts.append({ ...delta, offset: 0, text: 'a' });
    await eventually(async () => (await pubSub.answerTexts.read('m')) === null);
    expect(await withRedis(server.port, (redis) => redis.dbsize())).toBe(0);
  });

  test('cuts its subscribers off has them again, with onUp', async () => {
    const [here, there] = [connect(server.url), connect(server.url)];
    const { heard } = await listen(there, topic);
    await eventually(() => here.isUp && there.isUp);
    const ups = countUps(there);
    await withRedis(server.port, (redis) => redis.call('CLIENT', 'KILL', 'TYPE', 'pubsub'));
    await eventually(() => ups.count > 0);
    await here.publish(topic, stopping('1'));
    await eventually(() => heard.length === 1);
  });

  test('has no subscription left over when listeners and iterators have ended', async () => {
    const pubSub = connect(server.url);
    await eventually(() => pubSub.isUp);
    const { stop } = await listen(pubSub, topic);
    const messages = pubSub.engine.asyncIterableIterator<TopicMessage>('broadcast');
    const pending = messages.next();
    const channels = () => withRedis(server.port, (redis) => redis.pubsub('CHANNELS', 'test:*'));
    await eventually(async () => (await channels()).length === 3);
    stop();
    await messages.return();
    await pending;
    // The node's own channel, on which it tests its links.
    await eventually(async () => (await channels()).length === 1);
    expect(await channels()).toEqual([expect.stringMatching(/^test:probe:/)]);
  });

  test('is told once in the log when it goes and once when it comes, without the password', async () => {
    const { log, lines } = recordingLog();
    await withRedis(server.port, (redis) => redis.config('SET', 'requirepass', 'geheim'));
    const pubSub = connect(server.url.replace('//', '//:geheim@'), { log });
    await eventually(() => pubSub.isUp);
    await server.kill();
    await eventually(() => !pubSub.isUp);
    await eventually(() => lines.length > 0);
    // It comes back without a password, and then takes any.
    await server.restart();
    await eventually(() => pubSub.isUp);
    expect(lines).toEqual([
      expect.stringMatching(/^REDIS_URL: Redis is unreachable.*\/\/\*\*\*@127/),
      expect.stringMatching(/^REDIS_URL: Redis is reachable again/),
    ]);
    expect(lines.join()).not.toContain('geheim');
  });

  test('refuses the password is told in the log without it', async () => {
    const { log, lines } = recordingLog();
    await withRedis(server.port, (redis) => redis.config('SET', 'requirepass', 'geheim'));
    connect(server.url.replace('//', '//:falsch@'), { log });
    await eventually(() => lines.length > 0);
    expect(lines[0]).toMatch(/WRONGPASS/);
    expect(lines.join()).not.toContain('falsch');
  });
});

describe('pub/sub on a Redis that is not there', () => {
  test('serves as soon as Redis starts, what was subscribed before included', async () => {
    const port = await freeRedisPort();
    const pubSub = connect(`redis://127.0.0.1:${port}`, { confirmTimeoutMs: 100 });
    const ups = countUps(pubSub);
    const { heard } = await listen(pubSub, topic);
    expect(pubSub.isUp).toBe(false);
    track(await startRedis({ port }));
    await eventually(() => ups.count === 1);
    await pubSub.publish(topic, stopping('1'));
    await eventually(() => heard.length === 1);
  });

  // Each of these ended the process with RedisPubSub alone.
  test('a subscribe that fails is no unhandled rejection, and dispose settles what waits for it', async () => {
    const pubSub = connect(`redis://127.0.0.1:${await freeRedisPort()}`, { confirmTimeoutMs: 50 });
    const { stop } = await listen(pubSub, topic);
    const messages = pubSub.engine.asyncIterableIterator<TopicMessage>('broadcast');
    const pending = messages.next();
    expect(await elapsedMs(() => pubSub.dispose())).toBeLessThan(1_000);
    stop();
    await messages.return();
    expect((await pending).done).toBe(true);
  });

  test('dispose settles while the link has been made and never answers', async () => {
    const server = track(await startRedis());
    server.pause();
    const pubSub = connect(server.url, { confirmTimeoutMs: 50 });
    const messages = pubSub.engine.asyncIterableIterator<TopicMessage>('broadcast');
    const pending = messages.next();
    await listen(pubSub, topic);
    expect(await elapsedMs(() => pubSub.dispose())).toBeLessThan(1_000);
    await messages.return();
    expect((await pending).done).toBe(true);
  });

  test('unsubscribing after dispose is harmless while a subscription is confirmed', async () => {
    const server = track(await startRedis());
    const pubSub = connect(server.url);
    const { stop } = await listen(pubSub, topic);
    const messages = pubSub.engine.asyncIterableIterator<TopicMessage>('broadcast');
    const pending = messages.next();
    await listen(pubSub, 'broadcast');
    await pubSub.dispose();
    stop();
    await messages.return();
    expect((await pending).done).toBe(true);
    await expect(pubSub.publish(topic, stopping('1'))).rejects.toThrow();
  });

  test('an iterator that begins after dispose can be ended', async () => {
    const pubSub = connect(`redis://127.0.0.1:${await freeRedisPort()}`);
    await pubSub.dispose();
    const messages = pubSub.engine.asyncIterableIterator<TopicMessage>(topic);
    const pending = messages.next();
    await messages.return();
    expect((await pending).done).toBe(true);
  });
});
