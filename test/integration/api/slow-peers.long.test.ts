import { once } from 'node:events';
import { connect as connectTcp, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type WebSocket from 'ws';
import { sendDocument } from '../../support/documents.ts';
import { eventually } from '../../support/eventually.ts';
import { newUserId } from '../../support/test-app.ts';
import { type Api, type RawSocket, startApi } from './harness.ts';

/** The TCP socket under a WebSocket of this process. */
const tcpOf = ({ socket }: RawSocket): Socket => (socket as WebSocket & { _socket: Socket })._socket;

const pingEveryMs = 750;
const stallMs = 1_000;

describe('a peer', () => {
  let api: Api;
  let admin: string;
  beforeAll(async () => {
    api = await startApi({ pingEveryMs, stallMs, env: { EDAGENT_MAX_MESSAGE_LENGTH: '100000' } });
    admin = await api.token(newUserId('admin'), { role: 'admin' });
    // The first query compiles; the others are quick beside the pings.
    await connectionsOf('nobody');
  });
  afterAll(() => api.dispose());

  const connectionsOf = async (userId: string): Promise<number> => {
    const { data } = await api.query(
      admin,
      'query ($userId: ID!) { connectionStatus { connections(filter: { userId: $userId }) { totalCount } } }',
      { userId },
    );
    return data.connectionStatus.connections.totalCount;
  };

  test('[C6] that does not answer pings is cut and leaves the statistics', async () => {
    const [silent, alive] = [newUserId('silent'), newUserId('alive')];
    const [mute, other] = await Promise.all([
      api.connect(await api.token(silent), { pongs: false }),
      api.connect(await api.token(alive)),
    ]);
    expect([await connectionsOf(silent), await connectionsOf(alive)]).toEqual([1, 1]);
    expect((await mute.closed).code).toBe(1006);
    expect([await connectionsOf(silent), await connectionsOf(alive)]).toEqual([0, 1]);
    expect((await other.run('{ viewer { role } }')).data).toEqual({ viewer: { role: 'LEARNER' } });
  });

  test('[C6] whose link is half open is cut and leaves the statistics', async () => {
    const user = newUserId('half-open');
    const socket = await api.connect(await api.token(user));
    tcpOf(socket).pause();
    await eventually(async () => (await connectionsOf(user)) === 0);
    tcpOf(socket).resume();
    expect((await socket.closed).code).toBe(1006);
  });

  test('[C6] whose link is half open is cut as soon when events are sent to it all the while', async () => {
    const user = newUserId('half-open');
    const token = await api.token(user);
    const socket = await api.connect(token);
    socket.subscribe('events', 'subscription { messageReceived { __typename } }');
    await socket.wait('next', 'events');
    tcpOf(socket).pause();
    let sent = 0;
    await eventually(async () => {
      sent += 1;
      const input = { clientMessageId: `m${sent}`, text: 'still there?', answer: false };
      await api.query(token, sendDocument, { input });
      return (await connectionsOf(user)) === 0;
    });
    tcpOf(socket).resume();
    expect((await socket.closed).code).toBe(1006);
  });

  test('[C5] of server-sent events that stops reading is cut and leaves the statistics', async () => {
    const user = newUserId('stuck');
    const token = await api.token(user);
    const { hostname, port } = new URL(api.url);
    const peer = connectTcp({ host: hostname, port: Number(port) });
    peer.on('error', () => {});
    await once(peer, 'connect');
    const body = JSON.stringify({
      query: 'subscription { messageReceived { ... on MessageAdded { message { text } } } }',
    });
    peer.write(
      `POST /graphql HTTP/1.1\r\nHost: x\r\nAccept: text/event-stream\r\nContent-Type: application/json\r\n` +
        `Authorization: Bearer ${token}\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
    );
    await once(peer, 'data');
    peer.pause();
    expect(await connectionsOf(user)).toBe(1);
    let sent = 0;
    await eventually(
      async () => {
        sent += 1;
        const input = { clientMessageId: `m${sent}`, text: 'x'.repeat(100_000), answer: false };
        await Promise.all(
          Array.from({ length: 10 }, (_, at) =>
            api.query(token, sendDocument, { input: { ...input, clientMessageId: `m${sent}-${at}` } }),
          ),
        );
        return (await connectionsOf(user)) === 0;
      },
      { intervalMs: 1 },
    );
    peer.destroy();
  });

  test('[C6] that leaves while it is let in is not counted', async () => {
    const user = newUserId('gone');
    const token = await api.token(user);
    await Promise.all(
      Array.from({ length: 20 }, async () => {
        const socket = await api.socket();
        socket.send({ type: 'connection_init', payload: { authorization: `Bearer ${token}` } });
        socket.socket.terminate();
        await socket.closed;
      }),
    );
    // Behind all of them in the same queues.
    await api.connect(token);
    await eventually(async () => (await connectionsOf(user)) === 1);
  });
});

describe('a peer that reads slowly, but steadily', () => {
  let api: Api;
  beforeAll(async () => {
    api = await startApi({ stallMs, env: { EDAGENT_MAX_MESSAGE_LENGTH: '100000' } });
  });
  afterAll(() => api.dispose());

  /** Lets it take so much at most, whatever else this process does. */
  const slowDown = (tcp: Socket, bytesPerMs: number): (() => void) => {
    const startedAt = performance.now();
    let taken = 0;
    const isAhead = () => taken > (performance.now() - startedAt) * bytesPerMs;
    tcp.on('data', (part: Buffer) => {
      taken += part.length;
      if (isAhead()) tcp.pause();
    });
    const timer = setInterval(() => {
      if (!isAhead()) tcp.resume();
    }, 10);
    return () => clearInterval(timer);
  };

  test('[C8] gets one frame that takes it longer than the limit', async () => {
    const token = await api.token(newUserId('slow'));
    const count = 50;
    // Three bytes each: the kernel keeps a third of the frame at most.
    const text = '語'.repeat(80_000);
    let conversationId: string | undefined;
    for (let n = 0; n < count; n += 1) {
      const input = { clientMessageId: `m${n}`, conversationId, text, answer: false };
      const { data } = await api.query(token, sendDocument, { input });
      conversationId = data.sendMessage.conversation.id;
    }
    const socket = await api.connect(token);
    const startedAt = performance.now();
    const stop = slowDown(tcpOf(socket), 4_000);
    try {
      const page = await socket.run(
        `query ($id: ID!) { conversation(id: $id) { messages(last: ${count}) { edges { node { text } } } } }`,
        { id: conversationId },
      );
      expect(page.data.conversation.messages.edges).toEqual(Array(count).fill({ node: { text } }));
    } finally {
      stop();
    }
    expect(performance.now() - startedAt).toBeGreaterThan(stallMs * 2.5);
    // A close would stand behind the frame.
    expect((await socket.run('{ viewer { role } }')).data).toEqual({ viewer: { role: 'LEARNER' } });
  });
});

describe('a peer that asks and does not read', () => {
  let api: Api;
  beforeAll(async () => {
    api = await startApi({
      stallMs,
      env: { EDAGENT_MAX_MESSAGE_LENGTH: '100000', EDAGENT_SUBSCRIPTIONS_PER_CONNECTION: '700' },
    });
  });
  afterAll(() => api.dispose());

  const viewer = { data: { viewer: { role: 'LEARNER' } } };

  // Each is answered with as many bytes.
  const filler = { filler: 'x'.repeat(200_000) };
  test.each<[string, readonly number[], (socket: RawSocket) => void]>([
    ['messages', [4290], (socket) => socket.send({ type: 'ping', payload: filler })],
    // The close stands behind so many small frames that it may not be read in time.
    ['frames', [4290, 1006], ({ socket }) => socket.ping('x'.repeat(125))],
  ])(
    '[C8] by %s is not heard any more, then closed with 4290; others notice nothing',
    async (_by, codes, ask) => {
      const socket = await api.connect(await api.token(newUserId('greedy')));
      const other = await api.connect(await api.token(newUserId('calm')));
      const tcp = tcpOf(socket);
      tcp.pause();
      let taken = 0;
      let takenAt = performance.now();
      await eventually(() => {
        while (tcp.writableLength < 4_000_000 && socket.socket.readyState === socket.socket.OPEN) ask(socket);
        const nowTaken = tcp.bytesWritten - tcp.writableLength;
        if (nowTaken > taken) takenAt = performance.now();
        taken = nowTaken;
        return performance.now() - takenAt > stallMs / 3;
      });
      // Between the close, which comes up to a quarter late, and its end 2 s later, far from both.
      const cutAt = takenAt + stallMs * 2.1;
      await eventually(() => performance.now() > cutAt);
      expect(await other.run('{ viewer { role } }')).toEqual(viewer);
      tcp.resume();
      expect(codes).toContain((await socket.closed).code);
      expect(await other.run('{ viewer { role } }')).toEqual(viewer);
    },
  );

  test('[C8] and lets events of its subscriptions wait is closed with 4290', async () => {
    const user = newUserId('asleep');
    const token = await api.token(user);
    const socket = await api.connect(token);
    const count = 150;
    const document =
      'subscription { messageReceived { __typename ... on MessageAdded { message { text } } } }';
    for (let n = 0; n < count; n += 1) socket.subscribe(`${n}`, document);
    await eventually(() => socket.messages.filter(({ type }) => type === 'next').length === count);
    const tcp = tcpOf(socket);
    tcp.pause();
    // More than the system keeps for the two ends.
    const input = { clientMessageId: 'm', text: 'x'.repeat(100_000), answer: false };
    await api.query(token, sendDocument, { input });
    const cutAt = performance.now() + stallMs * 2;
    await eventually(() => performance.now() > cutAt);
    tcp.resume();
    expect((await socket.closed).code).toBe(4290);
  });

  const refused = 'subscription { messageReceived(conversationId: "none") { __typename } }';

  test('[C8] what is refused counts too: closed with 4290', async () => {
    const socket = await api.connect(await api.token(newUserId('refused')));
    const tcp = tcpOf(socket);
    tcp.pause();
    for (let n = 0; n < 600; n += 1) socket.subscribe(`${n}`.padEnd(20_000), refused);
    const cutAt = performance.now() + stallMs * 2.5;
    await eventually(() => performance.now() > cutAt);
    tcp.resume();
    expect((await socket.closed).code).toBe(4290);
  });

  test('[C8] but begins to in time gets every refusal', async () => {
    const socket = await api.connect(await api.token(newUserId('refused-late')));
    tcpOf(socket).pause();
    for (let n = 0; n < 600; n += 1) socket.subscribe(`${n}`.padEnd(20_000), refused);
    const readAt = performance.now() + stallMs / 4;
    await eventually(() => performance.now() > readAt);
    tcpOf(socket).resume();
    await eventually(() => socket.messages.filter(({ type }) => type === 'complete').length === 600);
  });

  test('[C8] but begins to in time gets everything it asked for', async () => {
    const user = newUserId('late');
    const socket = await api.connect(await api.token(user));
    tcpOf(socket).pause();
    const filler = 'x'.repeat(200_000);
    for (let n = 0; n < 20; n += 1) socket.send({ type: 'ping', payload: { filler, n } });
    await new Promise((resolve) => setImmediate(resolve));
    tcpOf(socket).resume();
    await eventually(() => socket.messages.filter(({ type }) => type === 'pong').length === 20);
    expect(socket.messages.slice(1).map(({ payload }) => payload.n)).toEqual([...Array(20).keys()]);
  });
});
