import { ApolloClient, gql, InMemoryCache } from '@apollo/client';
import { GraphQLWsLink } from '@apollo/client/link/subscriptions';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { eventually } from '../../support/eventually.ts';
import { durable, type Harness, ready, startHarness } from './harness.ts';

let harness: Harness;

beforeEach(async () => {
  harness = await startHarness();
});

afterEach(() => harness.dispose());

describe('Apollo Client', () => {
  test('a subscription over GraphQLWsLink resumes after a cut and delivers each event once', async () => {
    const { server } = harness;
    const apollo = new ApolloClient({
      link: new GraphQLWsLink(harness.connect()),
      cache: new InMemoryCache(),
    });
    const events: unknown[] = [];
    const failures: unknown[] = [];
    const subscription = apollo
      .subscribe<{ event: string }>({
        query: gql`subscription Events($after: [String!]) { event(after: $after) }`,
        variables: { after: ['b0'] },
        fetchPolicy: 'no-cache',
      })
      .subscribe({
        next: ({ data, error }) => events.push(error ?? data?.event),
        error: (error) => failures.push(error),
      });

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
    expect(failures).toEqual([]);
    apollo.stop();
  });
});
