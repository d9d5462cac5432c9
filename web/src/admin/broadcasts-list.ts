import type { AdminBroadcastEventsSubscription, AdminBroadcastsQuery } from '../generated/graphql.ts';
import { createCell, type ReadonlyCell } from './cell.ts';
import type { Outcome, Refusal } from './refusal.ts';
import { intervalMs, type Rates } from './status-points.ts';

export type BroadcastPage = AdminBroadcastsQuery['broadcasts'];
export type Broadcast = BroadcastPage['edges'][number]['node'];
export type BroadcastEvent = AdminBroadcastEventsSubscription['messageReceived'];

export interface BroadcastsSource {
  loadBroadcasts(first: number, after: string | null): Promise<Outcome<BroadcastPage>>;
  /** From the cursor of a page on. `failed` when it has ended for good. Returns its undo. */
  followBroadcasts(
    cursor: string,
    sink: { readonly next: (event: BroadcastEvent) => void; readonly failed: (refusal: Refusal) => void },
  ): () => void;
}

export interface BroadcastsView {
  /** Newest first; null until they have come. */
  readonly broadcasts: readonly Broadcast[] | null;
  readonly hasMore: boolean;
  readonly isLoading: boolean;
  readonly refusal: Refusal | null;
  /** How many connections each reached that was sent from this page. */
  readonly reached: ReadonlyMap<string, number>;
}

export interface BroadcastsList extends ReadonlyCell<BroadcastsView> {
  older(): void;
  /** Begins again. */
  readAgain(): void;
  /**
   * What the nodes count tells of broadcasts to named users, which come by no event that this admin hears: when more were
   * sent in an interval than are known of it, they are read.
   */
  ratesChanged(rates: readonly Pick<Rates, 'at' | 'broadcasts'>[]): void;
  /** Those to named users come by no event that this admin hears. */
  add(sent: { readonly broadcast: Broadcast; readonly connectionCount: number }): void;
}

const perPage = 20;

const isNewerFirst = (a: Broadcast, b: Broadcast): number => {
  if (a.at !== b.at) return a.at < b.at ? 1 : -1;
  return a.id < b.id ? 1 : -1;
};

/** Each once, newest first. */
export const mergeBroadcasts = (
  known: readonly Broadcast[],
  told: readonly Broadcast[],
): readonly Broadcast[] =>
  [...new Map([...told, ...known].map((broadcast) => [broadcast.id, broadcast])).values()].sort(isNewerFirst);

/** How many were sent in an interval. */
const countOf = ({ broadcasts }: Pick<Rates, 'broadcasts'>): number =>
  Math.round(broadcasts * (intervalMs / 1_000));

const knownIn = (begin: number, known: readonly Broadcast[]): number =>
  known.filter(({ at }) => Date.parse(at) >= begin && Date.parse(at) < begin + intervalMs).length;

const nothing: BroadcastsView = {
  broadcasts: null,
  hasMore: false,
  isLoading: true,
  refusal: null,
  reached: new Map(),
};

/** What has been sent: the newest page, then followed from its cursor, so that nothing falls between. */
export const createBroadcastsList = (source: BroadcastsSource): BroadcastsList => {
  let endCursor: string | null = null;
  let unfollow: (() => void) | undefined;
  /** Counts the beginnings: what an earlier one still brings is dropped. */
  let turn = 0;
  /** By the begin of an interval: what was counted in it when it was last looked at. */
  let counted = new Map<string, number>();
  let isReadingNewer = false;

  const refuse = (refusal: Refusal): void => cell.set({ ...cell.get(), isLoading: false, refusal });

  const take = ({ edges, pageInfo }: BroadcastPage, known: readonly Broadcast[]): void => {
    endCursor = pageInfo.endCursor ?? null;
    cell.set({
      ...cell.get(),
      broadcasts: mergeBroadcasts(
        known,
        edges.map(({ node }) => node),
      ),
      hasMore: pageInfo.hasNextPage,
      isLoading: false,
      refusal: null,
    });
  };

  const follow = (cursor: string): void => {
    let isFirstReady = true;
    unfollow = source.followBroadcasts(cursor, {
      next(event) {
        if (event.__typename === 'BroadcastAdded') {
          const { broadcastId: id, text, at, expiresAt } = event;
          cell.set({
            ...cell.get(),
            broadcasts: mergeBroadcasts(cell.get().broadcasts ?? [], [{ id, text, at, expiresAt }]),
          });
        } else if (event.__typename === 'Resync') {
          void begin();
        } else if (event.__typename === 'Ready') {
          // The first one began without a cursor of the viewer's own topic; a later one began anew, and something may be missing.
          if (!isFirstReady && !event.resumed) void begin();
          isFirstReady = false;
        }
      },
      failed: refuse,
    });
  };

  /** Quietly, and on from what is known. */
  const readNewer = async (): Promise<void> => {
    const own = turn;
    isReadingNewer = true;
    const outcome = await source.loadBroadcasts(perPage, null);
    isReadingNewer = false;
    if (own !== turn) return;
    if (outcome.kind === 'refused') {
      // The next rates ask once more.
      counted = new Map();
      return;
    }
    const known = cell.get().broadcasts ?? [];
    const told = outcome.value.edges.map(({ node }) => node);
    const isHole =
      outcome.value.pageInfo.hasNextPage && !told.some(({ id }) => known.some((one) => one.id === id));
    if (isHole) take(outcome.value, []);
    else cell.set({ ...cell.get(), broadcasts: mergeBroadcasts(known, told) });
  };

  const end = (): void => {
    turn += 1;
    unfollow?.();
    unfollow = undefined;
  };

  const begin = async (): Promise<void> => {
    end();
    const own = turn;
    cell.set({ ...cell.get(), isLoading: true, refusal: null });
    const outcome = await source.loadBroadcasts(perPage, null);
    if (own !== turn) return;
    if (outcome.kind === 'refused') return refuse(outcome.refusal);
    // In place of what was known: there may be a hole between the two.
    take(outcome.value, []);
    follow(outcome.value.cursor);
  };

  const cell = createCell<BroadcastsView>(nothing, () => {
    void begin();
    return end;
  });

  return {
    get: cell.get,
    subscribe: cell.subscribe,
    readAgain: () => void begin(),
    ratesChanged(rates) {
      const { broadcasts } = cell.get();
      if (!broadcasts || isReadingNewer) return;
      const isMore = rates.some((point) => {
        const count = countOf(point);
        return count > (counted.get(point.at) ?? 0) && count > knownIn(Date.parse(point.at), broadcasts);
      });
      counted = new Map(rates.map((point) => [point.at, countOf(point)]));
      if (isMore) void readNewer();
    },
    async older() {
      const { hasMore, isLoading } = cell.get();
      if (!hasMore || isLoading) return;
      const own = turn;
      cell.set({ ...cell.get(), isLoading: true });
      const outcome = await source.loadBroadcasts(perPage, endCursor);
      if (own !== turn) return;
      if (outcome.kind === 'refused') refuse(outcome.refusal);
      else take(outcome.value, cell.get().broadcasts ?? []);
    },
    add({ broadcast, connectionCount }) {
      const { broadcasts, reached } = cell.get();
      cell.set({
        ...cell.get(),
        broadcasts: mergeBroadcasts(broadcasts ?? [], [broadcast]),
        reached: new Map([...reached, [broadcast.id, connectionCount]]),
      });
    },
  };
};
