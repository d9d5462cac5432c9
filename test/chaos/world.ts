import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { signDevelopmentToken } from '../../src/server/auth.ts';
import { createDisposers } from '../../src/util/disposers.ts';
import { silentLog } from '../../src/util/log.ts';
import type { Random } from '../support/random.ts';
import { freeRedisPort, type RedisServer, startRedis } from '../support/redis-servers.ts';
import { type Model, type ModelObserver, startModel } from './model.ts';
import { type Network, startNetwork } from './network.ts';
import { createNode, type Node } from './node.ts';
import { type PostgresServer, startPostgresServer } from './postgres-server.ts';

/** All that a run consists of but its learners: everything its own, on the loopback, ended by process id. */
export interface World {
  readonly nodes: readonly Node[];
  /** From clients to each node. */
  readonly networks: readonly Network[];
  /** From each node to Redis. */
  readonly redisLinks: readonly Network[];
  /** From each node to PostgreSQL. */
  readonly storeLinks: readonly Network[];
  readonly redis: RedisServer;
  readonly postgres: PostgresServer;
  readonly model: Model;
  readonly redisPrefix: string;
  token(user: string, options?: { role?: 'admin' | 'learner'; ttlMs?: number }): Promise<string>;
  /**
   * As a balancer with health checks does: any node that answers, a frozen one until a check has missed it; but who is on a
   * network that is disturbed stays there.
   */
  route(random: Random, current: number | null): number;
  dispose(): Promise<void>;
}

export interface WorldOptions {
  readonly seed: number;
  readonly nodeCount: number;
  readonly modelObserver: ModelObserver;
}

const secret = 'a secret of the fault test, long enough';
const redisPrefix = 'chaos:';
/** Until a balancer leaves out a node that does not answer. */
const healthCheckMs = 2_000;

interface NodePlaces {
  readonly databaseUrl: string;
  readonly redisUrl: string;
  readonly modelUrl: string;
  readonly dataDir: string;
}

const toNodeEnv = ({ databaseUrl, redisUrl, modelUrl, dataDir }: NodePlaces) => ({
  NODE_ENV: 'test',
  HOST: '127.0.0.1',
  DATABASE_URL: databaseUrl,
  EDAGENT_DATA_DIR: dataDir,
  EDAGENT_JWT_SECRET: secret,
  EDAGENT_LOG_LEVEL: 'warn',
  EDAGENT_REDIS_PREFIX: redisPrefix,
  EDAGENT_MESSAGES_PER_MINUTE: '100000',
  EDAGENT_CONNECTIONS_PER_USER: '1000',
  // So few that who was away for long is told to read again.
  EDAGENT_REPLAY_MAX: '8',
  OPENAI_BASE_URL: modelUrl,
  OPENAI_API_KEY: 'none',
  REDIS_URL: redisUrl,
});

const startAll = async (options: WorldOptions, add: (dispose: () => unknown) => void) => {
  const { seed, nodeCount, modelObserver } = options;
  const folder = await mkdtemp(join(tmpdir(), 'edagent-chaos-'));
  add(() => rm(folder, { recursive: true, force: true }));
  const redis = await startRedis();
  add(() => redis.dispose());
  const postgres = await startPostgresServer(await freeRedisPort());
  add(() => postgres.dispose());
  const model = await startModel(seed, modelObserver);
  add(() => model.dispose());

  const nodes: Node[] = [];
  const redisLinks: Network[] = [];
  const storeLinks: Network[] = [];
  const networks: Network[] = [];
  const startLink = async (links: Network[], port: number): Promise<string> => {
    const link = await startNetwork(port);
    add(() => link.dispose());
    links.push(link);
    return link.host;
  };
  for (let index = 0; index < nodeCount; index++) {
    const databaseUrl = new URL(postgres.url);
    databaseUrl.host = await startLink(storeLinks, Number(databaseUrl.port));
    const redisUrl = `redis://${await startLink(redisLinks, redis.port)}`;
    const dataDir = join(folder, `${index}`);
    await mkdir(dataDir);
    const env = toNodeEnv({
      databaseUrl: databaseUrl.href,
      redisUrl,
      modelUrl: model.baseUrl(index),
      dataDir,
    });
    const node = createNode({ index, port: await freeRedisPort(), env, gaugesFile: join(dataDir, 'gauges') });
    add(() => node.dispose());
    nodes.push(node);
    await startLink(networks, node.port);
    await node.start();
  }

  return { nodes, networks, redisLinks, storeLinks, redis, postgres, model };
};

export const startWorld = async (options: WorldOptions): Promise<World> => {
  const disposers = createDisposers(silentLog);
  const dispose = () => disposers.dispose();
  try {
    const parts = await startAll(options, (end) => disposers.add('part of the world', end));
    return {
      ...parts,
      redisPrefix,
      route(random, current) {
        if (current !== null && parts.networks[current]?.isDisturbed) return current;
        const healthy = parts.nodes.filter(
          ({ index, pid, frozenMs }) =>
            pid !== null && frozenMs < healthCheckMs && !parts.networks[index]?.isDisturbed,
        );
        return random.pick(healthy.length > 0 ? healthy : parts.nodes).index;
      },
      token: (user, { role = 'learner', ttlMs = 3_600_000 } = {}) =>
        signDevelopmentToken({ secret, user, name: user, role, ttlMs }),
      dispose,
    };
  } catch (error) {
    await dispose();
    throw error;
  }
};
