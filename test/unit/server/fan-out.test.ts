import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { GraphQLError } from 'graphql';
import { createFanOut, type FanOut, type Outlet } from '../../../src/server/fan-out.ts';
import { createLatestQueue } from '../../../src/util/latest-queue.ts';

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** A socket that keeps what is written, each write apart, and says itself whether it has room. */
const createSocket = () => {
  const writes: string[] = [];
  const state = { hasRoom: true };
  const outlet: Outlet = {
    socket: {
      get hasRoom() {
        return state.hasRoom;
      },
      write: (frames) => writes.push(frames),
    },
    scheduled: 0,
    frames: '',
    frameCount: 0,
    turn: 0,
    blocked: null,
  };
  /** The messages of all writes, in order, without their frames. */
  const messages = (): unknown[] =>
    writes.flatMap((frames) =>
      [...frames.matchAll(/\{"id".*?\}(?=\x81|$)/g)].map(([text]) => JSON.parse(text)),
    );
  return { outlet, state, writes, messages };
};

describe('the fan-out', () => {
  let fanOut: FanOut;
  beforeEach(() => {
    fanOut = createFanOut({ maskError: (error) => new GraphQLError(String(error)) });
  });
  afterEach(() => fanOut.dispose());

  const deliver = (
    { outlet }: ReturnType<typeof createSocket>,
    id: string,
    payloadOf = (event: unknown) => JSON.stringify({ data: event }),
  ) => {
    let returns = 0;
    let ends = 0;
    const queue = createLatestQueue<string>({ keyOf: (value) => value, onReturn: () => (returns += 1) });
    const context = { subscriptions: { [id]: queue.iterator } };
    fanOut.deliver({
      outlet,
      context: context as never,
      id,
      source: queue.iterator,
      cohort: { payloadOf },
      onEnd: () => (ends += 1),
    });
    return { queue, context, returns: () => returns, ends: () => ends };
  };
  const next = (id: string, data: string) => ({ id, type: 'next', payload: { data } });

  test('writes what one socket gets in a turn together, in the order of each subscription', async () => {
    const socket = createSocket();
    const [a, b] = [deliver(socket, 'a'), deliver(socket, 'b')];
    for (const text of ['1', '2', '3']) {
      a.queue.push(text);
      b.queue.push(text);
    }
    await nextTurn();
    expect(socket.writes).toHaveLength(1);
    expect(socket.messages()).toEqual(
      [...'123'].map((n) => next('a', n)).concat([...'123'].map((n) => next('b', n))),
    );
  });

  test('takes the first event for an idle socket as it comes, and what follows in that turn together', async () => {
    const socket = createSocket();
    const [a, b] = [deliver(socket, 'a'), deliver(socket, 'b')];
    await nextTurn();
    a.queue.push('1');
    b.queue.push('1');
    a.queue.push('2');
    b.queue.push('2');
    await nextTurn();
    expect(socket.writes.length).toBeLessThanOrEqual(2);
    expect(socket.messages()).toEqual([next('a', '1'), next('b', '1'), next('b', '2'), next('a', '2')]);
  });

  test('writes to 32 sockets one after the other, and to the rest when the turn ends', async () => {
    const sockets = Array.from({ length: 33 }, () => {
      const socket = createSocket();
      return { socket, ...deliver(socket, 'a') };
    });
    const written = () => sockets.filter(({ socket }) => socket.writes.length > 0).length;
    await nextTurn();
    const counts = sockets.map(({ queue }) => {
      queue.push('1');
      return written();
    });
    expect(counts).toEqual([...Array(31).fill(0), 32, 32]);
    await nextTurn();
    expect(sockets.map(({ socket }) => socket.messages())).toEqual(sockets.map(() => [next('a', '1')]));
  });

  test('an event that breaks as it comes ends its subscription alone, masked', async () => {
    const socket = createSocket();
    const broken = deliver(socket, 'a', () => {
      throw new Error('broken');
    });
    const other = deliver(socket, 'b');
    await nextTurn();
    broken.queue.push('1');
    other.queue.push('1');
    broken.queue.push('2');
    await nextTurn();
    expect(socket.messages()).toEqual([
      { id: 'a', type: 'next', payload: { errors: [{ message: 'Error: broken' }] } },
      { id: 'a', type: 'complete' },
      next('b', '1'),
    ]);
    expect([broken.returns(), broken.ends(), other.ends()]).toEqual([1, 1, 0]);
  });

  test('takes nothing for a socket without room, and goes on when it has some', async () => {
    const socket = createSocket();
    const { queue } = deliver(socket, 'a');
    await nextTurn();
    socket.state.hasRoom = false;
    for (const text of ['1', '2']) queue.push(text);
    await nextTurn();
    expect(socket.writes).toEqual([]);
    socket.state.hasRoom = true;
    fanOut.resume(socket.outlet);
    await nextTurn();
    expect(socket.messages()).toEqual([next('a', '1'), next('a', '2')]);
  });

  test('says complete behind the last event, once, and forgets the subscription', async () => {
    const socket = createSocket();
    const { queue, context, ends } = deliver(socket, 'a');
    queue.push('1');
    await nextTurn();
    queue.end();
    await nextTurn();
    expect(socket.messages()).toEqual([next('a', '1'), { id: 'a', type: 'complete' }]);
    expect(context.subscriptions).toEqual({});
    expect(ends()).toBe(1);
  });

  test('says nothing more of a subscription that the client completed', async () => {
    const socket = createSocket();
    const { queue, context, ends } = deliver(socket, 'a');
    queue.push('1');
    delete context.subscriptions.a;
    await queue.iterator.return();
    await nextTurn();
    expect(socket.writes).toEqual([]);
    expect(ends()).toBe(1);
  });

  test('ends a subscription whose socket closed while it waited for room', async () => {
    const socket = createSocket();
    const { queue, ends } = deliver(socket, 'a');
    socket.state.hasRoom = false;
    queue.push('1');
    await nextTurn();
    await queue.iterator.return();
    await nextTurn();
    expect(ends()).toBe(1);
  });

  test('a bug ends its own subscription, masked, and no other', async () => {
    const socket = createSocket();
    const broken = deliver(socket, 'a', () => {
      throw new Error('broken');
    });
    const other = deliver(socket, 'b');
    broken.queue.push('1');
    other.queue.push('1');
    await nextTurn();
    other.queue.push('2');
    await nextTurn();
    expect(socket.messages()).toEqual([
      { id: 'a', type: 'next', payload: { errors: [{ message: 'Error: broken' }] } },
      { id: 'a', type: 'complete' },
      next('b', '1'),
      next('b', '2'),
    ]);
    expect([broken.returns(), broken.ends(), other.ends()]).toEqual([1, 1, 0]);
  });

  test('yields to the event loop, and loses and reorders nothing by that', async () => {
    fanOut.dispose();
    fanOut = createFanOut({ maskError: () => new GraphQLError(''), turnMs: 0 });
    const sockets = Array.from({ length: 200 }, createSocket);
    const deliveries = sockets.map((socket) => deliver(socket, 'a'));
    await nextTurn();
    for (const { queue } of deliveries) queue.push('1');
    let turns = 0;
    while (sockets.some(({ writes }) => writes.length === 0)) {
      await nextTurn();
      turns += 1;
      if (turns === 1) for (const { queue } of deliveries) queue.push('2');
    }
    while (sockets.some(({ messages }) => messages().length < 2)) await nextTurn();
    expect(turns).toBeGreaterThan(2);
    for (const { messages } of sockets) expect(messages()).toEqual([next('a', '1'), next('a', '2')]);
  });

  test('a source with more than a turn may write is delivered whole', async () => {
    const socket = createSocket();
    const { queue } = deliver(socket, 'a');
    const texts = Array.from({ length: 10 }, (_, n) => String(n).repeat(30_000));
    for (const text of texts) queue.push(text);
    while (socket.writes.join('').length < 300_000) await nextTurn();
    expect(socket.writes.length).toBeGreaterThan(1);
    expect(socket.writes.every(({ length }) => length < 200_000)).toBe(true);
  });
});
