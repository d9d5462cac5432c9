import { describe, expect, test } from '@jest/globals';
import {
  type Broadcast,
  type BroadcastEvent,
  type BroadcastPage,
  type BroadcastsSource,
  createBroadcastsList,
  mergeBroadcasts,
} from '../../../web/src/admin/broadcasts-list.ts';
import type { Refusal } from '../../../web/src/admin/refusal.ts';
import { eventually } from '../../support/eventually.ts';

const broadcast = (minute: number): Broadcast => ({
  id: `b${minute}`,
  text: `number ${minute}`,
  at: `2030-01-31T12:${String(minute).padStart(2, '0')}:00.000Z`,
  expiresAt: '2030-03-01T12:00:00.000Z',
});

const added = (minute: number): BroadcastEvent => {
  const { id: broadcastId, ...rest } = broadcast(minute);
  return { __typename: 'BroadcastAdded', broadcastId, ...rest };
};

const page = (minutes: readonly number[], hasNextPage = false): BroadcastPage => ({
  cursor: `topic-${minutes[0]}`,
  pageInfo: { endCursor: `page-${minutes.at(-1)}`, hasNextPage },
  edges: minutes.map((minute) => ({ node: broadcast(minute) })),
});

const createFakeSource = (pages: BroadcastPage[]) => {
  const loads: (string | null)[] = [];
  const follows: { cursor: string; sink: Parameters<BroadcastsSource['followBroadcasts']>[1] }[] = [];
  const source: BroadcastsSource = {
    loadBroadcasts: async (_first, after) => {
      loads.push(after);
      return { kind: 'done', value: pages.shift() ?? page([]) };
    },
    followBroadcasts: (cursor, sink) => {
      const follow = { cursor, sink };
      follows.push(follow);
      return () => {
        follows.splice(follows.indexOf(follow), 1);
      };
    },
  };
  return { source, loads, follows };
};

const open = async (pages: BroadcastPage[]) => {
  const fake = createFakeSource(pages);
  const list = createBroadcastsList(fake.source);
  const end = list.subscribe(() => {});
  await eventually(() => fake.follows.length === 1);
  const tell = (event: BroadcastEvent): void => {
    for (const { sink } of [...fake.follows]) sink.next(event);
  };
  const shown = () => list.get().broadcasts?.map(({ id }) => id);
  return { ...fake, list, end, tell, shown };
};

describe('what has been sent', () => {
  test('is merged newest first, each once', () => {
    expect(mergeBroadcasts([broadcast(2), broadcast(1)], [broadcast(3), broadcast(2)])).toEqual(
      [3, 2, 1].map(broadcast),
    );
  });

  test('is followed from the position of the page', async () => {
    const { follows, tell, shown, end } = await open([page([2, 1])]);
    expect(follows[0]?.cursor).toBe('topic-2');
    tell({ __typename: 'Ready', resumed: false });
    tell({ __typename: 'MessageAdded' });
    tell(added(3));
    tell(added(3));
    expect(shown()).toEqual(['b3', 'b2', 'b1']);
    end();
    expect(follows).toHaveLength(0);
  });

  test('is read anew when something may be missing', async () => {
    const { loads, follows, tell, shown, end } = await open([page([1]), page([9, 8]), page([12])]);
    tell({ __typename: 'Ready', resumed: false });
    expect(loads).toHaveLength(1);
    tell({ __typename: 'Ready', resumed: true });
    expect(loads).toHaveLength(1);
    tell({ __typename: 'Ready', resumed: false });
    await eventually(() => follows[0]?.cursor === 'topic-9');
    expect(shown()).toEqual(['b9', 'b8']);
    tell({ __typename: 'Resync' });
    await eventually(() => follows[0]?.cursor === 'topic-12');
    expect(shown()).toEqual(['b12']);
    end();
  });

  test('goes on with older ones after the last page', async () => {
    const { list, loads, tell, shown, end } = await open([page([5, 4], true), page([3, 2])]);
    tell(added(6));
    list.older();
    await eventually(() => !list.get().hasMore);
    expect(loads).toEqual([null, 'page-4']);
    expect(shown()).toEqual(['b6', 'b5', 'b4', 'b3', 'b2']);
    end();
  });

  test('has at once what was sent from here, and how many it reached', async () => {
    const { list, tell, shown, end } = await open([page([1])]);
    list.add({ broadcast: broadcast(2), connectionCount: 12 });
    tell(added(2));
    expect(shown()).toEqual(['b2', 'b1']);
    expect(list.get().reached.get('b2')).toBe(12);
    end();
  });

  /** So many in the interval that begins with this minute. */
  const counted = (minute: number, count: number) => ({ at: broadcast(minute).at, broadcasts: count / 5 });

  test('is read when more was counted than is known, as what goes to named users is told by no event', async () => {
    const { list, loads, follows, tell, shown, end } = await open([page([5, 4], true), page([6, 5])]);
    list.ratesChanged([counted(4, 1), counted(5, 1), counted(6, 0)]);
    tell(added(7));
    list.ratesChanged([counted(5, 1), counted(6, 0), counted(7, 1)]);
    expect(loads).toHaveLength(1);
    list.ratesChanged([counted(6, 1), counted(7, 1)]);
    expect(list.get().isLoading).toBe(false);
    await eventually(() => shown()?.includes('b6'));
    expect(shown()).toEqual(['b7', 'b6', 'b5', 'b4']);
    // It goes on where it was.
    expect(follows.map(({ cursor }) => cursor)).toEqual(['topic-5']);
    list.ratesChanged([counted(6, 1), counted(7, 1), counted(8, 0)]);
    expect(loads).toHaveLength(2);
    list.older();
    expect(loads.at(-1)).toBe('page-4');
    end();
  });

  test('is read once for what was counted elsewhere than it is dated, and in place of all when there is a hole', async () => {
    const { list, loads, shown, end } = await open([page([1]), page([1]), page([9, 8], true)]);
    list.ratesChanged([counted(2, 1)]);
    await eventually(() => loads.length === 2);
    list.ratesChanged([counted(2, 1)]);
    expect(loads).toHaveLength(2);
    await Promise.resolve();
    list.ratesChanged([counted(2, 1), counted(9, 2)]);
    await eventually(() => shown()?.length === 2);
    expect(shown()).toEqual(['b9', 'b8']);
    expect(list.get().hasMore).toBe(true);
    end();
  });

  test('is asked for again with the next rates when that reading was refused', async () => {
    const { source, list, loads, shown, end } = await open([page([1]), page([2, 1])]);
    const { loadBroadcasts } = source;
    source.loadBroadcasts = async () => ({
      kind: 'refused',
      refusal: { code: 'UNAVAILABLE', message: 'Later.', field: null, isUnsure: false },
    });
    list.ratesChanged([counted(2, 1)]);
    await eventually(() => {
      source.loadBroadcasts = loadBroadcasts;
      list.ratesChanged([counted(2, 1)]);
      return loads.length === 2;
    });
    await eventually(() => shown()?.length === 2);
    expect(list.get().refusal).toBeNull();
    end();
  });

  test('is read anew when asked', async () => {
    const { list, follows, shown, end } = await open([page([1]), page([3, 2, 1])]);
    list.readAgain();
    expect(list.get().isLoading).toBe(true);
    await eventually(() => follows[0]?.cursor === 'topic-3');
    expect(shown()).toEqual(['b3', 'b2', 'b1']);
    expect(follows).toHaveLength(1);
    end();
  });

  test('says why nothing more comes, and begins again when asked', async () => {
    const refusal: Refusal = { code: 'FORBIDDEN', message: 'Admins only.', field: null, isUnsure: false };
    const { list, follows, end, shown } = await open([page([1]), page([2, 1])]);
    follows[0]?.sink.failed(refusal);
    expect(list.get().refusal).toEqual(refusal);
    list.readAgain();
    await eventually(() => shown()?.length === 2);
    expect(list.get().refusal).toBeNull();
    end();
  });
});
