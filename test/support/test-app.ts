import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { createEdAgentClient } from 'edagent-client';
import type { GraphQLSchema } from 'graphql';
import { type Client, type ClientOptions, createClient, type FormattedExecutionResult } from 'graphql-ws';
import WebSocket from 'ws';
import { type App, createApp } from '../../src/app.ts';
import { parseConfig } from '../../src/config.ts';
import { signDevelopmentToken } from '../../src/server/auth.ts';
import { createOfflineTutor } from '../../src/tutor/offline.ts';
import type { Tutor } from '../../src/tutor/port.ts';
import { type Log, silentLog } from '../../src/util/log.ts';
import { createTempFolder, fillDataFolder, testSeedPath } from './stores.ts';

/** Tokens of all test apps are signed with it, so that nodes of one cluster take each other's. */
export const testSecret = 'a secret for tests that is long enough';

export interface TokenOptions {
  readonly name?: string;
  readonly role?: 'admin' | 'learner';
  readonly ttlMs?: number;
}

export const testToken = (
  user: string,
  { name = user, role = 'learner', ttlMs = 3_600_000 }: TokenOptions = {},
) => signDevelopmentToken({ secret: testSecret, user, name, role, ttlMs });

export interface TestAppOptions {
  /** Settings beside those of the tests. */
  readonly env?: Readonly<Record<string, string>>;
  /** PostgreSQL and Redis; without it, an embedded store in a folder of its own. */
  readonly cluster?: { readonly databaseUrl: string; readonly redisUrl: string; readonly prefix: string };
  /** `configured`: the one that the settings ask for. @default the offline tutor without pauses */
  readonly tutor?: Tutor | 'configured';
  readonly log?: Log;
  /** @default the API's own */
  readonly schema?: GraphQLSchema;
  readonly pingEveryMs?: number;
  readonly stallMs?: number;
  /** @default a new temporary folder, removed at the end */
  readonly dataDir?: string;
  /** A folder that plays the built page. @default none */
  readonly webPath?: string;
}

/** One operation over HTTP, at `http://host:port/graphql`. `token` null: none. */
export const postQuery = async (
  url: string,
  token: string | null,
  document: string,
  variables: Record<string, unknown> = {},
): Promise<GraphqlResponse> => {
  const response = await fetch(url, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(token === null ? {} : { authorization: `Bearer ${token}` }),
    },
    body: JSON.stringify({ query: document, variables }),
  });
  const text = await response.text();
  return { data: null, ...JSON.parse(text), status: response.status, text };
};

export interface GraphqlResponse {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: tests reach into results of documents they wrote themselves
  readonly data: any;
  readonly errors?: readonly { message: string; path?: unknown[]; extensions?: Record<string, unknown> }[];
  readonly text: string;
}

export interface TestApp {
  readonly app: App;
  /** `http://host:port/graphql` */
  readonly url: string;
  readonly wsUrl: string;
  token: typeof testToken;
  /** One operation over HTTP. `token` null: none. */
  query(
    token: string | null,
    document: string,
    variables?: Record<string, unknown>,
  ): Promise<GraphqlResponse>;
  /** A stock graphql-ws client, disposed with the app. */
  stockClient(token: string, options?: Partial<ClientOptions>): Client;
  /** An edagent-client, disposed with the app. */
  client(token: string, options?: Partial<ClientOptions>): Client;
  dispose(): Promise<void>;
}

/** A user id that no other test uses. */
export const newUserId = (name = 'user'): string => `${name}-${randomUUID().slice(0, 8)}`;

const toEnv = ({ cluster, env }: TestAppOptions, dataDir: string): Record<string, string> => ({
  NODE_ENV: 'test',
  PORT: '0',
  HOST: '127.0.0.1',
  EDAGENT_JWT_SECRET: testSecret,
  EDAGENT_DATA_DIR: dataDir,
  EDAGENT_MESSAGES_PER_MINUTE: '10000',
  EDAGENT_CONNECTIONS_PER_USER: '1000',
  ...(cluster && {
    DATABASE_URL: cluster.databaseUrl,
    REDIS_URL: cluster.redisUrl,
    EDAGENT_REDIS_PREFIX: cluster.prefix,
  }),
  ...env,
});

/** A node in this process, on a free port, with real sockets and a real store. */
export const startTestApp = async (options: TestAppOptions = {}): Promise<TestApp> => {
  const folder = options.dataDir === undefined ? await createTempFolder() : null;
  const dataDir = options.dataDir ?? join(folder?.path ?? '', 'data');
  if (!options.cluster && options.dataDir === undefined) await fillDataFolder(dataDir);
  const app = await createApp({
    config: parseConfig(toEnv(options, dataDir)),
    log: options.log ?? silentLog,
    version: 'test',
    seedPath: options.cluster ? null : await testSeedPath(),
    webPath: options.webPath ?? null,
    ...(options.tutor === 'configured'
      ? {}
      : { tutor: options.tutor ?? createOfflineTutor({ tokensPerSecond: 0 }) }),
    ...(options.schema && { schema: options.schema }),
    ...(options.pingEveryMs && { pingEveryMs: options.pingEveryMs }),
    ...(options.stallMs && { stallMs: options.stallMs }),
  });
  const url = `${app.url}/graphql`;
  const wsUrl = url.replace(/^http/, 'ws');
  const clients: Client[] = [];

  const toClientOptions = (token: string, more: Partial<ClientOptions> = {}): ClientOptions => ({
    url: wsUrl,
    webSocketImpl: WebSocket,
    connectionParams: { authorization: `Bearer ${token}` },
    ...more,
  });
  const keep = (client: Client): Client => {
    clients.push(client);
    return client;
  };

  return {
    app,
    url,
    wsUrl,
    token: testToken,
    query: (token, document, variables) => postQuery(url, token, document, variables),
    stockClient: (token, more) => keep(createClient(toClientOptions(token, more))),
    client: (token, more) => keep(createEdAgentClient(toClientOptions(token, more))),
    async dispose() {
      await Promise.all(clients.map((client) => client.dispose()));
      await app.dispose();
      await folder?.dispose();
    },
  };
};

/** A subscription whose results are waited for one by one; early ones count. */
export interface Collected {
  readonly results: FormattedExecutionResult<Record<string, unknown>, unknown>[];
  /** How it ended. */
  readonly ended: Promise<
    { readonly kind: 'complete' } | { readonly kind: 'error'; readonly error: unknown }
  >;
  stop(): void;
}

export const collect = (
  client: Client,
  query: string,
  variables: Record<string, unknown> = {},
  extensions?: Record<string, unknown>,
): Collected => {
  const results: Collected['results'] = [];
  let stop = (): void => {};
  const ended = new Promise<Awaited<Collected['ended']>>((resolve) => {
    stop = client.subscribe<Record<string, unknown>, unknown>(
      { query, variables, ...(extensions ? { extensions } : {}) },
      {
        next: (result) => results.push(result),
        error: (error) => resolve({ kind: 'error', error }),
        complete: () => resolve({ kind: 'complete' }),
      },
    );
  });
  return { results, ended, stop: () => stop() };
};
