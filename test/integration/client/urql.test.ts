import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { Client, subscriptionExchange } from '@urql/core';
import type { FormattedExecutionResult, Sink } from 'graphql-ws';
import { eventually } from '../../support/eventually.ts';
import { durable, type Harness, ready, startHarness } from './harness.ts';

let harness: Harness;

beforeEach(async () => {
  harness = await startHarness();
});

afterEach(() => harness.dispose());

describe('urql', () => {
  test('a subscription over subscriptionExchange resumes after a cut and delivers each event once', async () => {
    const { server } = harness;
    const client = harness.connect();
    const urql = new Client({
      url: server.url.replace('ws:', 'http:'),
      preferGetMethod: false,
      exchanges: [
        subscriptionExchange({
          forwardSubscription: (request) => ({
            subscribe: (sink) => ({
              unsubscribe: client.subscribe(
                { ...request, query: request.query ?? '' },
                sink as Sink<FormattedExecutionResult>,
              ),
            }),
          }),
        }),
      ],
    });
    const events: unknown[] = [];
    const subscription = urql
      .subscription<{ event: string }>('subscription Events($after: [String!]) { event(after: $after) }', {
        after: ['b0'],
      })
      .subscribe((result) => events.push(result.error ?? result.data?.event));

    const first = await server.waitForSubscription(0);
    expect(first.payload.variables).toEqual({ after: ['b0'] });
    first.next(durable('broadcast', 'b1'));
    first.next(ready({ broadcast: 'b1' }, true));
    first.next(durable('broadcast', 'b2'));
    await eventually(() => events.length === 3);
    server.cut();
    const second = await server.waitForSubscription(1);
    expect(second.payload.extensions).toMatchObject({ after: ['b2'] });
    second.next(durable('broadcast', 'b2'));
    second.next(durable('broadcast', 'b3'));
    await eventually(() => events.includes('b3'));
    expect(events).toEqual(['b1', 'Ready', 'b2', 'b3']);

    subscription.unsubscribe();
    await eventually(() => second.ended);
  });
});
