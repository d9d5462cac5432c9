import { describe, expect, test } from '@jest/globals';
import { parseCursor } from '../../../src/domain/cursor.ts';
import { toPageArguments } from '../../../src/schema/pagination.ts';
import { messageKey } from '../../../src/store/page-keys.ts';
import { admin, learner } from './fake-services.ts';
import { codesOf, run } from './run.ts';
import { message } from './samples.ts';

describe('page arguments', () => {
  const forward = (limit: number, after: string | null = null) => ({ direction: 'forward', limit, after });
  const backward = (limit: number, before: string | null = null) => ({
    direction: 'backward',
    limit,
    before,
  });

  test.each([
    [{}, forward(50)],
    [{ first: null, last: null }, forward(50)],
    [{ first: 1 }, forward(1)],
    [{ first: 100, after: 'a' }, forward(100, 'a')],
    [{ after: 'a' }, forward(50, 'a')],
    [{ last: 5 }, backward(5)],
    [{ last: 5, before: 'b' }, backward(5, 'b')],
    [{ before: 'b' }, backward(50, 'b')],
  ])('%j means %j', (input, expected) => {
    expect(toPageArguments(input)).toEqual(expected);
  });

  test('without a direction the fallback decides', () => {
    expect(toPageArguments({}, 'backward')).toEqual(backward(50));
    expect(toPageArguments({ first: 3 }, 'backward')).toEqual(forward(3));
  });

  test.each([
    [{ first: 0 }, 'first'],
    [{ first: -1 }, 'first'],
    [{ first: 101 }, 'first'],
    [{ last: 0 }, 'last'],
    [{ last: 101 }, 'last'],
    [{ first: 1, last: 1 }, 'first'],
    [{ first: 1, before: 'b' }, 'first'],
    [{ after: 'a', last: 1 }, 'first'],
  ])('%j is BAD_INPUT and names %s', (input, field) => {
    expect(() => toPageArguments(input)).toThrow(expect.objectContaining({ code: 'BAD_INPUT', field }));
  });
});

describe('a page', () => {
  test('of messages is by default the last 50, with the cursor of the conversation', async () => {
    const { data, callsOf } = await run(
      '{ conversation(id: "c1") { messages { cursor edges { cursor node { id } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } } }',
    );
    expect(callsOf('conversations.messages')).toEqual([
      [learner, 'c1', { direction: 'backward', limit: 50, before: null }],
    ]);
    const key = messageKey(message);
    expect(data).toEqual({
      conversation: {
        messages: {
          cursor: expect.any(String),
          edges: [{ cursor: key, node: { id: 'm1' } }],
          pageInfo: { hasNextPage: false, hasPreviousPage: true, startCursor: key, endCursor: key },
        },
      },
    });
  });

  const cursorOf = (data: unknown): string => /"cursor":"([^"]+)"/.exec(JSON.stringify(data))?.[1] ?? '';

  test.each([
    ['{ conversation(id: "c1") { messages { cursor } } }', 'conversation:c1'],
    ['{ viewer { conversations { cursor } } }', 'user:root'],
    ['{ viewer { broadcasts { cursor } } }', 'broadcast'],
    ['{ broadcasts { cursor } }', 'broadcast'],
  ])('%s has the position of %s', async (source, topic) => {
    const { data } = await run(source, { context: { viewer: admin } });
    expect(parseCursor(cursorOf(data))).toEqual({ topic, epoch: 'e', seq: 7 });
  });

  test('that is empty has no cursors of edges', async () => {
    const { data } = await run(
      '{ viewer { conversations { edges { cursor } pageInfo { startCursor endCursor } } } }',
      {
        overrides: {
          'conversations.page': async () => ({
            rows: [],
            hasNextPage: false,
            hasPreviousPage: false,
            seq: 0,
            epoch: 'e',
          }),
        },
      },
    );
    expect(data).toEqual({
      viewer: { conversations: { edges: [], pageInfo: { startCursor: null, endCursor: null } } },
    });
  });

  test.each([
    ['{ viewer { conversations(first: 101) { cursor } } }'],
    ['{ viewer { broadcasts(first: 0) { cursor } } }'],
    ['{ conversation(id: "c1") { messages(first: 1, last: 1) { cursor } } }'],
    ['{ connectionStatus { connections(first: 101) { totalCount } } }'],
    ['{ connectionStatus { history(minutes: 0) { at } } }'],
    ['{ connectionStatus { history(minutes: 16) { at } } }'],
  ])('%s is BAD_INPUT', async (source) => {
    expect(codesOf((await run(source, { context: { viewer: admin } })).result)).toEqual(['BAD_INPUT']);
  });

  test('of broadcasts is of the unread ones unless all are asked for', async () => {
    const page = { direction: 'forward', limit: 50, after: null };
    const unread = await run('{ viewer { broadcasts(unreadOnly: null) { cursor } } }');
    expect(unread.callsOf('broadcasts.pageFor')).toEqual([[learner, true, page]]);
    const every = await run('{ viewer { broadcasts(unreadOnly: false) { cursor } } }');
    expect(every.callsOf('broadcasts.pageFor')).toEqual([[learner, false, page]]);
  });
});

test('rates are per second, and the time to the first token is a mean or null', async () => {
  const source =
    '{ connectionStatus { rates { messages deltas answers timeToFirstTokenMs } nodes { residentBytes } } }';
  const { data } = await run(source);
  expect(data).toEqual({
    connectionStatus: {
      rates: { messages: 2, deltas: 10, answers: 0.2, timeToFirstTokenMs: 150 },
      nodes: [{ residentBytes: 3_000_000_000 }],
    },
  });
});
