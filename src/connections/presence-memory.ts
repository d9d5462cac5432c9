import {
  type ConnectionInfo,
  type NodeInfo,
  type Presence,
  presenceTtlMs,
  type RatePoint,
  rateHistoryMs,
} from './port.ts';
import { intervalOf, type RateCounters, rateCounters, toRatePoint } from './presence-rates.ts';

export interface MemoryPresenceOptions {
  /** @default Date.now */
  readonly now?: () => number;
}

/** The connections of a single node, by id and by user. */
const createConnectionIndex = () => {
  const byId = new Map<string, ConnectionInfo>();
  const byUser = new Map<string, Map<string, ConnectionInfo>>();
  return {
    put(connection: ConnectionInfo) {
      byId.set(connection.id, connection);
      const ofUser = byUser.get(connection.userId) ?? new Map<string, ConnectionInfo>();
      byUser.set(connection.userId, ofUser.set(connection.id, connection));
    },
    remove({ id, userId }: Pick<ConnectionInfo, 'id' | 'userId'>) {
      byId.delete(id);
      const ofUser = byUser.get(userId);
      ofUser?.delete(id);
      if (ofUser?.size === 0) byUser.delete(userId);
    },
    clear() {
      byId.clear();
      byUser.clear();
    },
    all: () => [...byId.values()],
    ofUser: (userId: string) => [...(byUser.get(userId)?.values() ?? [])],
    countOf: (userId: string) => byUser.get(userId)?.size ?? 0,
    userCount: () => byUser.size,
  };
};

const createRateHistory = (now: () => number, userCount: () => number) => {
  const intervals = new Map<number, { readonly users: number; readonly counters: RateCounters }>();
  return {
    add(point: RatePoint) {
      for (const at of intervals.keys()) if (at < now() - rateHistoryMs) intervals.delete(at);
      const interval = intervalOf(point.at);
      const known = intervals.get(interval)?.counters;
      const sums = rateCounters.map((name) => [name, Math.round(point[name]) + (known?.[name] ?? 0)]);
      intervals.set(interval, { users: userCount(), counters: Object.fromEntries(sums) as RateCounters });
    },
    since(since: string): RatePoint[] {
      return [...intervals]
        .filter(([interval]) => interval >= intervalOf(since))
        .sort(([a], [b]) => a - b)
        .map(([interval, { users, counters }]) => toRatePoint(interval, users, counters));
    },
  };
};

/** Presence of a single node, in process. It forgets as the shared one does, so that both are used the same way. */
export const createMemoryPresence = ({ now = Date.now }: MemoryPresenceOptions = {}): Presence => {
  const index = createConnectionIndex();
  const rates = createRateHistory(now, index.userCount);
  let node: NodeInfo | null = null;
  let expiresAt = Number.NEGATIVE_INFINITY;

  const forget = () => {
    node = null;
    index.clear();
    expiresAt = Number.NEGATIVE_INFINITY;
  };
  const forgetExpired = () => {
    if (expiresAt <= now()) forget();
  };

  return {
    async put(connections) {
      forgetExpired();
      if (expiresAt <= now()) expiresAt = now() + presenceTtlMs;
      for (const connection of connections) index.put(connection);
    },
    async remove(connection) {
      index.remove(connection);
    },
    async refresh(info) {
      forgetExpired();
      const isKnown = node !== null;
      node = info;
      expiresAt = now() + presenceTtlMs;
      return isKnown;
    },
    async leave() {
      forget();
    },
    async nodes() {
      forgetExpired();
      return node ? [node] : [];
    },
    async userCount() {
      forgetExpired();
      return index.userCount();
    },
    async connections({ userId, nodeId } = {}) {
      forgetExpired();
      const found = userId === undefined ? index.all() : index.ofUser(userId);
      return nodeId === undefined ? found : found.filter((connection) => connection.nodeId === nodeId);
    },
    async countOf(userId) {
      forgetExpired();
      return index.countOf(userId);
    },
    async addRates(point) {
      rates.add(point);
    },
    async rates(since) {
      return rates.since(since);
    },
    async dispose() {
      forget();
    },
  };
};
