import { defineScript, type RedisClient } from '../pubsub/redis-client.ts';
import {
  type ConnectionInfo,
  type NodeInfo,
  type Presence,
  presenceTtlMs,
  type RatePoint,
  rateHistoryMs,
  rateIntervalMs,
} from './port.ts';
import { intervalOf, type RateCounters, rateCounters, toRatePoint } from './presence-rates.ts';
import { putScript, refreshScript, removeScript } from './presence-scripts.ts';

export interface RedisPresenceOptions {
  /** Belongs to the caller, who ends it. */
  readonly client: RedisClient;
  readonly prefix: string;
  readonly nodeId: string;
  /** @default Date.now */
  readonly now?: () => number;
  /** @default presenceTtlMs */
  readonly ttlMs?: number;
}

type Pipeline = ReturnType<RedisClient['pipeline']>;

/** Connections written by one script. */
const connectionsPerScript = 500;

/** All keys share one hash tag, so that one script or pipeline may touch several of them in a Cluster. */
const toKeys = (prefix: string) => {
  const base = `{${prefix}presence}`;
  return {
    nodes: `${base}:nodes`,
    node: (id: string) => `${base}:node:${id}`,
    connections: (id: string) => `${base}:connections:${id}`,
    users: (id: string) => `${base}:users:${id}`,
    rates: (interval: number) => `${base}:rates:${interval}`,
  };
};

/** The replies of a pipeline; throws the first failure among them. */
const repliesOf = async (pipeline: Pipeline): Promise<unknown[]> => {
  const results = (await pipeline.exec()) ?? [];
  return results.map(([error, reply]) => {
    if (error) throw error;
    return reply;
  });
};

const isString = (value: unknown): value is string => typeof value === 'string';
const strings = (reply: unknown): string[] => (Array.isArray(reply) ? reply.filter(isString) : []);
const toConnection = (json: string): ConnectionInfo => JSON.parse(json);
const toNode = (json: string): NodeInfo => JSON.parse(json);

type Keys = ReturnType<typeof toKeys>;

const createReader = (client: RedisClient, keys: Keys) => {
  const nodeIds = () => client.zrange(keys.nodes, '0', '-1');

  /** One command for each node, in one round trip. */
  const ofEach = (ids: readonly string[], add: (pipeline: Pipeline, nodeId: string) => void) => {
    const pipeline = client.pipeline();
    for (const id of ids) add(pipeline, id);
    return repliesOf(pipeline);
  };

  const idsOfUser = async (userId: string, ids: readonly string[]) => {
    const replies = await ofEach(ids, (pipeline, id) => pipeline.hget(keys.users(id), userId));
    return ids.map((nodeId, at) => ({ nodeId, ids: isString(replies[at]) ? replies[at].split(' ') : [] }));
  };

  return {
    async nodes() {
      const ids = await nodeIds();
      if (ids.length === 0) return [];
      const found = await client.mget(ids.map(keys.node));
      const nodes = found.filter(isString).map(toNode);
      return nodes.sort((a, b) => a.startedAt.localeCompare(b.startedAt) || a.id.localeCompare(b.id));
    },
    async userCount() {
      const ids = await nodeIds();
      const [only] = ids;
      if (only !== undefined && ids.length === 1) return client.hlen(keys.users(only));
      const replies = await ofEach(ids, (pipeline, id) => pipeline.hkeys(keys.users(id)));
      return new Set(replies.flatMap(strings)).size;
    },
    async connections({ userId, nodeId }: { userId?: string; nodeId?: string }) {
      const ids = nodeId === undefined ? await nodeIds() : [nodeId];
      if (userId === undefined) {
        const replies = await ofEach(ids, (pipeline, id) => pipeline.hvals(keys.connections(id)));
        return replies.flatMap(strings).map(toConnection);
      }
      const held = (await idsOfUser(userId, ids)).filter((entry) => entry.ids.length > 0);
      const pipeline = client.pipeline();
      for (const entry of held) pipeline.hmget(keys.connections(entry.nodeId), ...entry.ids);
      return (await repliesOf(pipeline)).flatMap(strings).map(toConnection);
    },
    async countOf(userId: string) {
      const held = await idsOfUser(userId, await nodeIds());
      return held.reduce((sum, entry) => sum + entry.ids.length, 0);
    },
  };
};

interface RedisRatesOptions {
  readonly client: RedisClient;
  readonly keys: Keys;
  readonly nodeId: string;
  readonly now: () => number;
  readonly countUsers: () => Promise<number>;
}

const createRates = ({ client, keys, nodeId, now, countUsers }: RedisRatesOptions) => ({
  async addRates(point: RatePoint) {
    const key = keys.rates(intervalOf(point.at));
    const pipeline = client.pipeline();
    for (const name of rateCounters) pipeline.hincrby(key, name, Math.round(point[name]));
    pipeline.pexpire(key, rateHistoryMs + 2 * rateIntervalMs);
    const isFirst = (await repliesOf(pipeline.hsetnx(key, 'countedBy', nodeId))).at(-1) === 1;
    // By one node alone: it takes the users of all, and every node is here at the same moment.
    if (isFirst) await client.hset(key, 'userCount', await countUsers());
  },
  async rates(since: string) {
    const first = Math.max(intervalOf(since), intervalOf(now() - rateHistoryMs));
    const intervals: number[] = [];
    // One interval ahead, for a node whose clock is.
    for (let at = first; at <= now() + rateIntervalMs; at += rateIntervalMs) intervals.push(at);
    const pipeline = client.pipeline();
    for (const interval of intervals) pipeline.hmget(keys.rates(interval), 'userCount', ...rateCounters);
    const replies = await repliesOf(pipeline);
    return intervals.flatMap((interval, at) => {
      const [users, ...values] = Array.isArray(replies[at]) ? replies[at] : [];
      if (!values.some(isString)) return [];
      const counters = Object.fromEntries(rateCounters.map((name, index) => [name, Number(values[index])]));
      return [toRatePoint(interval, isString(users) ? Number(users) : null, counters as RateCounters)];
    });
  },
});

/**
 * Presence of all nodes, in Redis. After a write that failed this node's entries there may be wrong: the next `refresh`
 * throws them away and resolves false, so that everything is put again.
 */
export const createRedisPresence = (options: RedisPresenceOptions): Presence => {
  const { client, prefix, nodeId, now = Date.now, ttlMs = presenceTtlMs } = options;
  const keys = toKeys(prefix);
  const own = [keys.connections(nodeId), keys.users(nodeId)] as const;
  const put = defineScript<number>(client, { name: 'edagentPresencePut', lua: putScript, keys: 4 });
  const remove = defineScript<number>(client, { name: 'edagentPresenceRemove', lua: removeScript, keys: 2 });
  const refresh = defineScript<number>(client, {
    name: 'edagentPresenceRefresh',
    lua: refreshScript,
    keys: 4,
  });
  const reader = createReader(client, keys);
  let failedWrites = 0;

  const write = async (work: () => Promise<unknown>): Promise<void> => {
    try {
      await work();
    } catch (error) {
      failedWrites += 1;
      throw error;
    }
  };

  return {
    ...createRates({ client, keys, nodeId, now, countUsers: reader.userCount }),
    put: (connections) =>
      write(async () => {
        for (let from = 0; from < connections.length; from += connectionsPerScript) {
          const rows = connections
            .slice(from, from + connectionsPerScript)
            .flatMap((each) => [each.id, each.userId, JSON.stringify(each)]);
          await put(keys.nodes, keys.node(nodeId), ...own, nodeId, ttlMs, ...rows);
        }
      }),
    remove: ({ id, userId }) => write(() => remove(...own, id, userId)),
    async refresh(node) {
      const failedBefore = failedWrites;
      const isKnown = await refresh(
        keys.nodes,
        keys.node(nodeId),
        ...own,
        nodeId,
        ttlMs,
        JSON.stringify(node),
        failedBefore > 0 ? '1' : '0',
      );
      failedWrites -= failedBefore;
      return isKnown === 1;
    },
    async leave() {
      const pipeline = client.pipeline();
      await repliesOf(pipeline.zrem(keys.nodes, nodeId).del(keys.node(nodeId), ...own));
    },
    nodes: reader.nodes,
    userCount: reader.userCount,
    connections: (filter = {}) => reader.connections(filter),
    countOf: reader.countOf,
    async dispose() {},
  };
};
