import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { GraphQLError } from 'graphql';
import type { RetryInfo } from '../../../client/src/index.ts';
import { eventually } from '../../support/eventually.ts';
import type { FedSubscription } from '../../support/protocol-server.ts';
import { collect, durable, type Harness, query, ready, resync, startHarness } from './harness.ts';

let harness: Harness;

beforeEach(async () => {
  harness = await startHarness();
});

afterEach(() => harness.dispose());

const toError = (code: string, temporary: boolean) =>
  new GraphQLError(code, { extensions: { code, temporary } });
const unavailable = toError('UNAVAILABLE', true);

/** As the server tells that a subscription could not begin or go on. */
const fail = (subscription: FedSubscription, error = unavailable) => {
  subscription.next({ errors: [error] });
  subscription.complete();
};

/** Several in a row without the waits of the default. */
const atOnce = { retryWait: async () => {} };

describe('a subscription that fails for now', () => {
  test('begins again with its cursors, and its sink hears nothing of it', async () => {
    const { server } = harness;
    const subscription = collect(harness.connect());
    const first = await server.waitForSubscription(0);
    first.next(ready({ 'user:1': 'u1', broadcast: 'b1' }));
    first.next(durable('user:1', 'u2'));
    await eventually(() => subscription.events.length === 2);
    fail(first);
    const second = await server.waitForSubscription(1);
    expect(second.payload.extensions).toEqual({ after: ['u2', 'b1'] });
    second.next(durable('user:1', 'u2'));
    second.next(ready({ 'user:1': 'u2', broadcast: 'b1' }, true));
    second.next(durable('user:1', 'u3'));
    await eventually(() => subscription.events.includes('u3'));
    expect(subscription.events).toEqual(['Ready', 'u2', 'Ready', 'u3']);
    expect(subscription.errors).toEqual([]);
    expect(subscription.completed).toBe(false);
  });

  test('begins again after an error frame too, as often as it takes', async () => {
    const { server } = harness;
    server.failWith([unavailable]);
    const infos: RetryInfo[] = [];
    const subscription = collect(harness.connect({ ...atOnce, onRetry: (info) => infos.push(info) }));
    await server.waitForSubscription(9);
    server.failWith(null);
    await eventually(() => {
      server.subscriptions.at(-1)?.next(ready({ broadcast: 'b1' }));
      return subscription.events.includes('Ready');
    });
    expect(subscription.errors).toEqual([]);
    expect(infos[0]).toMatchObject({ errors: [{ message: 'UNAVAILABLE' }], payload: { query } });
  });

  test('stays on its socket while others hold that open', async () => {
    const { server } = harness;
    const client = harness.connect();
    collect(client);
    const subscription = collect(client);
    await server.waitForSubscription(1);
    const [, failing] = server.subscriptions;
    if (failing) fail(failing);
    (await server.waitForSubscription(2)).next(ready({ broadcast: 'b1' }));
    await eventually(() => subscription.events.length === 1);
    expect(server.socketCount).toBe(1);
  });

  test('gets an event that could not be executed for now once more', async () => {
    const { server } = harness;
    const { events } = collect(harness.connect());
    const first = await server.waitForSubscription(0);
    first.next(ready({ broadcast: 'b1' }));
    first.next({ data: null, errors: [unavailable], extensions: { topic: 'broadcast', cursor: 'b2' } });
    first.next(durable('broadcast', 'b3'));
    const second = await server.waitForSubscription(1);
    expect(second.payload.extensions).toEqual({ after: ['b1'] });
    await eventually(() => first.ended);
    second.next(durable('broadcast', 'b2'));
    second.next(durable('broadcast', 'b3'));
    await eventually(() => events.includes('b3'));
    expect(events).toEqual(['Ready', 'b2', 'b3']);
  });

  test('tells of a Ready that did not resume although a Resync came before the failure on the same socket', async () => {
    const { server } = harness;
    const causes: string[] = [];
    const client = harness.connect({ onResync: ({ cause }) => causes.push(cause) });
    collect(client);
    collect(client);
    const first = await server.waitForSubscription(0);
    first.next(ready({ broadcast: 'b1' }));
    first.next(resync({ broadcast: 'b9' }));
    await eventually(() => causes.length === 1);
    fail(first);
    const again = await server.waitForSubscription(2);
    again.next(ready({ broadcast: 'b20' }, false));
    await eventually(() => causes.length === 2);
    expect(causes).toEqual(['resync', 'not-resumed']);
    expect(server.socketCount).toBe(1);
  });

  test('fails for good after retryAttempts in a row', async () => {
    const { server } = harness;
    server.failWith([unavailable]);
    const { errors } = collect(harness.connect({ ...atOnce, retryAttempts: 3 }));
    await eventually(() => errors.length === 1);
    expect(server.subscriptions).toHaveLength(4);
    expect(errors).toMatchObject([[{ extensions: { code: 'UNAVAILABLE' } }]]);
  });

  test('waits as for a reconnect: at most 300 ms, then longer', async () => {
    const { server } = harness;
    server.failWith([unavailable]);
    collect(harness.connect());
    await server.waitForSubscription(0);
    const begin = performance.now();
    await server.waitForSubscription(3);
    // At least half of 600 and of 1,200.
    expect(performance.now() - begin).toBeGreaterThan(850);
  });
});

describe('what is not repeated', () => {
  test.each(['NOT_FOUND', 'FORBIDDEN', 'INTERNAL'])('%s ends a subscription', async (code) => {
    const { server } = harness;
    server.failWith([toError(code, false)]);
    const { errors } = collect(harness.connect(atOnce));
    await eventually(() => errors.length === 1);
    expect(errors).toMatchObject([[{ extensions: { code } }]]);
    expect(server.subscriptions).toHaveLength(1);
  });

  test('a result with an error that is not temporary is delivered, and the completion after it', async () => {
    const { server } = harness;
    const subscription = collect(harness.connect(atOnce));
    fail(await server.waitForSubscription(0), toError('NOT_FOUND', false));
    await eventually(() => subscription.completed);
    expect(subscription.events).toEqual([undefined]);
    expect(server.subscriptions).toHaveLength(1);
  });

  test.each(['mutation { ok }', 'query { ok }', '{ ok }'])('%s is the app’s to repeat', async (document) => {
    const { server } = harness;
    const client = harness.connect(atOnce);
    const result = client.iterate({ query: document }).next();
    (await server.waitForSubscription(0)).next({ errors: [unavailable] });
    expect((await result).value.errors).toMatchObject([{ extensions: { temporary: true } }]);
    server.failWith([unavailable]);
    const refused = collect(client, { query: document });
    await eventually(() => refused.errors.length === 1);
    expect(server.subscriptions).toHaveLength(2);
  });
});

describe('while it waits to begin again', () => {
  /** The wait would take for ever. */
  const wait = async () => {
    const { server } = harness;
    let waits = 0;
    const client = harness.connect({
      retryWait: () => {
        waits++;
        return new Promise(() => {});
      },
    });
    const subscription = collect(client);
    fail(await server.waitForSubscription(0));
    await eventually(() => waits === 1);
    return { client, subscription };
  };

  test('unsubscribing completes it at once', async () => {
    const { subscription } = await wait();
    subscription.unsubscribe();
    await eventually(() => subscription.completed);
    expect(subscription.errors).toEqual([]);
  });

  test('dispose completes it at once', async () => {
    const { client, subscription } = await wait();
    await client.dispose();
    await eventually(() => subscription.completed);
    expect(subscription.errors).toEqual([]);
  });

  test('neither leaves a timer behind', async () => {
    const { server } = harness;
    const timers = () => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
    const before = timers();
    server.failWith([unavailable]);
    const client = harness.connect();
    let retries = 0;
    const counting = harness.connect({ onRetry: () => retries++ });
    const [one, other] = [collect(client), collect(counting)];
    // By then the wait is one of at least 600 ms.
    await eventually(() => retries === 3);
    one.unsubscribe();
    await client.dispose();
    await counting.dispose();
    await eventually(() => one.completed && other.completed);
    const count = server.subscriptions.length;
    await eventually(() => timers() <= before);
    expect(server.subscriptions).toHaveLength(count);
  });
});
