import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { eventually } from '../../support/eventually.ts';
import { newUserId } from '../../support/test-app.ts';
import { type Api, codeOf, type RawSocket, startApi } from './harness.ts';

const statusDocument = `{ connectionStatus { at connectionCount userCount
  nodes { id version connectionCount userCount answersInProgress isDraining residentBytes startedAt }
  rates { at connections userCount answersInProgress messages deltas answers timeToFirstTokenMs }
  history(minutes: 1) { at } } }`;
const pageDocument = `query ($first: Int, $after: String, $filter: ConnectionFilter) { connectionStatus {
  connections(first: $first, after: $after, filter: $filter) {
    totalCount pageInfo { hasNextPage endCursor }
    nodes { id nodeId userId userName transport userAgent connectedAt lastActivityAt messagesIn messagesOut subscriptionCount } } } }`;
const changedDocument =
  'subscription { connectionStatusChanged { at connectionCount userCount nodes { id } } }';

interface Client {
  readonly id: string;
  readonly userId: string;
}

describe('connectionStatus', () => {
  let api: Api;
  let admin: string;
  beforeAll(async () => {
    api = await startApi();
    admin = await api.token(newUserId('admin'), { role: 'admin' });
  });
  afterAll(() => api.dispose());

  const status = async (token = admin) => (await api.query(token, statusDocument)).data.connectionStatus;
  const page = async (variables: object, token = admin) =>
    (await api.query(token, pageDocument, { ...variables })).data.connectionStatus.connections;
  const connectionIdOf = async (socket: RawSocket): Promise<string> =>
    (await socket.wait('connection_ack')).payload.connectionId;

  test('[S1] shows an admin the node and counts users once', async () => {
    const before = await status();
    const user = newUserId();
    const token = await api.token(user);
    await Promise.all([api.connect(token), api.connect(token), api.connect(await api.token(newUserId()))]);
    const after = await status();
    expect(after.connectionCount - before.connectionCount).toBe(3);
    expect(after.userCount - before.userCount).toBe(2);
    expect(after.nodes).toEqual([
      {
        id: api.app.nodeId,
        version: 'test',
        connectionCount: after.connectionCount,
        userCount: after.userCount,
        answersInProgress: 0,
        isDraining: false,
        residentBytes: expect.any(Number),
        startedAt: expect.any(String),
      },
    ]);
    expect(after.rates).toEqual(expect.objectContaining({ timeToFirstTokenMs: null }));
  });

  test('[S1] shows one connection with what passed through it', async () => {
    const user = newUserId();
    const socket = await api.connect(await api.token(user, { name: 'Ada' }));
    socket.subscribe('s', 'subscription { messageReceived { __typename } }');
    await socket.wait('next', 's');
    const { nodes, totalCount } = await page({ filter: { userId: user } });
    expect(totalCount).toBe(1);
    expect(nodes).toEqual([
      {
        id: await connectionIdOf(socket),
        nodeId: api.app.nodeId,
        userId: user,
        userName: 'Ada',
        transport: 'WEBSOCKET',
        userAgent: null,
        connectedAt: expect.any(String),
        lastActivityAt: expect.any(String),
        // In: the subscribe, since connection_init came before the connection. Out: the acknowledgement and Ready.
        messagesIn: 1,
        messagesOut: 2,
        subscriptionCount: 1,
      },
    ]);
    socket.send({ type: 'complete', id: 's' });
    await eventually(async () => (await page({ filter: { userId: user } })).nodes[0].subscriptionCount === 0);
  });

  test('[C5] shows server-sent events as connections', async () => {
    const user = newUserId();
    const stream = await api.stream(await api.token(user), {
      query: 'subscription { messageReceived { __typename } }',
    });
    await eventually(() => stream.results.length === 1);
    const { nodes } = await page({ filter: { userId: user } });
    expect(nodes).toEqual([
      expect.objectContaining({ transport: 'SSE', userAgent: 'node', subscriptionCount: 1 }),
    ]);
    stream.abort();
    await eventually(async () => (await page({ filter: { userId: user } })).totalCount === 0);
  });

  test('[S1] shows a learner their own connections, and no more', async () => {
    const [ada, bob] = [newUserId('ada'), newUserId('bob')];
    const token = await api.token(ada);
    const sockets = [
      await api.connect(token),
      await api.connect(token),
      await api.connect(await api.token(bob)),
    ];
    const own = await status(token);
    expect(own).toMatchObject({ connectionCount: 2, userCount: 1, nodes: [], history: [] });
    const { nodes, totalCount } = await page({}, token);
    expect(totalCount).toBe(2);
    const ids = await Promise.all(sockets.slice(0, 2).map(connectionIdOf));
    expect(new Set(nodes.map(({ id }: Client) => id))).toEqual(new Set(ids));
    const others = await api.query(token, pageDocument, { filter: { userId: bob } });
    expect(codeOf(others)).toBe('FORBIDDEN');
    expect(others.text).not.toContain(await connectionIdOf(sockets[2] as RawSocket));
    const elsewhere = await page({ filter: { nodeId: 'another' } }, token);
    expect(elsewhere.totalCount).toBe(0);
  });

  test('[S1] pages over all connections, each once, longest connected first', async () => {
    const token = await api.token(newUserId());
    for (let n = 0; n < 5; n += 1) await api.connect(token);
    const seen: Client[] = [];
    let after: string | null = null;
    do {
      const { nodes, pageInfo, totalCount } = await page({ first: 2, after });
      expect(totalCount).toBe((await status()).connectionCount);
      seen.push(...nodes);
      after = pageInfo.hasNextPage ? pageInfo.endCursor : null;
    } while (after !== null);
    const all = (await page({ first: 100 })).nodes;
    expect(seen).toEqual(all);
    expect(new Set(seen.map(({ id }) => id)).size).toBe(seen.length);
    const times = all.map(({ connectedAt }: { connectedAt: string }) => connectedAt);
    expect(times).toEqual([...times].sort((a, b) => (a < b ? -1 : 1)));
    expect(codeOf(await api.query(admin, pageDocument, { after: 'nonsense' }))).toBe('BAD_INPUT');
    expect(codeOf(await api.query(admin, pageDocument, { first: 0 }))).toBe('BAD_INPUT');
  });

  test('[S2] connectionStatusChanged tells the present status first, then changes, at most one a second', async () => {
    const socket = await api.connect(admin);
    socket.subscribe('s', changedDocument);
    await socket.wait('next', 's');
    const told = (): { at: string; connectionCount: number }[] =>
      socket.of('s').map(({ payload }) => payload.data.connectionStatusChanged);
    const token = await api.token(newUserId());
    const begun = performance.now();
    const opened: RawSocket[] = [];
    await eventually(async () => {
      opened.push(await api.connect(token));
      return performance.now() - begun > 2_200;
    });
    const expected = (await status()).connectionCount;
    await eventually(() => told().at(-1)?.connectionCount === expected);
    const times = told().map(({ at }) => Date.parse(at));
    const gaps = times.slice(1).map((at, index) => at - (times[index] ?? 0));
    expect(times.length).toBeGreaterThanOrEqual(3);
    expect(Math.min(...gaps)).toBeGreaterThan(900);
    socket.send({ type: 'complete', id: 's' });
    expect(opened.length).toBeGreaterThan(times.length);
  });

  test('[S1] counts what happened in intervals of 5 s', async () => {
    const token = await api.token(newUserId());
    for (let n = 0; n < 5; n += 1) {
      await api.query(
        token,
        'mutation ($input: SendMessageInput!) { sendMessage(input: $input) { __typename } }',
        { input: { clientMessageId: `m${n}`, text: 'Hi' } },
      );
    }
    const history = await eventually(
      async () => {
        const { data } = await api.query(
          admin,
          `{ connectionStatus { history(minutes: 15) {
            at connections userCount answersInProgress messages deltas answers timeToFirstTokenMs } } }`,
        );
        const points = data.connectionStatus.history;
        const sum = (name: string) =>
          points.reduce((all: number, point: Record<string, number>) => all + (point[name] ?? 0), 0);
        return sum('messages') >= 1 && sum('answers') >= 1 && sum('deltas') >= 1 && points;
      },
      { intervalMs: 100 },
    );
    const times = history.map(({ at }: { at: string }) => Date.parse(at));
    expect(new Set(times).size).toBe(times.length);
    for (const at of times) expect(at % 5_000).toBe(0);
    const { connections, userCount } = history.at(-1);
    expect(userCount > 0).toBe(connections > 0);
  });
});

describe('an admin', () => {
  let api: Api;
  let admin: string;
  beforeAll(async () => {
    api = await startApi();
    admin = await api.token(newUserId('admin'), { role: 'admin' });
  });
  afterAll(() => api.dispose());

  const disconnect = (by: object, reason: string | null = null) =>
    api.query(
      admin,
      'mutation ($by: DisconnectInput!, $reason: String) { disconnect(by: $by, reason: $reason) }',
      {
        by,
        reason,
      },
    );

  test('[A10] cuts one connection, or all of a user, with 4292 and the reason', async () => {
    const user = newUserId();
    const token = await api.token(user);
    const sockets = [await api.connect(token), await api.connect(token), await api.connect(token)];
    const query = 'subscription { messageReceived { __typename } }';
    const stream = await api.stream(token, { query });
    await eventually(() => stream.results.length === 1);
    const [first, ...others] = sockets as [RawSocket, ...RawSocket[]];
    const { connectionId } = (await first.wait('connection_ack')).payload;
    expect((await disconnect({ connectionId }, 'Too loud')).data).toEqual({ disconnect: 1 });
    expect(await first.closed).toEqual({ code: 4292, reason: 'Too loud' });
    expect((await others[0]?.run('{ viewer { role } }'))?.errors).toBeUndefined();
    expect((await disconnect({ userId: user })).data).toEqual({ disconnect: 3 });
    for (const socket of others) expect((await socket.closed).code).toBe(4292);
    expect(await stream.ended).toBe('broken');
    expect((await disconnect({ userId: user })).data).toEqual({ disconnect: 0 });
    expect((await disconnect({ connectionId: 'none' })).data).toEqual({ disconnect: 0 });
  });

  test('[A10] a reason of any length fits the close frame', async () => {
    const user = newUserId();
    const socket = await api.connect(await api.token(user));
    await disconnect({ userId: user }, 'ü'.repeat(500));
    const { code, reason } = await socket.closed;
    expect([code, reason]).toEqual([4292, 'ü'.repeat(61)]);
  });

  test('[E1] names exactly one of the two', async () => {
    for (const by of [{}, { userId: 'a', connectionId: 'b' }, { userId: null }]) {
      expect(codeOf(await disconnect(by))).toBe('BAD_INPUT');
    }
  });

  test('[A9] who blocks someone who was never seen gets NOT_FOUND', async () => {
    const result = await api.query(
      admin,
      'mutation { setUserBlocked(userId: "nobody", blocked: true) { id } }',
    );
    expect(codeOf(result)).toBe('NOT_FOUND');
  });
});
