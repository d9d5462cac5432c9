import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { ResyncInfo } from '../../../client/src/index.ts';
import { eventually } from '../../support/eventually.ts';
import { collect, durable, type Harness, query, ready, resync, startHarness } from './harness.ts';

let harness: Harness;

beforeEach(async () => {
  harness = await startHarness();
});

afterEach(() => harness.dispose());

const after = (payload: { extensions?: Record<string, unknown> | null | undefined }) =>
  payload.extensions?.after;

describe('cursors', () => {
  test('the first subscribe is sent as it was given', async () => {
    const variables = { after: ['mine'] };
    collect(harness.connect(), { query, variables, extensions: { trace: 'x' } });
    const first = await harness.server.waitForSubscription(0);
    expect(first.payload).toEqual({ query, variables, extensions: { trace: 'x' } });
  });

  test('every reconnect resumes after the newest cursor of each topic', async () => {
    const { server } = harness;
    const { events } = collect(harness.connect());
    const first = await server.waitForSubscription(0);
    first.next(ready({ 'user:1': 'u0', broadcast: 'b0' }));
    first.next(durable('user:1', 'u1'));
    first.next(durable('user:1', 'u2'));
    await eventually(() => events.length === 3);
    server.cut();
    const second = await server.waitForSubscription(1);
    expect(after(second.payload)).toEqual(['u2', 'b0']);

    second.next(durable('broadcast', 'b1'));
    await eventually(() => events.length === 4);
    server.cut();
    const third = await server.waitForSubscription(2);
    expect(after(third.payload)).toEqual(['u2', 'b1']);
    expect(events).toEqual(['Ready', 'u1', 'u2', 'b1']);
  });

  test("the caller's other extensions and variables stay beside the cursors", async () => {
    const { server } = harness;
    const { events } = collect(harness.connect(), {
      query,
      variables: { after: ['old'] },
      extensions: { trace: 'x', after: ['older'] },
    });
    const first = await server.waitForSubscription(0);
    expect(after(first.payload)).toEqual(['older']);
    first.next(ready({ broadcast: 'b1' }, true));
    await eventually(() => events.length === 1);
    server.cut();
    const second = await server.waitForSubscription(1);
    expect(second.payload.extensions).toEqual({ trace: 'x', after: ['b1'] });
    expect(second.payload.variables).toEqual({ after: ['old'] });
  });

  test('a cut in the middle of the first replay begins it again and delivers nothing twice', async () => {
    const { server } = harness;
    const variables = { after: ['u0', 'b0'] };
    const { events } = collect(harness.connect(), { query, variables });
    const first = await server.waitForSubscription(0);
    first.next(durable('user:1', 'u1'));
    first.next(durable('user:1', 'u2'));
    await eventually(() => events.length === 2);
    server.cut();
    const second = await server.waitForSubscription(1);
    // A resume after u2 alone would be live only for `broadcast`.
    expect(second.payload).toEqual({ query, variables });
    for (const cursor of ['u1', 'u2', 'u3']) second.next(durable('user:1', cursor));
    second.next(durable('broadcast', 'b1'));
    second.next(ready({ 'user:1': 'u3', broadcast: 'b1' }, true));
    await eventually(() => events.length === 5);
    expect(events).toEqual(['u1', 'u2', 'u3', 'b1', 'Ready']);
  });

  test('two subscriptions keep theirs apart', async () => {
    const { server } = harness;
    const client = harness.connect();
    const a = collect(client);
    const b = collect(client, { query: 'subscription B { event }' });
    await server.waitForSubscription(1);
    const [first, second] = server.subscriptions;
    first?.next(ready({ 'conversation:a': 'a1', broadcast: 'b1' }));
    second?.next(ready({ 'conversation:b': 'b7', broadcast: 'b1' }));
    second?.next(durable('broadcast', 'b2'));
    await eventually(() => a.events.length === 1 && b.events.length === 2);
    server.cut();
    await server.waitForSubscription(3);
    const resumed = server.subscriptions.slice(2).map(({ payload }) => [payload.query, after(payload)]);
    expect(new Map(resumed as [string, unknown][])).toEqual(
      new Map([
        [query, ['a1', 'b1']],
        ['subscription B { event }', ['b7', 'b2']],
      ]),
    );
  });

  test('an event seen before is dropped; ephemeral ones and the same cursor text of another topic are not', async () => {
    const { server } = harness;
    const { events } = collect(harness.connect());
    const first = await server.waitForSubscription(0);
    first.next(ready({ 'user:1': '0', broadcast: '0' }));
    first.next(durable('user:1', '1'));
    first.next(durable('user:1', '1'));
    first.next(durable('broadcast', '1'));
    first.next({ data: { event: 'delta' } });
    first.next({ data: { event: 'delta' } });
    first.next(durable('user:1', '2'));
    await eventually(() => events.includes('2'));
    expect(events).toEqual(['Ready', '1', '1', 'delta', 'delta', '2']);
  });

  test('Resync moves the cursors of the topics concerned', async () => {
    const { server } = harness;
    const { events } = collect(harness.connect());
    const first = await server.waitForSubscription(0);
    first.next(ready({ 'user:1': 'u1', broadcast: 'b1' }));
    first.next(resync({ 'user:1': 'u900' }));
    await eventually(() => events.length === 2);
    server.cut();
    expect(after((await server.waitForSubscription(1)).payload)).toEqual(['u900', 'b1']);
  });

  test('iterate resumes as subscribe does and ends at once on return', async () => {
    const { server } = harness;
    const iterator = harness.connect().iterate<{ event: string }>({ query });
    const first = await server.waitForSubscription(0);
    first.next(ready({ broadcast: 'b0' }));
    first.next(durable('broadcast', 'b1'));
    expect((await iterator.next()).value.data).toEqual({ event: 'Ready' });
    expect((await iterator.next()).value.data).toEqual({ event: 'b1' });
    server.cut();
    const second = await server.waitForSubscription(1);
    expect(after(second.payload)).toEqual(['b1']);
    second.next(durable('broadcast', 'b1'));
    second.next(durable('broadcast', 'b2'));
    expect((await iterator.next()).value.data).toEqual({ event: 'b2' });
    const pending = iterator.next();
    await iterator.return?.();
    expect(await pending).toEqual({ done: true, value: undefined });
    await eventually(() => second.ended);
  });

  test('queries and mutations pass through', async () => {
    const { server } = harness;
    const iterator = harness.connect().iterate({ query: 'subscription { event }', variables: { a: 1 } });
    const first = await server.waitForSubscription(0);
    first.next({ data: { event: true } });
    first.complete();
    expect((await iterator.next()).value).toEqual({ data: { event: true } });
    expect(await iterator.next()).toEqual({ done: true, value: undefined });
  });
});

describe('onResync', () => {
  const startResyncing = async () => {
    const infos: ResyncInfo[] = [];
    const { events } = collect(harness.connect({ onResync: (info) => infos.push(info) }));
    await harness.server.waitForSubscription(0);
    return { infos, events };
  };

  test('tells of a Resync, with the topics concerned, after the event is delivered', async () => {
    const { infos, events } = await startResyncing();
    const [first] = harness.server.subscriptions;
    first?.next(ready({ 'user:1': 'u1', broadcast: 'b1' }));
    first?.next(resync({ 'user:1': 'u9' }));
    await eventually(() => infos.length === 1);
    expect(infos).toEqual([{ cause: 'resync', topics: ['user:1'], payload: { query } }]);
    expect(events).toEqual(['Ready', 'Resync']);
  });

  test('tells of a second Ready that did not resume, not of the first nor of one that did', async () => {
    const { infos, events } = await startResyncing();
    const { server } = harness;
    server.subscriptions[0]?.next(ready({ broadcast: 'b1' }, false));
    await eventually(() => events.length === 1);
    server.cut();
    (await server.waitForSubscription(1)).next(ready({ broadcast: 'b1' }, true));
    await eventually(() => events.length === 2);
    expect(infos).toEqual([]);
    server.cut();
    (await server.waitForSubscription(2)).next(ready({ broadcast: 'b5' }, false));
    await eventually(() => infos.length === 1);
    expect(infos).toEqual([{ cause: 'not-resumed', topics: ['broadcast'], payload: { query } }]);
  });

  test('tells of all topics that a Ready did not resume', async () => {
    const { infos, events } = await startResyncing();
    const { server } = harness;
    server.subscriptions[0]?.next(ready({ 'conversation:1': 'c1', broadcast: 'b1' }));
    await eventually(() => events.length === 1);
    server.cut();
    (await server.waitForSubscription(1)).next(ready({ 'conversation:1': 'c9', broadcast: 'b9' }, false));
    await eventually(() => infos.length === 1);
    expect(infos).toEqual([
      { cause: 'not-resumed', topics: ['conversation:1', 'broadcast'], payload: { query } },
    ]);
  });

  test('tells of each topic once that is resynced, and not of the one that is replayed', async () => {
    const { infos, events } = await startResyncing();
    const { server } = harness;
    server.subscriptions[0]?.next(ready({ 'user:1': 'u1', broadcast: 'b1' }));
    await eventually(() => events.length === 1);
    server.cut();
    const second = await server.waitForSubscription(1);
    second.next(resync({ 'user:1': 'u900' }));
    second.next(durable('broadcast', 'b2'));
    second.next(ready({ 'user:1': 'u900', broadcast: 'b2' }, false));
    await eventually(() => events.length === 4);
    expect(infos.map(({ cause, topics }) => [cause, topics])).toEqual([['resync', ['user:1']]]);
    server.cut();
    expect(after((await server.waitForSubscription(2)).payload)).toEqual(['u900', 'b2']);
  });

  test('tells once of a Resync and the Ready that follows it', async () => {
    const { infos, events } = await startResyncing();
    const { server } = harness;
    server.subscriptions[0]?.next(ready({ broadcast: 'b1' }));
    await eventually(() => events.length === 1);
    server.cut();
    const second = await server.waitForSubscription(1);
    second.next(resync({ broadcast: 'b9' }));
    second.next(ready({ broadcast: 'b9' }, false));
    second.next(durable('broadcast', 'b10'));
    await eventually(() => events.includes('b10'));
    expect(infos.map((info) => info.cause)).toEqual(['resync']);
  });

  test('tells of a Ready that did not resume although a Resync came before the cut', async () => {
    const { infos } = await startResyncing();
    const { server } = harness;
    server.subscriptions[0]?.next(ready({ broadcast: 'b1' }));
    server.subscriptions[0]?.next(resync({ broadcast: 'b9' }));
    await eventually(() => infos.length === 1);
    server.cut();
    (await server.waitForSubscription(1)).next(ready({ broadcast: 'b20' }, false));
    await eventually(() => infos.length === 2);
    expect(infos.map((info) => info.cause)).toEqual(['resync', 'not-resumed']);
  });
});
