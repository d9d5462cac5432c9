import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { signDevelopmentToken } from '../../src/server/auth.ts';
import type { Disposers } from '../../src/util/disposers.ts';
import { startPostgresServer } from '../../test/chaos/postgres-server.ts';
import { freeRedisPort, startRedis } from '../../test/support/redis-servers.ts';
import { type Server, startServer } from './server.ts';

/** The built server with a Redis and a PostgreSQL of the run's own, all on the loopback. */
export interface System {
  readonly server: Server;
  readonly redisUrl: string;
  readonly databaseUrl: string;
  /** `ws://…/graphql` */
  readonly wsUrl: string;
  token(user: string, role?: 'admin' | 'learner'): Promise<string>;
  /** One query or mutation over HTTP; throws what the server says is wrong. */
  request(token: string, query: string, variables?: Record<string, unknown>): Promise<Data>;
}

// biome-ignore lint/suspicious/noExplicitAny: reached into by those who wrote the document
type Data = any;

export interface SystemOptions {
  /** Everything that is started is ended with these. */
  readonly disposers: Disposers;
  /** Settings beside those below. */
  readonly env?: Readonly<Record<string, string>>;
}

const secret = 'a secret of the measurements, long enough';
const tokenTtlMs = 4 * 3_600_000;
const requestTimeoutMs = 30_000;

/** Production settings but for the limits, which are not what is measured. */
const settings = {
  NODE_ENV: 'production',
  HOST: '127.0.0.1',
  PORT: '0',
  EDAGENT_JWT_SECRET: secret,
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

export const startSystem = async ({ disposers, env }: SystemOptions): Promise<System> => {
  const folder = await mkdtemp(join(tmpdir(), 'edagent-bench-'));
  disposers.add('data folder', () => rm(folder, { recursive: true, force: true }));
  const redis = await startRedis();
  disposers.add('Redis', () => redis.dispose());
  const postgres = await startPostgresServer(await freeRedisPort());
  disposers.add('PostgreSQL', () => postgres.dispose());
  const server = await startServer({
    command: ['dist/main.js', 'serve'],
    env: {
      ...settings,
      REDIS_URL: redis.url,
      DATABASE_URL: postgres.url,
      EDAGENT_DATA_DIR: folder,
      ...env,
    },
    address: /GraphQL +(http:\S+)\/graphql .*\n/,
  });
  disposers.add('server', () => server.dispose());
  return {
    server,
    redisUrl: redis.url,
    databaseUrl: postgres.url,
    wsUrl: `${server.url.replace(/^http/, 'ws')}/graphql`,
    token: (user, role = 'learner') => signDevelopmentToken({ secret, user, role, ttlMs: tokenTtlMs }),
    request: (token, query, variables) => postOperation(server.url, token, query, variables),
  };
};
