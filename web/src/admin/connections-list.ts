import type { AdminConnectionsQuery, AdminConnectionsQueryVariables } from '../generated/graphql.ts';
import { createCell, type ReadonlyCell } from './cell.ts';
import {
  anyConnection,
  type ConnectionFilter,
  toConnectionsVariables,
  toCountsKey,
} from './connection-filter.ts';
import type { Outcome, Refusal } from './refusal.ts';
import type { NodeStatus } from './status-points.ts';
import { createThrottle } from './throttle.ts';

type Asked = AdminConnectionsQuery['connectionStatus'];
export type ConnectionPage = Asked['connections'] & Pick<Asked, 'at'>;
export type Connection = ConnectionPage['nodes'][number];

export interface ConnectionsView {
  readonly filter: ConnectionFilter;
  /** From 1. */
  readonly pageNumber: number;
  /** Null until the first has come. */
  readonly page: ConnectionPage | null;
  /** Another page or filter was asked for and is not here yet. */
  readonly isTurning: boolean;
  readonly refusal: Refusal | null;
}

export interface ConnectionsList extends ReadonlyCell<ConnectionsView> {
  setFilter(filter: ConnectionFilter): void;
  next(): void;
  previous(): void;
  refresh(): void;
  /** Told of every status; the shown page is asked for again when the counts of its nodes changed. */
  statusChanged(nodes: readonly NodeStatus[]): void;
}

export interface ConnectionsListOptions {
  readonly load: (variables: AdminConnectionsQueryVariables) => Promise<Outcome<ConnectionPage>>;
  /** @default 2000 */
  readonly everyMs?: number;
}

/**
 * One page of the connections. A subscription may not select them, since a page costs the server all of them; so the counts
 * that the live status brings say when the page is asked for again, at most every `everyMs`. Nothing changes: nothing is asked.
 */
export const createConnectionsList = ({ load, everyMs = 2_000 }: ConnectionsListOptions): ConnectionsList => {
  /** The `after` of each page up to the shown one. */
  let starts: readonly (string | null)[] = [null];
  let request = 0;
  let countsKey: string | null = null;
  let isWatched = false;

  const read = async (): Promise<void> => {
    request += 1;
    const own = request;
    const outcome = await load(toConnectionsVariables(cell.get().filter, starts.at(-1) ?? null));
    // Another page or filter was asked for meanwhile.
    if (own !== request) return;
    if (outcome.kind === 'refused') {
      cell.set({ ...cell.get(), isTurning: false, refusal: outcome.refusal });
    } else if (outcome.value.nodes.length === 0 && starts.length > 1) {
      // All on this page have gone.
      turn(starts.slice(0, -1));
    } else {
      cell.set({ ...cell.get(), page: outcome.value, isTurning: false, refusal: null });
    }
  };

  const throttle = createThrottle({ everyMs, run: read });

  const cell = createCell<ConnectionsView>(
    { filter: anyConnection, pageNumber: 1, page: null, isTurning: true, refusal: null },
    () => {
      isWatched = true;
      throttle.ask();
      return () => {
        isWatched = false;
        throttle.dispose();
      };
    },
  );

  /** What a person asks for does not wait its turn. */
  const turn = (nextStarts: readonly (string | null)[], filter = cell.get().filter): void => {
    starts = nextStarts;
    cell.set({ ...cell.get(), filter, pageNumber: starts.length, isTurning: true });
    void read();
  };

  return {
    get: cell.get,
    subscribe: cell.subscribe,
    setFilter(filter) {
      countsKey = null;
      turn([null], filter);
    },
    next() {
      const { page } = cell.get();
      if (page?.pageInfo.hasNextPage) turn([...starts, page.pageInfo.endCursor ?? null]);
    },
    previous() {
      if (starts.length > 1) turn(starts.slice(0, -1));
    },
    refresh() {
      void read();
    },
    statusChanged(nodes) {
      const key = toCountsKey(cell.get().filter, nodes);
      const isNews = countsKey !== null && key !== countsKey;
      countsKey = key;
      if (isNews && isWatched) throttle.ask();
    },
  };
};
