import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import type { Client } from 'graphql-ws';
import { eventually } from '../../support/eventually.ts';
import { dropKeys } from '../../support/redis-servers.ts';
import { testRedisUrl } from '../../support/services.ts';
import { createEmptyPostgres } from '../../support/stores.ts';
import { createTcpProxy } from '../../support/tcp-proxy.ts';
import { collect, newUserId, startTestApp, type TestApp } from '../../support/test-app.ts';
import { hear, meet, say } from '../feed/sockets.ts';

const databaseOrNull = await createEmptyPostgres();
const redisUrl = testRedisUrl();
const suite = databaseOrNull && redisUrl !== null ? describe : describe.skip;

suite('while the store cannot be reached', () => {
  const prefix = `test-${randomUUID()}:`;
  let link: Awaited<ReturnType<typeof createTcpProxy>>;
  let app: TestApp;

  beforeAll(async () => {
    const url = new URL(databaseOrNull?.url ?? '');
    link = await createTcpProxy({ host: url.hostname, port: Number(url.port || 5432) });
    url.hostname = '127.0.0.1';
    url.port = String(link.port);
    app = await startTestApp({ cluster: { databaseUrl: url.href, redisUrl: redisUrl ?? '', prefix } });
  });
  afterEach(async () => {
    link.mend();
    const token = await app.token(newUserId());
    await eventually(async () => (await app.query(token, '{ viewer { role } }')).errors === undefined);
  });
  afterAll(async () => {
    await app.dispose();
    await link.dispose();
    await dropKeys(redisUrl ?? '', prefix);
    await databaseOrNull?.dispose();
  });

  /** Ada, a conversation of hers and a subscription that holds the socket of `client` open. */
  const begin = async (client: (token: string) => Client) => {
    const token = await meet(app, newUserId('ada'));
    const { conversationId, cursor } = await say(app, token, '1');
    const connection = client(token);
    const live = hear(connection);
    await live.ready();
    return { token, conversationId, cursor, connection, live };
  };

  const isAway = async (token: string) => {
    const { errors } = await app.query(token, '{ viewer { usage { messages } } }');
    return errors?.[0]?.extensions?.code === 'UNAVAILABLE';
  };

  /** What nobody here reads yet; one whose topics are open already begins without the store. */
  const documents: [string, (id: string) => string][] = [
    ['messageReceived', (id) => `subscription { messageReceived(conversationId: "${id}") { __typename } }`],
    ['typing', (id) => `subscription { typing(conversationId: "${id}") { isTyping } }`],
  ];

  test.each(documents)(
    '[E1] a new %s on a live socket is refused as UNAVAILABLE and temporary, and the socket stays',
    async (_, document) => {
      const { token, conversationId, connection, live } = await begin((one) => app.stockClient(one));
      link.cut();
      await eventually(() => isAway(token));
      const refused = collect(connection, document(conversationId));
      await refused.ended;
      expect(refused.results).toMatchObject([
        { errors: [{ extensions: { code: 'UNAVAILABLE', temporary: true } }] },
      ]);
      link.mend();
      await eventually(async () => !(await isAway(token)));
      await say(app, token, 'after', { conversationId });
      await eventually(() => live.texts().includes('after'));
    },
  );

  test('edagent-client begins its subscriptions when the store is back, with what was missed', async () => {
    const { token, conversationId, cursor, connection, live } = await begin((one) => app.client(one));
    link.cut();
    await eventually(() => isAway(token));
    const heard = hear(connection, { conversationId, after: [cursor] });
    const typing = collect(connection, documents[1]?.[1](conversationId) ?? '');
    await eventually(() => isAway(token));
    link.mend();
    await heard.ready();
    await say(app, token, '2', { conversationId });
    await eventually(() => heard.texts().length === 2 && live.texts().length === 1);
    expect(heard.texts()).toEqual(['1', '2']);
    expect(typing.results.filter(({ errors }) => errors)).toEqual([]);
    await app.query(token, `mutation { setTyping(conversationId: "${conversationId}", isTyping: true) }`);
    await eventually(() => typing.results.length > 0);
  });
});
