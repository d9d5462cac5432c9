import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { eventually } from '../../support/eventually.ts';
import { collect, durable, type Harness, ready, startHarness } from './harness.ts';

let harness: Harness;

beforeEach(async () => {
  harness = await startHarness();
});

afterEach(() => harness.dispose());

describe('an operation that is given up when its result comes', () => {
  test('leaves the subscriptions beside it alone, also when its completion came with the result', async () => {
    const { server } = harness;
    const client = harness.connect();
    const { events, errors } = collect(client);
    const subscription = await server.waitForSubscription(0);
    subscription.next(ready({ broadcast: 'b0' }));

    const results: unknown[] = [];
    const giveUp = client.subscribe(
      { query: 'query { event }' },
      {
        next: ({ data }) => {
          results.push(data);
          giveUp();
        },
        error: () => {},
        complete: () => {},
      },
    );
    const fed = await server.waitForSubscription(1);
    fed.next({ data: { event: 'once' } });
    fed.complete();
    await eventually(() => results.length === 1);

    subscription.next(durable('broadcast', 'b1'));
    await eventually(() => events.length === 2);
    expect({ events, errors, sockets: server.socketCount }).toEqual({
      events: ['Ready', 'b1'],
      errors: [],
      sockets: 1,
    });
  });
});
