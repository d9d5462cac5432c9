import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { eventually } from './eventually.ts';

/** Redis servers of a test's own: on free ports of the loopback, in temporary folders, ended by their process id. */

const host = '127.0.0.1';

export interface RedisServer {
  readonly url: string;
  readonly port: number;
  /** Ends it at once, as a crash would. */
  kill(): Promise<void>;
  /** Starts it again on the same port, empty. */
  restart(): Promise<void>;
  /** Freezes it: its links stay open and say nothing. */
  pause(): void;
  resume(): void;
  dispose(): Promise<void>;
}

export interface RedisSetup {
  readonly url: string;
  dispose(): Promise<void>;
}

export interface RedisSentinelSetup extends RedisSetup {
  /** Kills the master and resolves when another server is the master. */
  failOver(): Promise<void>;
}

/** Runs work with a client of its own, which only this helper uses. */
export const withRedis = async <T>(port: number, work: (redis: Redis) => Promise<T>): Promise<T> => {
  const redis = new Redis({ host, port, lazyConnect: true, retryStrategy: null, disconnectTimeout: 100 });
  redis.on('error', () => {});
  try {
    await redis.connect();
    return await work(redis);
  } finally {
    redis.disconnect();
  }
};

/** Deletes what a test has left under its prefix on a shared server. */
export const dropKeys = async (url: string, prefix: string): Promise<void> => {
  const redis = new Redis(url, { disconnectTimeout: 100 });
  try {
    for await (const keys of redis.scanStream({ match: `*${prefix}*`, count: 1_000 })) {
      if (keys.length > 0) await redis.del(...keys);
    }
  } finally {
    redis.disconnect();
  }
};

const isFree = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, host, () => server.close(() => resolve(true)));
  });

/** A port whose companion 10,000 above, the bus of a Cluster, is free too. */
export const freeRedisPort = async (): Promise<number> => {
  for (;;) {
    const port = 20_000 + Math.floor(Math.random() * 12_000);
    if ((await isFree(port)) && (await isFree(port + 10_000))) return port;
  }
};

const spawnServer = async (folder: string, args: string[]): Promise<ChildProcess> => {
  const child = spawn('redis-server', args, { cwd: folder, stdio: 'ignore' });
  await new Promise<void>((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', (cause) =>
      reject(new Error('redis-server is not on the PATH: install it, or run "npm test".', { cause })),
    );
  });
  return child;
};

const ended = async (child: ChildProcess): Promise<void> => {
  if (child.exitCode === null && child.signalCode === null) {
    const exit = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await exit;
  }
};

interface StartOptions {
  /** @default a free one */
  readonly port?: number;
  /** Lines of its configuration. */
  readonly config?: readonly string[];
  /** @default a server of data */
  readonly mode?: 'server' | 'sentinel';
}

const configFile = 'redis.conf';

export const startRedis = async (options: StartOptions = {}): Promise<RedisServer> => {
  const { mode = 'server', config = ['save ""', 'appendonly no'] } = options;
  const port = options.port ?? (await freeRedisPort());
  const folder = await mkdtemp(join(tmpdir(), 'edagent-redis-'));
  const lines = [`port ${port}`, `bind ${host}`, 'protected-mode no', ...config];
  await writeFile(join(folder, configFile), `${lines.join('\n')}\n`);
  const start = async () => {
    const child = await spawnServer(folder, [configFile, ...(mode === 'sentinel' ? ['--sentinel'] : [])]);
    try {
      await eventually(() => withRedis(port, (redis) => redis.ping()));
    } catch (error) {
      await ended(child);
      throw error;
    }
    return child;
  };
  let child = await start();
  return {
    url: `redis://${host}:${port}`,
    port,
    kill: () => ended(child),
    async restart() {
      await ended(child);
      child = await start();
    },
    pause: () => void child.kill('SIGSTOP'),
    resume: () => void child.kill('SIGCONT'),
    async dispose() {
      await ended(child);
      await rm(folder, { recursive: true, force: true });
    },
  };
};

const disposeAll = async (servers: readonly RedisServer[]): Promise<void> => {
  await Promise.all(servers.map((server) => server.dispose()));
};

const clusterConfig = ['save ""', 'appendonly no', 'cluster-enabled yes', 'cluster-node-timeout 2000'];
const slotCount = 16_384;

/** Three masters without replicas. */
export const startRedisCluster = async (): Promise<RedisSetup & { readonly ports: readonly number[] }> => {
  const servers: RedisServer[] = [];
  for (let at = 0; at < 3; at += 1) servers.push(await startRedis({ config: clusterConfig }));
  const ports = servers.map(({ port }) => port);
  const share = Math.ceil(slotCount / ports.length);
  for (const [at, port] of ports.entries()) {
    await withRedis(port, async (redis) => {
      await redis.call('CLUSTER', 'SET-CONFIG-EPOCH', String(at + 1));
      const slots = Array.from({ length: share }, (_, offset) => at * share + offset);
      await redis.call('CLUSTER', 'ADDSLOTS', ...slots.filter((slot) => slot < slotCount).map(String));
      for (const other of ports.slice(0, at)) await redis.call('CLUSTER', 'MEET', host, String(other));
    });
  }
  for (const port of ports) {
    await eventually(() =>
      withRedis(port, async (redis) => {
        const info = String(await redis.call('CLUSTER', 'INFO'));
        return info.includes('cluster_state:ok') && info.includes('cluster_known_nodes:3');
      }),
    );
  }
  return {
    url: `redis+cluster://${ports.map((port) => `${host}:${port}`).join(',')}`,
    ports,
    dispose: () => disposeAll(servers),
  };
};

const masterName = 'edagent';

const sentinelConfig = (masterPort: number) => [
  `sentinel monitor ${masterName} ${host} ${masterPort} 1`,
  `sentinel down-after-milliseconds ${masterName} 500`,
  `sentinel failover-timeout ${masterName} 5000`,
];

/** A master, a replica and a Sentinel that watches them. */
export const startRedisSentinel = async (): Promise<RedisSentinelSetup> => {
  const master = await startRedis({ config: ['save ""', 'appendonly no', 'repl-diskless-sync-delay 0'] });
  const replica = await startRedis({
    config: ['save ""', 'appendonly no', `replicaof ${host} ${master.port}`],
  });
  await eventually(() =>
    withRedis(replica.port, async (redis) => (await redis.info()).includes('master_link_status:up')),
  );
  const sentinel = await startRedis({ mode: 'sentinel', config: sentinelConfig(master.port) });
  const masterPort = () =>
    withRedis(sentinel.port, async (redis) => {
      const address = await redis.call('SENTINEL', 'GET-MASTER-ADDR-BY-NAME', masterName);
      return Array.isArray(address) ? Number(address[1]) : null;
    });
  await eventually(() =>
    withRedis(sentinel.port, async (redis) => {
      const replicas = await redis.call('SENTINEL', 'REPLICAS', masterName);
      return Array.isArray(replicas) && replicas.length === 1;
    }),
  );
  return {
    url: `redis+sentinel://${host}:${sentinel.port}/${masterName}`,
    async failOver() {
      await master.kill();
      await eventually(async () => (await masterPort()) === replica.port, { timeoutMs: 20_000 });
    },
    dispose: () => disposeAll([sentinel, replica, master]),
  };
};
