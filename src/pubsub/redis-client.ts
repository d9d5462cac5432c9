import { createConnection } from 'node:net';
import { AbstractConnector, Cluster, Redis, type RedisOptions } from 'ioredis';
import { parseRedisUrl, type RedisAddress, type RedisEndpoint } from './redis-url.ts';

export type RedisClient = Redis | Cluster;

export interface RedisClients {
  /** For all commands and for publishing. */
  readonly client: RedisClient;
  /** For subscriptions only. In a Cluster it is a link to any one node, because a plain PUBLISH reaches them all. */
  readonly subscriber: Redis;
}

/** Time after which a command that got no reply is rejected. */
export const defaultCommandTimeoutMs = 2_000;

/** How long a link that was told to end may take to say goodbye before it is cut. */
const disconnectTimeoutMs = 100;

/** Quick at first, at most a second, for ever, and not all nodes at the same moment. */
const toRetryDelayMs = (attempt: number): number => {
  const ceiling = Math.min(1_000, 50 * 2 ** Math.min(attempt, 10));
  return Math.round(50 + Math.random() * (ceiling - 50));
};

/**
 * Nothing waits inside ioredis: a command is written now or rejected now, and one whose link falls is rejected, not sent
 * again. A queue would deliver messages after they were given up as lost, and a second time those that had arrived.
 */
const toOptions = (commandTimeoutMs: number) =>
  ({
    lazyConnect: true,
    maxRetriesPerRequest: 0,
    autoResendUnfulfilledCommands: false,
    autoResubscribe: false,
    commandTimeout: commandTimeoutMs,
    connectTimeout: commandTimeoutMs,
    disconnectTimeout: disconnectTimeoutMs,
    keepAlive: 5_000,
  }) satisfies RedisOptions;

const toSingleOptions = (commandTimeoutMs: number) =>
  ({
    ...toOptions(commandTimeoutMs),
    enableOfflineQueue: false,
    retryStrategy: toRetryDelayMs,
    sentinelRetryStrategy: toRetryDelayMs,
    sentinelCommandTimeout: commandTimeoutMs,
    // A master that became a replica keeps its links for a moment: leave it for the new master.
    reconnectOnError: (error: Error) => error.message.startsWith('READONLY'),
  }) satisfies RedisOptions;

/** What is sent in one turn of the event loop leaves in one piece: a write to the socket costs more than a command. */
class TurnwiseRedis extends Redis {
  #corked: Redis['stream'] | null = null;

  override sendCommand(...parameters: Parameters<Redis['sendCommand']>): unknown {
    if (this.status === 'ready' && this.#corked === null) this.#cork(this.stream);
    return super.sendCommand(...parameters);
  }

  #cork(stream: Redis['stream']): void {
    this.#corked = stream;
    stream.cork();
    setImmediate(() => this.flush());
  }

  flush(): void {
    const stream = this.#corked;
    this.#corked = null;
    stream?.uncork();
  }
}

/** What was sent so far in this turn leaves now. */
export const flushCommands = (client: RedisClient): void => {
  if (client instanceof TurnwiseRedis) client.flush();
};

/** Connects to another node of the Cluster each time, beginning anywhere. */
const toClusterConnector = (cluster: Cluster, startup: readonly RedisEndpoint[]) => {
  let next = Math.floor(Math.random() * 1_000);
  return class ClusterNodeConnector extends AbstractConnector {
    constructor() {
      super(disconnectTimeoutMs);
    }

    async connect() {
      const known = cluster.nodes().map(({ options }) => options);
      const candidates = known.length > 0 ? known : startup;
      const { host, port } = candidates[next++ % candidates.length] ?? {};
      this.connecting = true;
      const stream = createConnection({ host: host ?? 'localhost', port: port ?? 6_379 });
      this.stream = stream;
      stream.once('error', (error) => {
        this.firstError = error;
      });
      return stream;
    }
  };
};

/**
 * A Cluster that rejects at once while it is not there. Its own `enableOfflineQueue: false` would also reject what goes to
 * a node whose link is just being made, and those are made only when they are needed first.
 */
class PromptCluster extends Cluster {
  override sendCommand(...parameters: Parameters<Cluster['sendCommand']>): unknown {
    const [command] = parameters;
    if (this.status === 'ready' || command.name === 'cluster') return super.sendCommand(...parameters);
    command.reject(new Error('the Redis Cluster is not reachable'));
    return command.promise;
  }
}

const createClusterClients = (
  address: Extract<RedisAddress, { kind: 'cluster' }>,
  commandTimeoutMs: number,
): RedisClients => {
  const login = { username: address.username, password: address.password };
  const client = new PromptCluster([...address.nodes], {
    lazyConnect: true,
    clusterRetryStrategy: toRetryDelayMs,
    retryDelayOnFailover: 0,
    retryDelayOnClusterDown: 0,
    redisOptions: { ...toOptions(commandTimeoutMs), ...login },
  });
  const subscriber = new Redis({
    ...toSingleOptions(commandTimeoutMs),
    ...login,
    Connector: toClusterConnector(client, address.nodes),
  });
  return { client, subscriber };
};

/** Makes the clients; they connect when `connect()` is called. An unreachable Redis is no error here, a malformed URL is. */
export const createRedisClients = (
  url: string,
  commandTimeoutMs: number = defaultCommandTimeoutMs,
): RedisClients => {
  const address = parseRedisUrl(url);
  if (address.kind === 'cluster') return createClusterClients(address, commandTimeoutMs);
  const { username, password, db } = address;
  const options = { ...toSingleOptions(commandTimeoutMs), username, password, db };
  const place =
    address.kind === 'sentinel'
      ? { sentinels: [...address.sentinels], name: address.master }
      : { ...address.endpoint, tls: address.tls ? {} : undefined };
  return {
    client: new TurnwiseRedis({ ...options, ...place }),
    subscriber: new Redis({ ...options, ...place }),
  };
};

/** The links that a client holds at this moment. */
export const connectionsOf = (client: RedisClient): Redis[] =>
  client instanceof Cluster ? client.nodes() : [client];

/**
 * Ends a client in whatever state it is. Never hangs: a client between two attempts gives no sign of its end, so the
 * wait has a bound, after which none of its timers is left.
 */
export const endClient = (client: RedisClient): Promise<void> =>
  new Promise((resolve) => {
    const timer = setTimeout(resolve, 2 * disconnectTimeoutMs);
    client.once('end', () => {
      clearTimeout(timer);
      resolve();
    });
    client.disconnect();
  });

/**
 * A Lua script as a function: keys first, then arguments. Sent whole once a link, by its hash from then on. `keys` null: their
 * number differs, and stands before them.
 */
export const defineScript = <Result>(
  client: RedisClient,
  { name, lua, keys }: { name: string; lua: string; keys: number | null },
): ((...parts: (string | number)[]) => Promise<Result>) => {
  client.defineCommand(name, { lua, ...(keys !== null && { numberOfKeys: keys }) });
  const command: (...parts: (string | number)[]) => Promise<Result> = Reflect.get(client, name);
  return (...parts) => command.apply(client, parts);
};
