import { badInput } from '../domain/errors.ts';
import { createLatestQueue } from '../util/latest-queue.ts';
import type { Log } from '../util/log.ts';
import { type ConnectionInfo, type NodeInfo, type Presence, type RatePoint, rateIntervalMs } from './port.ts';
import { emptyPoint, type Rates } from './rates.ts';
import type { Registry } from './registry.ts';
import type { ConnectionFilter, ConnectionPage, Connections, StatusSnapshot } from './service-port.ts';

/** Reads the state of the cluster; while presence cannot be reached, that of this node. */
export interface StatusReader {
  read(userId: string | null): Promise<StatusSnapshot>;
  history: Connections['history'];
  connections(filter: ConnectionFilter): Promise<ConnectionInfo[]>;
  page: Connections['page'];
  countOf: Connections['countOf'];
  watch(): AsyncIterableIterator<StatusSnapshot>;
  dispose(): void;
}

export interface StatusReaderOptions {
  readonly presence: Presence;
  readonly registry: Registry;
  readonly rates: Rates;
  readonly nodeInfo: () => NodeInfo;
  readonly now: () => Date;
  readonly log: Log;
}

interface Watcher {
  readonly push: (snapshot: StatusSnapshot) => void;
  readonly end: () => void;
  /** What it was told last, and when; a change within a second after it waits for the next look. */
  told: { readonly content: string; readonly at: number } | null;
}

const watchEveryMs = 1_000;
/** A timer may fire a little early, and a change would then wait for a whole further look. */
const lookEveryMs = watchEveryMs + 20;

const compareConnections = (a: ConnectionInfo, b: ConnectionInfo): number =>
  a.connectedAt === b.connectedAt ? (a.id < b.id ? -1 : 1) : a.connectedAt < b.connectedAt ? -1 : 1;

const keyOf = ({ connectedAt, id }: ConnectionInfo): string => `${connectedAt}|${id}`;
const keyForm = /^\d{4}-\d\d-\d\dT[\d:.]+Z\|[\w-]+$/;

/** What makes a new status worth telling: everything but the time. */
const contentOf = ({ at: _, nodes, ...rest }: StatusSnapshot): string =>
  JSON.stringify({ ...rest, nodes: nodes.map(({ residentBytes: __, ...node }) => node) });

export const createStatusReader = (options: StatusReaderOptions): StatusReader => {
  const { presence, registry, rates, nodeInfo, now, log } = options;
  const watchers = new Set<Watcher>();
  let timer: NodeJS.Timeout | undefined;

  const orHere = async <T>(read: Promise<T>, here: () => T): Promise<T> =>
    read.catch((error: unknown) => {
      log.debug({ err: error }, 'presence cannot be read: telling of this node alone');
      return here();
    });

  /** Those of this node as they are now, the others as their nodes last told. */
  const connections = async (filter: ConnectionFilter): Promise<ConnectionInfo[]> => {
    const { id: nodeId } = nodeInfo();
    const own = registry
      .infos()
      .filter((info) => (filter.userId ?? info.userId) === info.userId)
      .filter((info) => (filter.nodeId ?? info.nodeId) === info.nodeId);
    if (filter.nodeId === nodeId) return own;
    const all = await orHere(presence.connections(filter), () => []);
    return [...all.filter((info) => info.nodeId !== nodeId), ...own];
  };

  const lastRates = async (): Promise<RatePoint> => {
    const begin = Math.floor(now().getTime() / rateIntervalMs) * rateIntervalMs - rateIntervalMs;
    const wanted = new Date(begin).toISOString();
    const since = new Date(begin - rateIntervalMs).toISOString();
    const points = await orHere(presence.rates(since), () => [...rates.points]);
    // At the turn of an interval nobody has told of the one that just ended.
    const last = points.findLast(({ at }) => at >= since && at <= wanted);
    return last ?? emptyPoint(wanted);
  };

  const allNodes = async (): Promise<NodeInfo[]> => {
    const others = await orHere(presence.nodes(), () => []);
    // This node is told as it is now, not as it was at its last refresh.
    const own = nodeInfo();
    return [...others.filter(({ id }) => id !== own.id), own].sort((a, b) => (a.id < b.id ? -1 : 1));
  };

  const read = async (userId: string | null): Promise<StatusSnapshot> => {
    const at = now().toISOString();
    if (userId !== null) {
      const own = await connections({ userId });
      return {
        at,
        connectionCount: own.length,
        userCount: own.length > 0 ? 1 : 0,
        nodes: [],
        rates: emptyPoint(at),
      };
    }
    const [nodes, userCount, ratePoint] = await Promise.all([
      allNodes(),
      orHere(presence.userCount(), () => registry.userCount),
      lastRates(),
    ]);
    const connectionCount = nodes.reduce((sum, node) => sum + node.connectionCount, 0);
    return { at, connectionCount, userCount, nodes, rates: ratePoint };
  };

  const tell = (watcher: Watcher, snapshot: StatusSnapshot): void => {
    const content = contentOf(snapshot);
    const { told } = watcher;
    if (told && (told.content === content || performance.now() - told.at < watchEveryMs)) return;
    watcher.told = { content, at: performance.now() };
    watcher.push(snapshot);
  };

  const tick = async (): Promise<void> => {
    const snapshot = await read(null);
    for (const watcher of watchers) tell(watcher, snapshot);
  };

  const schedule = (): void => {
    timer = setTimeout(() => {
      void tick()
        .catch((error: unknown) => log.debug({ err: error }, 'the status cannot be read yet'))
        .finally(() => {
          if (watchers.size > 0) schedule();
          else timer = undefined;
        });
    }, lookEveryMs);
  };

  return {
    read,
    connections,
    async history(minutes) {
      const since = new Date(now().getTime() - minutes * 60_000).toISOString();
      const points = await orHere(presence.rates(since), () => [...rates.points]);
      return points.filter(({ at }) => at >= since);
    },
    async page(filter, first, after): Promise<ConnectionPage> {
      if (after !== null && !keyForm.test(after)) {
        throw badInput('after', 'malformed; give back an endCursor of this list, unchanged.');
      }
      const all = (await connections(filter)).sort(compareConnections);
      const begin = after === null ? 0 : all.findIndex((info) => keyOf(info) > after);
      const rows = begin < 0 ? [] : all.slice(begin, begin + first);
      const lastRow = rows.at(-1);
      return {
        rows,
        totalCount: all.length,
        endCursor: lastRow ? keyOf(lastRow) : null,
        hasNextPage: begin >= 0 && begin + first < all.length,
      };
    },
    async countOf(userIds) {
      if (userIds === null) return (await allNodes()).reduce((sum, node) => sum + node.connectionCount, 0);
      const counts = await Promise.all(
        userIds.map((userId) => orHere(presence.countOf(userId), () => registry.countOf(userId))),
      );
      return counts.reduce((sum, count) => sum + count, 0);
    },
    watch() {
      const queue = createLatestQueue<StatusSnapshot>({
        keyOf: () => 'status',
        onReturn: () => watchers.delete(watcher),
      });
      const watcher: Watcher = {
        push: (snapshot) => queue.push(snapshot),
        end: () => queue.end(),
        told: null,
      };
      watchers.add(watcher);
      void read(null).then(
        (snapshot) => tell(watcher, snapshot),
        (error: unknown) => log.debug({ err: error }, 'no status yet'),
      );
      if (!timer) schedule();
      return queue.iterator;
    },
    dispose() {
      clearTimeout(timer);
      for (const watcher of watchers) watcher.end();
      watchers.clear();
    },
  };
};
