import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { signDevelopmentToken } from '../../src/server/auth.ts';
import type { Disposers } from '../../src/util/disposers.ts';
import { startPostgresServer } from '../../test/chaos/postgres-server.ts';
import { freeRedisPort, startRedis } from '../../test/support/redis-servers.ts';
import { type Server, startServer } from './server.ts';

/** One process of the built server. */
export interface Node {
  readonly server: Server;
  /** `ws://…/graphql` */
  readonly wsUrl: string;
  /** One query or mutation over HTTP; throws what the server says is wrong. */
  request(token: string, query: string, variables?: Record<string, unknown>): Promise<Data>;
}

/** The built server with a Redis and a PostgreSQL of the run's own, all on the loopback; as a node it is the first. */
export interface System extends Node {
  readonly redisUrl: string;
  readonly databaseUrl: string;
  token(user: string, role?: 'admin' | 'learner'): Promise<string>;
  /** A further node with the same settings but for those given here. */
  startNode(env?: Env): Promise<Node>;
  /** An empty one beside the first, for nodes that are to be another cluster; with a prefix of their own in Redis. */
  createCluster(name: string): Promise<ClusterEnv>;
}

type ClusterEnv = { readonly [K in 'DATABASE_URL' | 'EDAGENT_REDIS_PREFIX']: string };

type Env = Readonly<Record<string, string>>;

// biome-ignore lint/suspicious/noExplicitAny: reached into by those who wrote the document
type Data = any;

export interface SystemOptions {
  /** Everything that is started is ended with these. */
  readonly disposers: Disposers;
  /** The file of the server that is measured. */
  readonly main: string;
  /** Settings beside those below. */
  readonly env?: Env;
}

/** That tokens are signed with, for peers that check them too. */
export const jwtSecret = 'a secret of the measurements, long enough';
const tokenTtlMs = 4 * 3_600_000;
const requestTimeoutMs = 30_000;

/** Production settings but for the limits, which are not what is measured. */
const settings = {
  NODE_ENV: 'production',
  HOST: '127.0.0.1',
  PORT: '0',
  EDAGENT_JWT_SECRET: jwtSecret,
  EDAGENT_LOG_LEVEL: 'error',
  EDAGENT_MESSAGES_PER_MINUTE: '1000000',
  EDAGENT_CONNECTIONS_PER_USER: '100000',
} as const;

const postOperation = async (
  url: string,
  token: string,
  query: string,
  variables: Record<string, unknown> = {},
): Promise<Data> => {
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: JSON.stringify({ query, variables }),
    signal: AbortSignal.timeout(requestTimeoutMs),
  });
  const { data, errors } = (await response.json()) as { data?: Data; errors?: unknown };
  if (errors) throw new Error(JSON.stringify(errors));
  return data;
};

const createDatabase = async (url: string, name: string): Promise<string> => {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query(`create database ${client.escapeIdentifier(name)}`);
  await client.end();
  return new URL(`/${name}`, url).href;
};

export const startSystem = async ({ disposers, main, env }: SystemOptions): Promise<System> => {
  const folder = await mkdtemp(join(tmpdir(), 'edagent-bench-'));
  disposers.add('data folder', () => rm(folder, { recursive: true, force: true }));
  const redis = await startRedis();
  disposers.add('Redis', () => redis.dispose());
  const postgres = await startPostgresServer(await freeRedisPort());
  disposers.add('PostgreSQL', () => postgres.dispose());
  const common = {
    ...settings,
    REDIS_URL: redis.url,
    DATABASE_URL: postgres.url,
    EDAGENT_DATA_DIR: folder,
    ...env,
  };

  const startNode = async (further: Env = {}): Promise<Node> => {
    const server = await startServer({
      command: [main, 'serve'],
      env: { ...common, ...further },
      address: /GraphQL +(http:\S+)\/graphql .*\n/,
    });
    disposers.add('server', () => server.dispose());
    return {
      server,
      wsUrl: `${server.url.replace(/^http/, 'ws')}/graphql`,
      request: (token, query, variables) => postOperation(server.url, token, query, variables),
    };
  };

  return {
    ...(await startNode()),
    redisUrl: redis.url,
    databaseUrl: postgres.url,
    token: (user, role = 'learner') =>
      signDevelopmentToken({ secret: jwtSecret, user, role, ttlMs: tokenTtlMs }),
    startNode,
    createCluster: async (name) => ({
      DATABASE_URL: await createDatabase(postgres.url, name),
      EDAGENT_REDIS_PREFIX: `${name}:`,
    }),
  };
};
