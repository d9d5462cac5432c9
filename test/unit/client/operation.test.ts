import { describe, expect, test } from '@jest/globals';
import { isSubscription } from '../../../client/src/operation.ts';

const fragment = 'fragment F on Event { id at }';

describe('isSubscription', () => {
  test.each([
    'subscription { event }',
    'subscription Events($after: [Cursor!] = ["}"]) @live { event(after: $after) { ...F } }',
    '\ufeff  ,\n# a comment } mutation {\r\n#### another\nsubscription Events { event }',
    `subscription Events { event { ...F } } ${fragment}`,
    `${fragment}\n# between\nsubscription Events { event { ...F } }`,
    `${fragment} ${fragment}subscription{event}`,
    'subscription A { mutation query }',
  ])('%j is one', (query) => {
    expect(isSubscription({ query })).toBe(true);
  });

  test.each([
    '',
    '{ event }',
    'query { event }',
    'mutation { send }',
    'mutation { a { b } subscription { c } }',
    '{ a { b } subscription { c } }',
    'mutation subscription { send }',
    'mutation { send(text: "} subscription {") }',
    `${fragment} mutation { a { b } subscription }`,
    `${fragment} query { a { b } subscription }`,
    'fragment subscription on Event { id } mutation { ...subscription }',
    '# subscription\nmutation { send }',
    'subscriptions { event }',
  ])('%j is none', (query) => {
    expect(isSubscription({ query })).toBe(false);
  });

  test('of several operations the named one counts', () => {
    const query = 'subscription A { event } mutation B { send }';
    expect(isSubscription({ query, operationName: 'A' })).toBe(true);
    expect(isSubscription({ query, operationName: 'B' })).toBe(false);
    expect(
      isSubscription({ query: 'mutation B { send } subscription A { event }', operationName: 'B' }),
    ).toBe(false);
  });

  test('a long line of comment signs takes no time', () => {
    expect(isSubscription({ query: `${'#'.repeat(10_000)}\nmutation { send }` })).toBe(false);
    expect(isSubscription({ query: `${'# #\n'.repeat(1_000)}mutation { send }` })).toBe(false);
  });
});
