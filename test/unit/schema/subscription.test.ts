import { describe, expect, test } from '@jest/globals';
import { type ExecutionResult, parse, validate } from 'graphql';
import { notFound } from '../../../src/domain/errors.ts';
import { createSchema } from '../../../src/schema/index.ts';
import { selectAll } from '../../support/operations.ts';
import { admin, createIdleSource, learner } from './fake-services.ts';
import { codesOf, run, runSubscription } from './run.ts';
import { feedItems } from './samples.ts';

const schema = createSchema();

const isIterable = (value: object): value is AsyncIterableIterator<ExecutionResult> =>
  Symbol.asyncIterator in value;

const begin = async (...args: Parameters<typeof runSubscription>) => {
  const { result, ...rest } = await runSubscription(...args);
  if (!isIterable(result)) throw new Error(`refused: ${JSON.stringify(result)}`);
  const nextResult = async (): Promise<ExecutionResult> => {
    const next = await result.next();
    if (next.done) throw new Error('ended');
    return next.value;
  };
  return { iterator: result, nextResult, ...rest };
};

const unionOf = () => {
  const type = schema.getType('MessageEvent');
  if (!type) throw new Error('no MessageEvent');
  return type;
};

describe('messageReceived', () => {
  test('one document that selects every field of every member without aliases is valid', () => {
    const source = `subscription { messageReceived ${selectAll(schema, unionOf(), 8)} }`;
    expect(source).toContain('unreadCount');
    expect(validate(schema, parse(source))).toEqual([]);
  });

  test('there is an item for each member of the union', () => {
    const members = schema.getPossibleTypes(unionOf() as never).map(({ name }) => name);
    expect(new Set(Object.keys(feedItems))).toEqual(new Set(members));
  });

  test.each(Object.entries(feedItems))('gives a %s with all its fields', async (name, item) => {
    const source = createIdleSource([item]);
    const { iterator, nextResult } = await begin(
      `subscription { messageReceived ${selectAll(schema, unionOf(), 4)} }`,
      {
        overrides: { 'conversations.subscribe': async () => source },
        context: { viewer: admin },
      },
    );
    const value = await nextResult();
    expect(value.errors).toBeUndefined();
    expect(value.data).toMatchObject({ messageReceived: { __typename: name } });
    if (item.kind === 'event') {
      const { id, at } = item.event;
      expect(value.data).toMatchObject({
        messageReceived: { id, at, topic: item.topic, cursor: item.cursor },
      });
    }
    await iterator.return?.();
  });

  test.each([
    [undefined, null, []],
    ['["a"]', null, ['a']],
    ['["a"]', [], ['a']],
    ['["a"]', ['b', 'c'], ['b', 'c']],
    ['null', ['b'], ['b']],
  ])('after %s with extensions %j reads after %j', async (argument, resumeAfter, expected) => {
    const list = argument === undefined ? '' : `(after: ${argument})`;
    const { iterator, callsOf } = await begin(`subscription { messageReceived${list} { __typename } }`, {
      context: { resumeAfter },
    });
    expect(callsOf('conversations.subscribe')).toEqual([[learner, null, expected]]);
    await iterator.return?.();
  });

  test('a refusal at subscribe comes with its code', async () => {
    const { result } = await runSubscription(
      'subscription { messageReceived(conversationId: "c9") { __typename } }',
      {
        overrides: {
          'conversations.subscribe': async () => {
            throw notFound('conversation');
          },
        },
      },
    );
    expect(codesOf(result)).toEqual(['NOT_FOUND']);
  });
});

describe('a subscription whose source is idle', () => {
  test.each([
    ['messageReceived', 'conversations.subscribe', '{ messageReceived { __typename } }'],
    ['typing', 'typing.subscribe', '{ typing(conversationId: "c1") { isTyping } }'],
    ['connectionStatusChanged', 'connections.watchStatus', '{ connectionStatusChanged { at } }'],
  ])('%s settles its return() at once and ends the source', async (_name, method, selection) => {
    const source = createIdleSource();
    const { iterator } = await begin(`subscription ${selection}`, {
      context: { viewer: admin },
      overrides: { [method]: () => source },
    });
    const pending = iterator.next();
    await expect(iterator.return?.()).resolves.toEqual({ done: true, value: undefined });
    await expect(pending).resolves.toEqual({ done: true, value: undefined });
    expect(source.returns).toBe(1);
  });
});

describe('typing', () => {
  test('gives the typists of a conversation', async () => {
    const { iterator, nextResult, callsOf } = await begin(
      'subscription { typing(conversationId: "c1") { conversationId isTyping expiresAt author { kind id name } } }',
    );
    expect((await nextResult()).data).toEqual({
      typing: {
        conversationId: 'c1',
        isTyping: true,
        expiresAt: '2030-01-31T12:00:00.000Z',
        author: { kind: 'LEARNER', id: 'ada', name: 'Ada' },
      },
    });
    expect(callsOf('typing.subscribe')).toEqual([[learner, 'c1']]);
    await iterator.return?.();
  });
});

describe('connectionStatusChanged', () => {
  const asAdmin = { context: { viewer: admin } };

  test('gives the status with all that the event holds', async () => {
    const { iterator, nextResult } = await begin(
      'subscription { connectionStatusChanged { connectionCount nodes { id } rates { messages } history { at } } }',
      asAdmin,
    );
    expect(await nextResult()).toMatchObject({
      data: {
        connectionStatusChanged: { connectionCount: 2, nodes: [{ id: 'n1' }], rates: { messages: 2 } },
      },
    });
    await iterator.return?.();
  });

  test.each([
    ['subscription { connectionStatusChanged { at connections { totalCount } } }'],
    ['subscription { connectionStatusChanged { mine: connections { totalCount } } }'],
    ['subscription { connectionStatusChanged { ... { connections { totalCount } } } }'],
    ['subscription { connectionStatusChanged { ... on ConnectionStatus { connections { totalCount } } } }'],
    ['subscription { connectionStatusChanged { connections @include(if: false) { totalCount } } }'],
    [
      'subscription { connectionStatusChanged { ...A } } fragment A on ConnectionStatus { ...B } fragment B on ConnectionStatus { connections { totalCount } }',
    ],
    [
      'subscription { renamed: connectionStatusChanged { at } ...S } fragment S on Subscription { renamed: connectionStatusChanged { connections { totalCount } } }',
    ],
  ])('%s is BAD_INPUT', async (source) => {
    const { result, callsOf } = await runSubscription(source, asAdmin);
    expect(codesOf(result)).toEqual(['BAD_INPUT']);
    expect(callsOf('connections.watchStatus')).toEqual([]);
  });

  test('rates.connections may be selected', async () => {
    const { iterator } = await begin(
      'subscription { connectionStatusChanged { rates { connections } } }',
      asAdmin,
    );
    await iterator.return?.();
  });

  test('the query may select connections', async () => {
    const { result } = await run('{ connectionStatus { connections { totalCount } } }', asAdmin);
    expect(codesOf(result)).toEqual([]);
  });
});
