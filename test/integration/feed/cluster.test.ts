import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Redis } from 'ioredis';
import type { Store } from '../../../src/store/port.ts';
import { openPostgresStore } from '../../../src/store/store.ts';
import { silentLog } from '../../../src/util/log.ts';
import { eventually } from '../../support/eventually.ts';
import { testDatabaseUrl, testRedisUrl } from '../../support/services.ts';
import { createEmptyPostgres } from '../../support/stores.ts';
import { newUserId, startTestApp, type TestApp } from '../../support/test-app.ts';
import { change, hear, meet, say } from './sockets.ts';

const [databaseUrl, redisUrl] = [testDatabaseUrl(), testRedisUrl()];
const maybeDescribe = databaseUrl === null || redisUrl === null ? describe.skip : describe;

maybeDescribe('two nodes on Redis and PostgreSQL', () => {
  const prefix = `test:${randomUUID()}:`;
  let database: { url: string; dispose(): Promise<void> };
  let store: Store;
  let redis: Redis;
  let here: TestApp;
  let there: TestApp;

  beforeAll(async () => {
    const created = await createEmptyPostgres();
    if (!created || redisUrl === null) throw new Error('there are no services for tests');
    database = created;
    store = await openPostgresStore({ url: database.url, log: silentLog });
    redis = new Redis(redisUrl);
    const cluster = { databaseUrl: database.url, redisUrl, prefix };
    here = await startTestApp({ cluster });
    there = await startTestApp({ cluster });
  });

  afterAll(async () => {
    await Promise.all([here.dispose(), there.dispose()]);
    await redis.quit();
    await store.dispose();
    await database.dispose();
  });

  const topicsHeard = async (): Promise<string[]> => {
    const channels = (await redis.pubsub('CHANNELS', `${prefix}*`)) as string[];
    return channels.filter((channel) => /:(?:conversation|user|typing):|:broadcast$/.test(channel));
  };

  const begin = async () => {
    const user = newUserId('ada');
    const token = await meet(here, user);
    const first = await say(here, token, '1');
    return { user, token, topic: `conversation:${first.conversationId}`, ...first };
  };

  test('[L4] a subscription resumes on another node where it was, and hears what is said on the first', async () => {
    const { token, conversationId, cursor, topic } = await begin();
    const before = hear(here.stockClient(token), { conversationId, after: [cursor] });
    await before.ready();
    before.stop();
    await say(here, token, '2', { conversationId });
    const after = [before.cursor(topic), before.cursor('broadcast')];
    const heard = hear(there.stockClient(token), { conversationId, after });
    expect((await heard.ready()).resumed).toBe(true);
    await say(here, token, '3', { conversationId });
    await eventually(() => heard.texts().length === 2);
    expect(heard.texts()).toEqual(['2', '3']);
    await say(here, token, 'What is a group?', { conversationId, answer: true });
    await eventually(() => heard.of('AnswerFinished')[0]);
  });

  test('[L8] what was trimmed gives Resync', async () => {
    const { token, conversationId, cursor } = await begin();
    for (const text of ['2', '3', '4']) await say(here, token, text, { conversationId });
    await store.log.trim({ maxAgeMs: 3_600_000, maxPerTopic: 2 });
    const heard = hear(there.stockClient(token), { conversationId, after: [cursor] });
    await heard.ready();
    expect(heard.types()).toEqual(['Resync', 'Ready']);
    expect(heard.of('Resync')).toMatchObject([{ cause: 'TRIMMED' }]);
  });

  test('[L16] a new epoch gives Resync to the live ones on every node, and to those who come back', async () => {
    const { token, conversationId, cursor, topic } = await begin();
    const live = [here, there].map((app) => hear(app.stockClient(token), { conversationId }));
    await Promise.all(live.map((heard) => heard.ready()));
    await store.log.rotateEpoch(await store.log.epoch());
    await eventually(() => live.every((heard) => heard.of('Resync').length === 2));
    const back = hear(here.stockClient(token), { conversationId, after: [cursor] });
    await back.ready();
    for (const heard of [...live, back]) {
      expect(heard.of('Resync').every(({ cause }) => cause === 'EPOCH_CHANGED')).toBe(true);
    }
    await say(there, token, '2', { conversationId });
    await eventually(() => [...live, back].every((heard) => heard.texts().length === 1));
    const again = hear(there.stockClient(token), {
      conversationId,
      after: [cursor, back.cursor('broadcast')],
    });
    expect((await again.ready()).resumed).toBe(false);
    const good = hear(there.stockClient(token), {
      conversationId,
      after: [back.cursor(topic), back.cursor('broadcast')],
    });
    expect((await good.ready()).resumed).toBe(true);
  });

  test('[A8] a removal on one node ends the subscription on the other', async () => {
    const { token, conversationId } = await begin();
    const bob = newUserId('bob');
    const bobs = await meet(there, bob);
    await change(here, token, `addParticipant(conversationId: "${conversationId}", userId: "${bob}") { id }`);
    const heard = hear(there.stockClient(bobs), { conversationId });
    await heard.ready();
    await change(
      here,
      token,
      `removeParticipant(conversationId: "${conversationId}", userId: "${bob}") { id }`,
    );
    expect(await heard.ended).toEqual({ kind: 'complete' });
  });

  test('nothing is heard any more when all have left, also those who left while they subscribed', async () => {
    const { token, conversationId, cursor } = await begin();
    const clients = [here, there].map((app) => app.stockClient(token));
    const stayed = clients.map((client) => hear(client, { conversationId, after: [cursor] }));
    await Promise.all(stayed.map((heard) => heard.ready()));
    expect((await topicsHeard()).length).toBeGreaterThanOrEqual(2);
    for (const client of clients)
      for (let index = 0; index < 10; index++) hear(client, { conversationId }).stop();
    // In the middle of a subscribe the socket itself goes away.
    const gone = here.stockClient(token);
    for (let index = 0; index < 10; index++) hear(gone, { after: [] });
    await Promise.all([...clients, gone].map((client) => client.dispose()));
    await eventually(async () => !(await topicsHeard()).some((channel) => channel.endsWith(conversationId)));
  });
});
