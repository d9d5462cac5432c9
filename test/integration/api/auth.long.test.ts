import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { eventually } from '../../support/eventually.ts';
import { newUserId, type TokenOptions, testToken } from '../../support/test-app.ts';
import { type Api, codeOf, type RawSocket, startApi } from './harness.ts';

const viewerDocument = '{ viewer { user { id name } role } }';
const renewDocument = 'mutation ($token: String!) { renewAuth(token: $token) { userId role expiresAt } }';

/** Tokens end on whole seconds: this is one to two of them away. */
const soonMs = 3_000;

const forge = async (): Promise<string> => {
  const [head, body] = (await testToken('mallory')).split('.');
  return `${head}.${body}.${Buffer.from('no signature').toString('base64url')}`;
};

describe('a token', () => {
  let api: Api;
  beforeAll(async () => {
    api = await startApi();
  });
  afterAll(() => api.dispose());

  const refused = {
    missing: async () => null,
    expired: () => testToken('ada', { ttlMs: -1_000 }),
    forged: forge,
  };
  const closeCodes = { missing: 4401, expired: 4403, forged: 4401 };

  describe.each(['missing', 'expired', 'forged'] as const)('that is %s', (kind) => {
    test('[A1] is UNAUTHENTICATED with status 401 over HTTP', async () => {
      const response = await api.query(await refused[kind](), viewerDocument);
      expect(response.status).toBe(401);
      expect(codeOf(response)).toBe('UNAUTHENTICATED');
      expect(response.text).not.toContain('"http"');
    });

    test('[A1] is UNAUTHENTICATED with status 401 over server-sent events', async () => {
      const stream = await api.stream(await refused[kind](), {
        query: 'subscription { messageReceived { __typename } }',
      });
      expect(stream.status).toBe(401);
      expect(await stream.ended).toBe('complete');
      expect(codeOf(stream.results[0] ?? {})).toBe('UNAUTHENTICATED');
    });

    test(`[C9] closes the socket with ${closeCodes[kind]} and a reason that says what to do`, async () => {
      const token = await refused[kind]();
      const socket = await api.socket();
      socket.send({
        type: 'connection_init',
        ...(token === null ? {} : { payload: { authorization: `Bearer ${token}` } }),
      });
      const { code, reason } = await socket.closed;
      expect(code).toBe(closeCodes[kind]);
      expect(reason).toMatch(/sign in|send/i);
    });
  });

  test('[A1] each of them has a message of its own', async () => {
    const messages = await Promise.all(
      Object.values(refused).map(
        async (toToken) => (await api.query(await toToken(), viewerDocument)).errors,
      ),
    );
    expect(new Set(messages.map((errors) => errors?.[0]?.message)).size).toBe(3);
  });

  test.each(['authorization', 'Authorization', 'AUTHORIZATION'])(
    '[C2] is taken from connectionParams.%s',
    async (key) => {
      const user = newUserId();
      const socket = await api.socket();
      socket.send({ type: 'connection_init', payload: { [key]: `Bearer ${await testToken(user)}` } });
      expect((await socket.wait('connection_ack')).payload.userId).toBe(user);
    },
  );

  test.each([{ authorization: 5 }, { authorization: null }, { token: 'x' }, {}])(
    '[C9] connectionParams %j hold none',
    async (payload) => {
      const socket = await api.socket();
      socket.send({ type: 'connection_init', payload });
      expect((await socket.closed).code).toBe(4401);
    },
  );

  test('[C3] connection_ack carries who is connected, where, until when, and the limits', async () => {
    const user = newUserId();
    const before = Date.now();
    const socket = await api.connect(await testToken(user, { ttlMs: 60_000 }));
    const { payload } = await socket.wait('connection_ack');
    expect(payload).toEqual({
      connectionId: expect.any(String),
      nodeId: api.app.nodeId,
      userId: user,
      serverTime: expect.any(String),
      tokenExpiresAt: expect.any(String),
      limits: {
        messageLength: 8_000,
        messagesPerMinute: 10_000,
        connections: 1_000,
        subscriptionsPerConnection: 50,
        payloadBytes: 256 * 1_024,
      },
    });
    expect(Math.abs(Date.parse(payload.serverTime) - before)).toBeLessThan(5_000);
    expect(Math.abs(Date.parse(payload.tokenExpiresAt) - before - 60_000)).toBeLessThan(5_000);
  });

  test('[A2] the user exists from the first authenticated operation on, on every transport', async () => {
    const admin = await testToken(newUserId('admin'), { role: 'admin' });
    const broadcast = (userId: string) =>
      api.query(
        admin,
        'mutation ($input: BroadcastInput!) { broadcast(input: $input) { broadcast { id } } }',
        { input: { clientBroadcastId: newUserId('b'), text: 'Hello', userIds: [userId] } },
      );
    const [unseen, overHttp, overSocket] = [newUserId(), newUserId(), newUserId()];
    expect((await api.query(await testToken(overHttp, { name: 'Ada' }), viewerDocument)).data).toEqual({
      viewer: { user: { id: overHttp, name: 'Ada' }, role: 'LEARNER' },
    });
    await api.connect(await testToken(overSocket));
    expect(codeOf(await broadcast(unseen))).toBe('BAD_INPUT');
    expect(codeOf(await broadcast(overHttp))).toBeUndefined();
    expect(codeOf(await broadcast(overSocket))).toBeUndefined();
  });

  describe('that is renewed on the live connection', () => {
    const connect = async (options: TokenOptions = {}): Promise<{ user: string; socket: RawSocket }> => {
      const user = newUserId();
      return { user, socket: await api.connect(await testToken(user, options)) };
    };

    test('[A6] moves the end of the connection, to later or to sooner', async () => {
      const [longer, shorter] = await Promise.all([connect({ ttlMs: soonMs }), connect()]);
      const late = await testToken(longer.user, { ttlMs: 60_000 });
      const { data } = await longer.socket.run(renewDocument, { token: late });
      expect(data.renewAuth).toMatchObject({ userId: longer.user, role: 'LEARNER' });
      expect(Date.parse(data.renewAuth.expiresAt)).toBeGreaterThan(Date.now() + 50_000);
      const soon = await testToken(shorter.user, { ttlMs: soonMs });
      await shorter.socket.run(renewDocument, { token: soon });
      const pastFirstEnd = Date.now() + soonMs + 200;
      expect((await shorter.socket.closed).code).toBe(4403);
      await eventually(() => Date.now() > pastFirstEnd);
      expect((await longer.socket.run(viewerDocument)).data.viewer.user.id).toBe(longer.user);
    });

    test('[A6] is FORBIDDEN for another user, and the connection goes on as it was', async () => {
      const { user, socket } = await connect();
      const result = await socket.run(renewDocument, { token: await testToken(newUserId()) });
      expect(codeOf(result)).toBe('FORBIDDEN');
      expect((await socket.run(viewerDocument)).data.viewer.user.id).toBe(user);
    });

    test('[A6] may raise the role but not lower it under what is subscribed to', async () => {
      const { user, socket } = await connect();
      const admin = await testToken(user, { role: 'admin' });
      const raised = await socket.run(renewDocument, { token: admin });
      expect(raised.data.renewAuth.role).toBe('ADMIN');
      expect(
        (await socket.run('{ connectionStatus { nodes { id } } }')).data.connectionStatus.nodes,
      ).toHaveLength(1);
      expect(codeOf(await socket.run(renewDocument, { token: await testToken(user) }))).toBe('FORBIDDEN');
      expect((await socket.run(viewerDocument)).data.viewer.role).toBe('ADMIN');
    });

    test.each(['expired', 'forged'] as const)('[A6] is UNAUTHENTICATED when %s', async (kind) => {
      const { socket } = await connect();
      const result = await socket.run(renewDocument, { token: await refused[kind]() });
      expect(codeOf(result)).toBe('UNAUTHENTICATED');
      expect((await socket.run(viewerDocument)).data.viewer.role).toBe('LEARNER');
    });

    test('[A6] is BAD_INPUT over HTTP, where nothing lives on', async () => {
      const token = await testToken(newUserId());
      expect(codeOf(await api.query(token, renewDocument, { token }))).toBe('BAD_INPUT');
    });
  });

  test('[A7] ends the connection with 4403 when it ends, and breaks server-sent events off', async () => {
    const token = await testToken(newUserId(), { ttlMs: soonMs });
    const query = 'subscription { messageReceived { __typename } }';
    const [socket, stream] = await Promise.all([api.connect(token), api.stream(token, { query })]);
    socket.subscribe('s', query);
    await socket.wait('next', 's');
    expect((await socket.closed).code).toBe(4403);
    expect(await stream.ended).toBe('broken');
  });
});
