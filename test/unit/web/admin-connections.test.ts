import { describe, expect, jest, test } from '@jest/globals';
import { toConnectionsVariables, toCountsKey } from '../../../web/src/admin/connection-filter.ts';
import { type ConnectionPage, createConnectionsList } from '../../../web/src/admin/connections-list.ts';
import type { Outcome } from '../../../web/src/admin/refusal.ts';
import type { NodeStatus } from '../../../web/src/admin/status-points.ts';
import type { AdminConnectionsQueryVariables } from '../../../web/src/generated/graphql.ts';
import { eventually } from '../../support/eventually.ts';

const node = (id: string, connectionCount: number): NodeStatus => ({
  id,
  version: '1',
  startedAt: '2030-01-31T12:00:00Z',
  connectionCount,
  userCount: connectionCount,
  answersInProgress: 0,
  residentBytes: 1,
  isDraining: false,
});

const page = (ids: readonly string[], hasNextPage = false): ConnectionPage => ({
  at: '2030-01-31T12:00:00Z',
  totalCount: ids.length,
  pageInfo: { endCursor: ids.at(-1) ?? null, hasNextPage },
  nodes: ids.map((id) => ({
    id,
    nodeId: 'n1',
    userId: `user-${id}`,
    userName: 'Ada',
    transport: 'WEBSOCKET',
    userAgent: null,
    connectedAt: '2030-01-31T12:00:00Z',
    lastActivityAt: '2030-01-31T12:00:00Z',
    messagesIn: 0,
    messagesOut: 0,
    subscriptionCount: 1,
  })),
});

type Answer = (outcome: Outcome<ConnectionPage>) => void;

/** Requests wait for their answers. */
const createFakeServer = () => {
  const requests: { variables: AdminConnectionsQueryVariables; answer: Answer }[] = [];
  return {
    requests,
    load: (variables: AdminConnectionsQueryVariables) =>
      new Promise<Outcome<ConnectionPage>>((answer) => requests.push({ variables, answer })),
    async answer(index: number, value: ConnectionPage) {
      const request = await eventually(() => requests[index]);
      request.answer({ kind: 'done', value });
    },
  };
};

const shownIds = (list: ReturnType<typeof createConnectionsList>) =>
  list
    .get()
    .page?.nodes.map(({ id }) => id)
    .join();

const ignore = (): void => {};

describe('the filter of the connections', () => {
  test('becomes the variables of the query', () => {
    expect(toConnectionsVariables({ userId: '', nodeId: '' }, null)).toEqual({
      first: 25,
      after: null,
      filter: null,
    });
    expect(toConnectionsVariables({ userId: ' ada ', nodeId: '' }, 'c').filter).toEqual({ userId: 'ada' });
    expect(toConnectionsVariables({ userId: 'ada', nodeId: 'n1' }, null).filter).toEqual({
      userId: 'ada',
      nodeId: 'n1',
    });
  });

  test('says which counts matter', () => {
    const before = [node('n1', 1), node('n2', 5)];
    const after = [node('n2', 6), node('n1', 1)];
    expect(toCountsKey({ userId: '', nodeId: '' }, before)).not.toBe(
      toCountsKey({ userId: '', nodeId: '' }, after),
    );
    expect(toCountsKey({ userId: '', nodeId: 'n1' }, before)).toBe(
      toCountsKey({ userId: '', nodeId: 'n1' }, after),
    );
  });
});

describe('the list of connections', () => {
  test('is turned forward and back by cursors', async () => {
    const server = createFakeServer();
    const list = createConnectionsList(server);
    const end = list.subscribe(ignore);
    await server.answer(0, page(['a', 'b'], true));
    await eventually(() => shownIds(list) === 'a,b');
    list.next();
    expect(list.get()).toMatchObject({ pageNumber: 2, isTurning: true });
    await server.answer(1, page(['c']));
    await eventually(() => shownIds(list) === 'c');
    expect(server.requests[1]?.variables.after).toBe('b');
    list.next();
    expect(server.requests).toHaveLength(2);
    list.previous();
    expect(server.requests[2]?.variables.after).toBeNull();
    expect(list.get().pageNumber).toBe(1);
    end();
  });

  test('shows the answer to the last request, whichever comes last', async () => {
    const server = createFakeServer();
    const list = createConnectionsList(server);
    const end = list.subscribe(ignore);
    list.setFilter({ userId: 'ada', nodeId: '' });
    await server.answer(1, page(['new']));
    await eventually(() => shownIds(list) === 'new');
    await server.answer(0, page(['old']));
    await new Promise(setImmediate);
    expect(shownIds(list)).toBe('new');
    end();
  });

  test('goes back when all on the page have gone', async () => {
    const server = createFakeServer();
    const list = createConnectionsList(server);
    const end = list.subscribe(ignore);
    await server.answer(0, page(['a'], true));
    await eventually(() => shownIds(list) === 'a');
    list.next();
    await server.answer(1, page([]));
    await server.answer(2, page(['a']));
    await eventually(() => list.get().pageNumber === 1 && !list.get().isTurning);
    expect(server.requests[2]?.variables.after).toBeNull();
    end();
  });

  test('keeps the page and says why when it is refused', async () => {
    const refusal = { code: 'UNAVAILABLE', message: 'Later.', field: null, isUnsure: true };
    const server = createFakeServer();
    const list = createConnectionsList(server);
    const end = list.subscribe(ignore);
    await server.answer(0, page(['a']));
    await eventually(() => shownIds(list) === 'a');
    list.refresh();
    server.requests[1]?.answer({ kind: 'refused', refusal });
    await eventually(() => list.get().refusal);
    expect(shownIds(list)).toBe('a');
    end();
  });
});

describe('the list of connections follows the counts', () => {
  const setUp = async () => {
    jest.useFakeTimers();
    let loads = 0;
    const list = createConnectionsList({
      load: async () => {
        loads += 1;
        return { kind: 'done', value: page(['a']) };
      },
      everyMs: 2_000,
    });
    const end = list.subscribe(ignore);
    await jest.advanceTimersByTimeAsync(10_000);
    list.statusChanged([node('n1', 1)]);
    return { list, end, loads: () => loads };
  };

  test('at once, then at most every two seconds, with one request for all that happened meanwhile', async () => {
    const { list, end, loads } = await setUp();
    expect(loads()).toBe(1);
    for (const count of [2, 3, 4]) list.statusChanged([node('n1', count)]);
    await jest.advanceTimersByTimeAsync(1_900);
    expect(loads()).toBe(2);
    await jest.advanceTimersByTimeAsync(200);
    expect(loads()).toBe(3);
    end();
    jest.useRealTimers();
  });

  test('asks nothing and has no timer while they stay the same', async () => {
    const { list, end, loads } = await setUp();
    for (let seconds = 0; seconds < 60; seconds += 1) {
      list.statusChanged([node('n1', 1)]);
      await jest.advanceTimersByTimeAsync(1_000);
    }
    expect(loads()).toBe(1);
    expect(jest.getTimerCount()).toBe(0);
    end();
    jest.useRealTimers();
  });

  test('asks nothing when nobody reads it any more', async () => {
    const { list, end, loads } = await setUp();
    list.statusChanged([node('n1', 2)]);
    list.statusChanged([node('n1', 3)]);
    end();
    list.statusChanged([node('n1', 4)]);
    await jest.advanceTimersByTimeAsync(10_000);
    expect(loads()).toBe(2);
    expect(jest.getTimerCount()).toBe(0);
    jest.useRealTimers();
  });
});
