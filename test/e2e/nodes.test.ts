import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Redis } from 'ioredis';
import WebSocket from 'ws';
import { createEdAgentClient } from '../../client/src/index.ts';
import {
  type Api,
  codeOf,
  eventsOf,
  openSocket,
  type RawSocket,
  startApi,
} from '../integration/api/harness.ts';
import { messageReceivedDocument } from '../support/documents.ts';
import { eventually } from '../support/eventually.ts';
import { type NodeProcess, startNodeProcess } from '../support/node-process.ts';
import { testRedisUrl } from '../support/services.ts';
import { createEmptyPostgres } from '../support/stores.ts';
import { collect, newUserId, postQuery, testSecret, testToken } from '../support/test-app.ts';

const statusDocument =
  '{ connectionStatus { connectionCount userCount nodes { id connectionCount userCount } } }';
const pageDocument = `query ($filter: ConnectionFilter) { connectionStatus {
  connections(filter: $filter, first: 100) { totalCount nodes { id nodeId userId } } } }`;
const blockDocument =
  'mutation ($userId: ID!, $blocked: Boolean!) { setUserBlocked(userId: $userId, blocked: $blocked, reason: "Spam") { id } }';
const limits = { connections: 5, messages: 6 };

const databaseOrNull = await createEmptyPostgres();
const redisUrl = testRedisUrl();
const suite = databaseOrNull && redisUrl !== null ? describe : describe.skip;

suite('two nodes', () => {
  const prefix = `test-${newUserId()}:`;
  const nodes: Api[] = [];
  let one: Api;
  let two: Api;
  let admin: string;
  /** A third node, which is killed before the tests begin. */
  let third: { process: NodeProcess; nodeId: string; killedAt: number };

  const env = {
    EDAGENT_CONNECTIONS_PER_USER: String(limits.connections),
    EDAGENT_MESSAGES_PER_MINUTE: String(limits.messages),
  };

  const startThird = async (databaseUrl: string): Promise<typeof third> => {
    const process = await startNodeProcess({
      ...env,
      EDAGENT_JWT_SECRET: testSecret,
      DATABASE_URL: databaseUrl,
      REDIS_URL: redisUrl ?? '',
      EDAGENT_REDIS_PREFIX: prefix,
    });
    const socket = await openSocket(process.url.replace(/^http/, 'ws'));
    socket.send({
      type: 'connection_init',
      payload: { authorization: `Bearer ${await testToken(newUserId('lost'))}` },
    });
    const { nodeId } = (await socket.wait('connection_ack')).payload;
    await eventually(async () => {
      const { data } = await postQuery(one.url, admin, statusDocument);
      return data.connectionStatus.nodes.some(
        (node: { id: string; connectionCount: number }) => node.id === nodeId && node.connectionCount === 1,
      );
    });
    await process.kill();
    return { process, nodeId, killedAt: performance.now() };
  };

  beforeAll(async () => {
    const databaseUrl = databaseOrNull?.url ?? '';
    const cluster = { databaseUrl, redisUrl: redisUrl ?? '', prefix };
    one = await startApi({ cluster, env });
    two = await startApi({ cluster, env });
    nodes.push(one, two);
    admin = await testToken(newUserId('admin'), { role: 'admin' });
    third = await startThird(databaseUrl);
  }, 40_000);
  afterAll(async () => {
    await third?.process.dispose();
    for (const node of nodes) await node.dispose();
    await databaseOrNull?.dispose();
  });

  const status = async (node: Api) => (await node.query(admin, statusDocument)).data.connectionStatus;
  const connectionsOf = async (node: Api, filter: object) =>
    (await node.query(admin, pageDocument, { filter })).data.connectionStatus.connections;

  /** A user with a connection on each node. */
  const connectBoth = async (): Promise<{ user: string; token: string; sockets: RawSocket[] }> => {
    const user = newUserId();
    const token = await testToken(user);
    return { user, token, sockets: [await one.connect(token), await two.connect(token)] };
  };

  const within = async <T>(limitMs: number, work: () => Promise<T>): Promise<T> => {
    const begun = performance.now();
    const result = await work();
    expect(performance.now() - begun).toBeLessThan(limitMs);
    return result;
  };

  test('[S1] tell an admin the whole cluster, and count a user of both once', async () => {
    const { user } = await connectBoth();
    const only = newUserId();
    await two.connect(await testToken(only));
    for (const node of nodes) {
      await eventually(async () => (await connectionsOf(node, { userId: user })).totalCount === 2);
      const ofUser = (await connectionsOf(node, { userId: user })).nodes;
      expect(new Set(ofUser.map(({ nodeId }: { nodeId: string }) => nodeId))).toEqual(
        new Set(nodes.map(({ app }) => app.nodeId)),
      );
      const onOne = await connectionsOf(node, { nodeId: one.app.nodeId });
      expect(onOne.nodes.map(({ userId }: { userId: string }) => userId)).toEqual([user]);
      expect((await connectionsOf(node, { nodeId: one.app.nodeId, userId: only })).totalCount).toBe(0);
      await eventually(async () => {
        const { nodes: known } = await status(node);
        const live = known.filter(({ id }: { id: string }) => id !== third.nodeId);
        return live.length === 2 && live.every(({ userCount }: { userCount: number }) => userCount > 0);
      });
    }
    const { data } = await two.query(await testToken(user), statusDocument);
    expect(data.connectionStatus).toMatchObject({ connectionCount: 2, userCount: 1, nodes: [] });
  });

  test('[B1] [B3] announce a broadcast on both, for the connections of both', async () => {
    const { user, sockets } = await connectBoth();
    for (const socket of sockets) {
      socket.subscribe('s', messageReceivedDocument);
      await socket.wait('next', 's');
    }
    await eventually(async () => (await connectionsOf(one, { userId: user })).totalCount === 2);
    const { data } = await one.query(
      admin,
      'mutation ($input: BroadcastInput!) { broadcast(input: $input) { connectionCount broadcast { id } } }',
      { input: { clientBroadcastId: newUserId('b'), text: 'To both', userIds: [user] } },
    );
    expect(data.broadcast.connectionCount).toBe(2);
    for (const socket of sockets) {
      await eventually(() =>
        eventsOf(socket, 's').find(({ broadcastId }) => broadcastId === data.broadcast.broadcast.id),
      );
    }
  });

  test('[A10] cut a connection of the other one within 2 s, and its client comes back', async () => {
    const user = newUserId();
    const token = await testToken(user);
    const codes: number[] = [];
    const connectionIds: string[] = [];
    const client = two.stockClient(token, { retryWait: async () => {}, lazy: true });
    client.on('connected', (_socket, payload) => connectionIds.push(String(payload?.connectionId)));
    client.on('closed', (event) => codes.push((event as { code: number }).code));
    const received = collect(client, messageReceivedDocument);
    await eventually(() => received.results.length === 1);
    await eventually(async () => (await connectionsOf(one, { userId: user })).totalCount === 1);
    await within(2_000, async () => {
      const { data } = await one.query(
        admin,
        'mutation ($id: ID!) { disconnect(by: { connectionId: $id }, reason: "Bye") }',
        { id: connectionIds[0] },
      );
      expect(data).toEqual({ disconnect: 1 });
      await eventually(() => codes.length === 1);
    });
    expect(codes).toEqual([4292]);
    await eventually(() => received.results.length === 2);
    expect(new Set(connectionIds).size).toBe(2);
  });

  test('[A10] cut all connections of a user on both, once', async () => {
    const { user, sockets } = await connectBoth();
    await eventually(async () => (await connectionsOf(one, { userId: user })).totalCount === 2);
    await within(2_000, async () => {
      const { data } = await one.query(admin, 'mutation ($id: ID!) { disconnect(by: { userId: $id }) }', {
        id: user,
      });
      expect(data).toEqual({ disconnect: 2 });
      for (const socket of sockets) expect((await socket.closed).code).toBe(4292);
    });
    // Who comes back stays, also when the store is asked for cuts that were not heard.
    const back = await two.connect(await testToken(user));
    const aCheckLater = performance.now() + 2_200;
    await eventually(() => performance.now() > aCheckLater);
    expect((await back.run('{ viewer { role } }')).errors).toBeUndefined();
  });

  test('[A9] close a blocked user’s connections with 4401 on both, refuse them, and let them back in', async () => {
    const { user, token, sockets } = await connectBoth();
    const stream = await two.stream(token, { query: 'subscription { messageReceived { __typename } }' });
    await eventually(() => stream.results.length === 1);
    await within(2_000, async () => {
      const { data } = await one.query(admin, blockDocument, { userId: user, blocked: true });
      expect(data).toEqual({ setUserBlocked: { id: user } });
      for (const socket of sockets) expect((await socket.closed).code).toBe(4401);
      expect(await stream.ended).toBe('broken');
    });
    for (const node of nodes) {
      const refused = await node.query(token, '{ viewer { role } }');
      expect([refused.status, codeOf(refused)]).toEqual([401, 'UNAUTHENTICATED']);
      const socket = await node.socket();
      socket.send({ type: 'connection_init', payload: { authorization: `Bearer ${token}` } });
      expect((await socket.closed).code).toBe(4401);
      const events = await node.stream(token, { query: 'subscription { messageReceived { __typename } }' });
      expect([events.status, await events.ended]).toEqual([401, 'complete']);
    }
    await one.query(admin, blockDocument, { userId: user, blocked: false });
    await within(2_000, async () => {
      for (const node of nodes) {
        await eventually(async () => (await node.query(token, '{ viewer { role } }')).status === 200);
        await node.connect(token);
      }
    });
  });

  test('[A9] a client that is blocked stops, stock or ours', async () => {
    const user = newUserId();
    const token = await testToken(user);
    const ours = createEdAgentClient({
      url: two.wsUrl,
      webSocketImpl: WebSocket,
      connectionParams: { authorization: `Bearer ${token}` },
    });
    const followed = [
      collect(two.stockClient(token), messageReceivedDocument),
      collect(ours, messageReceivedDocument),
    ];
    await eventually(() => followed.every(({ results }) => results.length === 1));
    await one.query(admin, blockDocument, { userId: user, blocked: true });
    for (const { ended } of followed) {
      expect(await ended).toMatchObject({ kind: 'error', error: { code: 4401 } });
    }
    await ours.dispose();
  });

  test('[S4] let no more in than the limit when all come at once', async () => {
    const token = await testToken(newUserId());
    const outcomes = await Promise.all(
      Array.from({ length: 3 * limits.connections }, async () => {
        const socket = await one.socket();
        socket.send({ type: 'connection_init', payload: { authorization: `Bearer ${token}` } });
        return socket.wait('connection_ack').then(
          () => 'in',
          async () => (await socket.closed).code,
        );
      }),
    );
    expect(outcomes.filter((outcome) => outcome === 'in')).toHaveLength(limits.connections);
    expect(outcomes.filter((outcome) => outcome === 4403)).toHaveLength(2 * limits.connections);
  });

  test('[S4] count connections and messages of a user together', async () => {
    const token = await testToken(newUserId());
    for (let n = 0; n < limits.connections; n += 1) {
      const node = nodes[n % 2] as Api;
      await node.connect(token);
      await eventually(
        async () =>
          (await (nodes[(n + 1) % 2] as Api).query(token, statusDocument)).data.connectionStatus
            .connectionCount ===
          n + 1,
      );
    }
    for (const node of nodes) {
      const socket = await node.socket();
      socket.send({ type: 'connection_init', payload: { authorization: `Bearer ${token}` } });
      expect((await socket.closed).code).toBe(4403);
    }
    const send = (node: Api, n: number) =>
      node.query(
        token,
        'mutation ($input: SendMessageInput!) { sendMessage(input: $input) { __typename } }',
        {
          input: { clientMessageId: `m${n}`, text: 'Hi', answer: false },
        },
      );
    for (let n = 0; n < limits.messages; n += 1) {
      expect((await send(nodes[n % 2] as Api, n)).errors).toBeUndefined();
    }
    for (const node of nodes) expect(codeOf(await send(node, 99))).toBe('RATE_LIMITED');
    for (const node of nodes) expect((await send(node, 0)).errors).toBeUndefined();
  });

  test('a topic that nobody follows any more is not heard any more, whichever way they left', async () => {
    const token = await testToken(newUserId());
    const { data } = await one.query(
      token,
      'mutation { createConversation(input: { clientConversationId: "c" }) { id } }',
    );
    const conversationId: string = data.createConversation.id;
    const redis = new Redis(redisUrl ?? '');
    const isHeard = async (): Promise<boolean> => {
      const channels = (await redis.pubsub('CHANNELS', `*${prefix}*`)) as string[];
      return channels.some((channel) => channel.endsWith(`conversation:${conversationId}`));
    };
    const query = messageReceivedDocument;
    const variables = { conversationId };
    try {
      const [completed, cut] = [await one.connect(token), await one.connect(token)];
      const stream = await one.stream(token, { query, variables });
      for (const socket of [completed, cut]) socket.subscribe('s', query, variables);
      for (const socket of [completed, cut]) await socket.wait('next', 's');
      await eventually(() => stream.results.length === 1);
      expect(await isHeard()).toBe(true);
      completed.send({ type: 'complete', id: 's' });
      cut.socket.terminate();
      expect(await isHeard()).toBe(true);
      stream.abort();
      await eventually(async () => !(await isHeard()));
    } finally {
      redis.disconnect();
    }
  });

  test('[S3] a node that died leaves the statistics within 15 s, its connections with it', async () => {
    await eventually(
      async () => {
        const known = await status(one);
        return !known.nodes.some(({ id }: { id: string }) => id === third.nodeId);
      },
      { timeoutMs: 15_000, intervalMs: 100 },
    );
    expect(performance.now() - third.killedAt).toBeLessThan(15_000);
    expect((await connectionsOf(two, { nodeId: third.nodeId })).totalCount).toBe(0);
  });
});
