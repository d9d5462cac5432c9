import { once } from 'node:events';
import { connect as connectTcp, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { messageReceivedDocument } from '../../support/documents.ts';
import { eventually } from '../../support/eventually.ts';
import { newUserId } from '../../support/test-app.ts';
import { type Api, eventsOf, type RawSocket, startApi } from './harness.ts';

const deep = (levels: number): string =>
  levels === 0 ? '{ id }' : `{ messages { edges { node { conversation ${deep(levels - 1)} } } } }`;
const tooDeep = `{ conversation(id: "x") ${deep(4)} }`;
const aliases = (count: number): string =>
  `{ ${Array.from({ length: count }, (_, at) => `a${at}: viewer { role }`).join(' ')} }`;
const tooLong = `{ ${'viewer { role } '.repeat(1_000)} }`;

const badDocuments = {
  'a syntax error': '{ viewer { ',
  'an unknown field': '{ password }',
  'an empty document': '',
  'too deep a document': tooDeep,
  'too many aliases': aliases(20),
  'too long a document': tooLong,
};

describe('a document that is not valid', () => {
  let api: Api;
  let socket: RawSocket;
  let token: string;

  beforeAll(async () => {
    api = await startApi();
    token = await api.token(newUserId());
    socket = await api.connect(token);
    socket.subscribe('other', messageReceivedDocument);
    await socket.wait('next', 'other');
  });
  afterAll(() => api.dispose());

  const expectOthersAlive = async (): Promise<void> => {
    const count = eventsOf(socket, 'other').length;
    await socket.run('mutation ($input: SendMessageInput!) { sendMessage(input: $input) { __typename } }', {
      input: { clientMessageId: newUserId('m'), text: 'Still here', answer: false },
    });
    await eventually(() => eventsOf(socket, 'other').length > count);
    expect(eventsOf(socket, 'other').at(-1)).toMatchObject({ __typename: 'MessageAdded' });
  };

  test.each(Object.entries(badDocuments))(
    '[C4] %s is an error of its own operation on the socket, and the same on HTTP',
    async (_, query) => {
      const id = newUserId('bad');
      socket.subscribe(id, query);
      const { payload } = await socket.wait('error', id);
      const extensions = { code: 'BAD_INPUT', temporary: false };
      expect(payload[0]).toMatchObject({ message: expect.any(String), extensions });
      expect(payload[0].extensions).toEqual(extensions);
      await expectOthersAlive();

      const response = await api.query(token, query);
      expect(response.errors?.[0]?.extensions).toEqual(extensions);
      if (query !== '') expect(response.errors?.[0]?.message).toBe(payload[0].message);
    },
  );

  test.each([
    ['an operation that is not there', { query: 'query A { __typename }', operationName: 'B' }],
    ['two operations and no name', { query: 'query A { __typename } query B { __typename }' }],
    [
      'a variable of the wrong type',
      { query: 'query ($id: ID!) { conversation(id: $id) { id } }', variables: { id: {} } },
    ],
    ['cursors that are no list', { query: '{ viewer { role } }', extensions: { after: 'x' } }],
    ['more cursors than topics', { query: '{ viewer { role } }', extensions: { after: ['x', 'y', 'z'] } }],
  ])('[C4] %s is BAD_INPUT for that operation alone', async (_, payload) => {
    const id = newUserId('bad');
    socket.send({ type: 'subscribe', id, payload });
    const answer = await eventually(() => socket.of(id)[0]);
    const errors = answer.type === 'error' ? answer.payload : answer.payload.errors;
    expect(errors[0].extensions.code).toBe('BAD_INPUT');
    expect(errors[0].extensions).not.toHaveProperty('http');
    await expectOthersAlive();
  });

  test('[S1] what was refused does not count as a subscription', async () => {
    const { data } = await socket.run('{ connectionStatus { connections { nodes { subscriptionCount } } } }');
    // The other one and this query.
    expect(data.connectionStatus.connections.nodes).toEqual([{ subscriptionCount: 2 }]);
  });

  test('the introspection of GraphiQL is within the limits', async () => {
    const { getIntrospectionQuery } = await import('graphql');
    const result = await api.query(
      token,
      getIntrospectionQuery({ inputValueDeprecation: true, oneOf: true }),
    );
    expect(result.errors).toBeUndefined();
    expect(result.data.__schema.types.length).toBeGreaterThan(40);
  });
});

describe('a peer that breaks the protocol', () => {
  let api: Api;
  let token: string;
  beforeAll(async () => {
    api = await startApi();
    token = await api.token(newUserId());
  });
  afterAll(() => api.dispose());

  const acked = () => api.connect(token);
  const subscribe = (id: string) => ({ type: 'subscribe', id, payload: { query: messageReceivedDocument } });

  test('[C7] a subscribe before the acknowledgement closes with 4401', async () => {
    const socket = await api.socket();
    socket.send(subscribe('s'));
    expect((await socket.closed).code).toBe(4401);
  });

  test('[C7] a subscribe right behind connection_init closes with 4401', async () => {
    const socket = await api.socket();
    socket.send({ type: 'connection_init', payload: { authorization: `Bearer ${token}` } });
    socket.send(subscribe('s'));
    expect((await socket.closed).code).toBe(4401);
  });

  test('[C7] a duplicate operation id closes with 4409, a finished one may be used again', async () => {
    const socket = await acked();
    for (let round = 0; round < 2; round += 1) {
      socket.send({ type: 'subscribe', id: 'q', payload: { query: '{ viewer { role } }' } });
      await eventually(() => socket.of('q').length === 2 * (round + 1));
    }
    socket.send(subscribe('s'));
    socket.send(subscribe('s'));
    expect((await socket.closed).code).toBe(4409);
  });

  test('a second connection_init closes with 4429', async () => {
    const socket = await acked();
    socket.send({ type: 'connection_init' });
    expect((await socket.closed).code).toBe(4429);
  });

  test('a socket that never sends connection_init is closed with 4408', async () => {
    const socket = await api.socket();
    expect((await socket.closed).code).toBe(4408);
  });

  test('a socket without a subprotocol closes with 4406, one of another is not opened', async () => {
    const bare = await api.socket({ protocol: null });
    expect((await bare.closed).code).toBe(4406);
    await expect(api.socket({ protocol: 'graphql-ws' })).rejects.toThrow(/subprotocol/);
  });

  test.each([
    ['text that is no JSON', 'garbage'],
    ['JSON that is no message', '5'],
    ['an unknown type', '{"type":"hello"}'],
    ['a message of servers', '{"type":"next","id":"1","payload":{}}'],
    ['a subscribe without a query', '{"type":"subscribe","id":"1","payload":{}}'],
    ['variables that are a list', '{"type":"subscribe","id":"1","payload":{"query":"{a}","variables":[]}}'],
    ['binary garbage', Buffer.from([0, 255, 1, 254])],
  ])('%s closes with 4400', async (_, message) => {
    const socket = await acked();
    socket.send(message);
    expect((await socket.closed).code).toBe(4400);
  });

  test('ids that are names of an object’s own are ids like others', async () => {
    const socket = await acked();
    for (const id of ['__proto__', 'constructor', 'toString']) {
      socket.send({ type: 'subscribe', id, payload: { query: '{ viewer { role } }' } });
      expect((await socket.wait('next', id)).payload).toEqual({ data: { viewer: { role: 'LEARNER' } } });
    }
  });
});

describe('a raw peer', () => {
  let api: Api;
  const peers: Socket[] = [];
  beforeAll(async () => {
    api = await startApi();
  });
  afterAll(async () => {
    for (const peer of peers) peer.destroy();
    await api.dispose();
  });

  const openPeer = async (): Promise<Socket> => {
    const { hostname, port } = new URL(api.url);
    const peer = connectTcp({ host: hostname, port: Number(port), allowHalfOpen: true });
    peers.push(peer);
    peer.on('error', () => {});
    await once(peer, 'connect');
    return peer;
  };

  const request = async (head: string, host = 'x'): Promise<string> => {
    const peer = await openPeer();
    let answer = '';
    peer.on('data', (chunk) => {
      answer += chunk;
    });
    const ended = once(peer, 'end');
    peer.write(`${head}\r\nHost: ${host}\r\n\r\n`);
    await ended;
    return answer;
  };

  const upgrade = (path: string): string =>
    `GET ${path} HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n` +
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: graphql-transport-ws';

  const expectServing = async (): Promise<void> => {
    expect((await fetch(new URL('/health/ready', api.url))).status).toBe(200);
  };

  test.each(['/', '/other', '/graphql/', '//', '//[', '/health/live'])(
    '[C1] an upgrade on %s is refused with 404',
    async (path) => {
      expect(await request(upgrade(path))).toMatch(/^HTTP\/1\.1 404 /);
      await expectServing();
    },
  );

  test.each(['//', '//[', 'http://[/graphql'])('a request for %s is 404', async (path) => {
    expect(await request(`GET ${path} HTTP/1.1\r\nConnection: close`)).toMatch(/^HTTP\/1\.1 404 /);
    await expectServing();
  });

  test.each(['a b%%', '[', 'x:99999', 'http://x'])(
    '[E3] the host %j is refused, and shows no stack',
    async (host) => {
      const answer = await request(`POST /graphql HTTP/1.1\r\nContent-Length: 0\r\nConnection: close`, host);
      expect(answer).toMatch(/^HTTP\/1\.1 40[04] /);
      expect(answer).not.toMatch(/at .*\(|TypeError|\.ts|\.js/);
      await expectServing();
    },
  );

  test('a peer that resets during a refused upgrade ends nothing but itself', async () => {
    for (let round = 0; round < 20; round += 1) {
      const peer = await openPeer();
      peer.write(`${upgrade('/other')}\r\nHost: x\r\n\r\n`);
      for (let turn = 0; turn < round % 5; turn += 1) await new Promise((resolve) => setImmediate(resolve));
      peer.resetAndDestroy();
    }
    await expectServing();
  });

  test('frames that are no frames close the socket', async () => {
    const peer = await openPeer();
    peer.write(`${upgrade('/graphql')}\r\nHost: x\r\n\r\n`);
    await once(peer, 'data');
    peer.write(Buffer.alloc(64, 0xff));
    const [frame] = (await once(peer, 'data')) as [Buffer];
    expect(frame.readUInt16BE(2)).toBe(1002);
    await once(peer, 'end');
    await expectServing();
  });
});
