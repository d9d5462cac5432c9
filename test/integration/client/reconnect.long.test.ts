import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { eventually } from '../../support/eventually.ts';
import { collect, durable, type Harness, ready, startHarness } from './harness.ts';

let harness: Harness;

beforeEach(async () => {
  harness = await startHarness();
});

afterEach(() => harness.dispose());

describe('reconnecting', () => {
  test('a subscription comes back after the server was away, and resumes', async () => {
    const { server } = harness;
    const client = harness.connect();
    const { events, errors } = collect(client);
    (await server.waitForSubscription(0)).next(ready({ broadcast: 'b1' }));
    await eventually(() => events.length === 1);
    let failures = 0;
    client.on('error', () => failures++);
    await server.stop();
    // Refused sockets, not only the lost one.
    await eventually(() => failures >= 2);
    await server.start();
    const resumed = await server.waitForSubscription(1);
    expect(resumed.payload.extensions).toEqual({ after: ['b1'] });
    resumed.next(durable('broadcast', 'b2'));
    await eventually(() => events.length === 2);
    expect(errors).toEqual([]);
  });

  test('a subscription begins when the server comes up after it', async () => {
    const { server } = harness;
    await server.stop();
    const client = harness.connect();
    let failures = 0;
    client.on('error', () => failures++);
    collect(client);
    await eventually(() => failures >= 1);
    await server.start();
    await server.waitForSubscription(0);
  });

  test('the first retry begins within 300 ms', async () => {
    const { server } = harness;
    const client = harness.connect();
    collect(client);
    await server.waitForSubscription(0);
    const lost = new Promise<number>((resolve) => client.on('closed', () => resolve(performance.now())));
    const back = new Promise<number>((resolve) => client.on('connecting', () => resolve(performance.now())));
    server.cut();
    // 300 ms and what a busy machine adds to a timer; that of a stock client begins after 1,300 at the earliest.
    expect((await back) - (await lost)).toBeLessThan(1_200);
  });

  test.each([1001, 1012, 4290, 4291, 4292, 4403])(
    'close code %i is followed by a new connection',
    async (code) => {
      const { server } = harness;
      const { errors } = collect(harness.connect());
      await server.waitForSubscription(0);
      server.close(code);
      await server.waitForSubscription(1);
      expect(errors).toEqual([]);
    },
  );

  test.each([4400, 4401, 4406, 4409, 4429, 4500])('close code %i ends the subscription', async (code) => {
    const { server } = harness;
    const { errors } = collect(harness.connect());
    await server.waitForSubscription(0);
    server.close(code);
    await eventually(() => errors.length === 1);
    expect(errors[0]).toMatchObject({ code });
    expect(server.socketCount).toBe(1);
  });

  test('a refused connection is tried again until it is accepted', async () => {
    const { server } = harness;
    server.refuseWith(4403);
    const { errors } = collect(harness.connect());
    await eventually(() => server.socketCount >= 3);
    server.refuseWith(null);
    await server.waitForSubscription(0);
    expect(errors).toEqual([]);
  });

  test('a socket that was given up is not heard any more when its server speaks again', async () => {
    const { server } = harness;
    const { events } = collect(harness.connect({ keepAlive: 50, pongWaitMs: 100 }));
    const old = await server.waitForSubscription(0);
    old.next(ready({ broadcast: 'b1' }));
    await eventually(() => events.length === 1);
    server.freeze();
    const resumed = await server.waitForSubscription(1);
    old.next({ data: { event: false } });
    // The server writes to both sockets, to the given up one first.
    for (const cursor of ['b2', 'b3']) {
      const known = events.length;
      resumed.next(durable('broadcast', cursor));
      await eventually(() => events.length > known);
    }
    expect(events).toHaveLength(3);
  });

  test('a half-open socket is replaced', async () => {
    const { server } = harness;
    const { events } = collect(harness.connect({ keepAlive: 50, pongWaitMs: 100 }));
    (await server.waitForSubscription(0)).next(ready({ broadcast: 'b1' }));
    await eventually(() => events.length === 1);
    server.freeze();
    expect((await server.waitForSubscription(1)).payload.extensions).toEqual({ after: ['b1'] });
  });

  test('a socket whose pings are answered stays, and the retry after it is a first one again', async () => {
    const { server } = harness;
    const client = harness.connect({ keepAlive: 600, pongWaitMs: 500 });
    collect(client);
    for (const index of [0, 1]) {
      await server.waitForSubscription(index);
      server.cut();
    }
    await server.waitForSubscription(2);
    let pongs = 0;
    client.on('pong', () => pongs++);
    await eventually(() => pongs === 2);
    expect(server.socketCount).toBe(3);

    const back = new Promise<number>((resolve) => client.on('connecting', () => resolve(performance.now())));
    // The longest waits: up to 300 ms for a first one, up to 1,200 for a third one in a row.
    jest.spyOn(Math, 'random').mockReturnValue(0.99);
    const lost = performance.now();
    server.cut();
    expect((await back) - lost).toBeLessThan(1_100);
  });

  test('options of graphql-ws take precedence over the defaults', async () => {
    const { server } = harness;
    let asked = 0;
    const client = harness.connect({
      shouldRetry: () => {
        asked++;
        return false;
      },
    });
    const { errors } = collect(client);
    await server.waitForSubscription(0);
    server.close(4290);
    await eventually(() => errors.length === 1);
    expect(asked).toBe(1);
    expect(server.socketCount).toBe(1);
  });

  test('a peer that does not speak the protocol ends the subscription', async () => {
    const { server } = harness;
    const client = harness.connect({
      jsonMessageReviver: () => {
        throw new Error('unreadable');
      },
    });
    const { errors } = collect(client);
    await eventually(() => errors.length === 1);
    expect(server.socketCount).toBe(1);
  });
});

describe('connectionParams', () => {
  test('a function is called for every connection', async () => {
    const { server } = harness;
    let calls = 0;
    collect(harness.connect({ connectionParams: () => ({ authorization: `Bearer ${++calls}` }) }));
    await server.waitForSubscription(0);
    server.cut();
    await server.waitForSubscription(1);
    expect(server.connectionParams).toEqual([{ authorization: 'Bearer 1' }, { authorization: 'Bearer 2' }]);
  });

  test('a function that fails is called again for a new socket', async () => {
    const { server } = harness;
    const closeCodes: unknown[] = [];
    let calls = 0;
    const client = harness.connect({
      async connectionParams() {
        if (++calls < 3) throw new Error('the token could not be fetched');
        return { authorization: 'Bearer x' };
      },
    });
    client.on('closed', (event) => closeCodes.push((event as { code: number }).code));
    const { errors } = collect(client);
    await server.waitForSubscription(0);
    expect(server.connectionParams).toEqual([{ authorization: 'Bearer x' }]);
    expect(closeCodes).toEqual([4900, 4900]);
    expect(errors).toEqual([]);
  });
});

describe('dispose', () => {
  test('completes the subscriptions and closes the socket', async () => {
    const { server } = harness;
    const client = harness.connect();
    const collected = collect(client);
    const first = await server.waitForSubscription(0);
    await client.dispose();
    await eventually(() => collected.completed && first.ended);
  });

  test('settles at once while the server is away, and nothing is retried after it', async () => {
    const { server } = harness;
    const client = harness.connect();
    const collected = collect(client);
    await server.waitForSubscription(0);
    let attempts = 0;
    let failures = 0;
    client.on('connecting', () => attempts++);
    client.on('error', () => failures++);
    await server.stop();
    await eventually(() => failures === 3);
    const before = performance.now();
    await client.dispose();
    // The wait in progress was one of more than a second.
    expect(performance.now() - before).toBeLessThan(1_000);
    await eventually(() => collected.completed);
    expect(attempts).toBe(4);
  });
});
