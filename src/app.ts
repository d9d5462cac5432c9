import type { GraphQLSchema } from 'graphql';
import { createAnswers } from './answers/answers.ts';
import type { Answers } from './answers/port.ts';
import type { Config } from './config.ts';
import { closeCodes } from './connections/close-codes.ts';
import { createConnections } from './connections/connections.ts';
import type { Presence } from './connections/port.ts';
import { createMemoryPresence } from './connections/presence-memory.ts';
import { createRedisPresence } from './connections/presence-redis.ts';
import { createAccounts } from './conversations/accounts.ts';
import { createBroadcasts } from './conversations/broadcasts.ts';
import { createConversations } from './conversations/conversations.ts';
import { createTyping } from './conversations/typing.ts';
import { createFeeds } from './feed/feeds.ts';
import { createRetention } from './feed/retention.ts';
import { createMemoryPubSub } from './pubsub/memory.ts';
import type { PubSub } from './pubsub/port.ts';
import { createRedisPubSub } from './pubsub/redis.ts';
import type { RedisClient } from './pubsub/redis-client.ts';
import type { Services } from './schema/context.ts';
import { createSchema } from './schema/index.ts';
import { type AuthKey, createAuth } from './server/auth.ts';
import { loadDevelopmentSecret } from './server/dev-secret.ts';
import { createDevelopmentSignIn } from './server/development-sign-in.ts';
import { createRateLimits } from './server/rate-limits.ts';
import { createServer } from './server/server.ts';
import { createWeb, type Web } from './server/web.ts';
import { loadWebFiles } from './server/web-files.ts';
import type { SignIn } from './server/web-sign-in.ts';
import { shutdownReason } from './server/ws.ts';
import type { Store } from './store/port.ts';
import { openPgliteStore, openPostgresStore } from './store/store.ts';
import { createOfflineTutor } from './tutor/offline.ts';
import { createOpenAiTutor } from './tutor/openai-compatible.ts';
import type { Tutor } from './tutor/port.ts';
import { createDisposers } from './util/disposers.ts';
import { newId } from './util/id.ts';
import type { Log } from './util/log.ts';

export interface App {
  /** Base address, without a path. */
  readonly url: string;
  /** Where the chat is for a browser; null when this server does not give it out. */
  readonly chatUrl: string | null;
  readonly nodeId: string;
  /** Where it keeps its data and events, for the log. */
  readonly parts: { readonly store: string; readonly pubsub: string; readonly tutor: string };
  /** Readiness off, sockets told to come back, leases given back, everything closed. Idempotent. */
  dispose(): Promise<void>;
}

export interface AppOptions {
  readonly config: Config;
  readonly log: Log;
  readonly version: string;
  /** A folder's snapshot from which a new embedded database starts quickly. */
  readonly seedPath: string | null;
  /** The folder of the built page; null when there is none. */
  readonly webPath: string | null;
  /** In place of the configured one. */
  readonly tutor?: Tutor;
  /** In place of the API's own. */
  readonly schema?: GraphQLSchema;
  /** How often sockets are pinged. @default 15_000 */
  readonly pingEveryMs?: number;
  /** How long a peer may take nothing of what waits for it. @default 10_000 */
  readonly stallMs?: number;
  readonly now?: () => Date;
}

interface Links {
  readonly pubsub: PubSub;
  readonly presence: Presence;
  readonly client: RedisClient | null;
}

const openStore = ({ config, log, seedPath, now = () => new Date() }: AppOptions): Promise<Store> => {
  const { databaseUrl, databasePool, dataDir } = config.store;
  return databaseUrl === null
    ? openPgliteStore({ dataDir, seedPath, log, now })
    : openPostgresStore({ url: databaseUrl, maxConnections: databasePool, log, now });
};

const openLinks = ({ config, log }: AppOptions, nodeId: string): Links => {
  const { url, prefix } = config.redis;
  if (url === null) {
    return { pubsub: createMemoryPubSub({ log }), presence: createMemoryPresence(), client: null };
  }
  const pubsub = createRedisPubSub({ url, prefix, log });
  return {
    pubsub,
    presence: createRedisPresence({ client: pubsub.client, prefix, nodeId }),
    client: pubsub.client,
  };
};

const createTutor = ({ config, tutor }: AppOptions): Tutor => {
  if (tutor) return tutor;
  const { baseUrl, offlineTokensPerSecond, ...openAi } = config.tutor;
  return baseUrl === null
    ? createOfflineTutor({ tokensPerSecond: offlineTokensPerSecond, name: openAi.name })
    : createOpenAiTutor({ ...openAi, baseUrl, idleTimeoutMs: openAi.tokenTimeoutMs });
};

const loadAuthKey = async (config: Config): Promise<AuthKey> => {
  const { jwksUrl, jwtSecret } = config.auth;
  if (jwksUrl !== null) return { kind: 'jwks', url: jwksUrl };
  if (jwtSecret !== null) return { kind: 'secret', secret: jwtSecret };
  const { environment, store } = config;
  return { kind: 'secret', secret: await loadDevelopmentSecret({ environment, dataDir: store.dataDir }) };
};

const toSignIn = ({ auth, web }: Config): SignIn => {
  if (web.signInUrl !== null) return { kind: 'address', address: web.signInUrl };
  if (web.embedOrigins !== null) return { kind: 'embedded', origins: web.embedOrigins };
  // In production there is one of these, otherwise it would not have started.
  return { kind: auth.jwksUrl === null && auth.jwtSecret === null ? 'development' : 'none' };
};

const openWeb = async ({ config, webPath }: AppOptions, key: AuthKey): Promise<Web | null> => {
  if (!config.web.isOn) return null;
  const { jwtIssuer: issuer, jwtAudience: audience } = config.auth;
  const { host, isGraphiqlOn } = config.server;
  const signIn = toSignIn(config);
  return createWeb({
    files: webPath === null ? null : await loadWebFiles(webPath),
    signIn,
    developmentSignIn:
      signIn.kind === 'development' && key.kind === 'secret'
        ? createDevelopmentSignIn({ secret: key.secret, issuer, audience, host })
        : null,
    isGraphiqlOn,
  });
};

/** Of the grace period, for telling clients to come back; the rest is for what hangs. */
const closingShare = 0.2;

/** The composition root: every adapter is chosen here and nowhere else. Two apps in one process are two nodes. */
export const createApp = async (options: AppOptions): Promise<App> => {
  const { config, log, version, now = () => new Date() } = options;
  const nodeId = newId();
  const disposers = createDisposers(log);
  let isDraining = false;

  try {
    const store = await openStore(options);
    disposers.add('store', () => store.dispose());
    const { pubsub, presence, client } = openLinks(options, nodeId);
    disposers.add('pub/sub', () => pubsub.dispose());
    disposers.add('presence', () => presence.dispose());
    const authKey = await loadAuthKey(config);
    const { jwtIssuer: issuer, jwtAudience: audience } = config.auth;
    const auth = createAuth({ key: authKey, issuer, audience });

    const { messagesPerMinute, maxMessageLength, connectionsPerUser, connectionsMax, replayMax } =
      config.limits;
    const rateLimits = createRateLimits({ client, prefix: config.redis.prefix, messagesPerMinute });
    disposers.add('limits', () => rateLimits.dispose());
    const retention = createRetention({
      store,
      log,
      maxAgeMs: config.store.eventMaxAgeMs,
      maxPerTopic: config.store.eventsPerTopic,
    });
    disposers.add('retention', () => retention.dispose());

    const feeds = createFeeds({ store, pubsub, log, replayMax });
    disposers.add('feeds', () => feeds.dispose());
    const accounts = createAccounts({ store, now });
    const tutor = createTutor(options);
    const tutorName = config.tutor.name;

    // Connections tell how many answers are in progress, answers count for connections.
    const late: { answers?: Answers } = {};
    const connections = await createConnections({
      nodeId,
      version,
      store,
      pubsub,
      presence,
      log,
      now,
      maxPerUser: connectionsPerUser,
      maxConnections: connectionsMax,
      answersInProgress: () => late.answers?.inProgress() ?? 0,
      isDraining: () => isDraining,
      onUserChanged: accounts.forget,
    });
    disposers.add('connections', () => connections.dispose());
    const answers = await createAnswers({
      nodeId,
      store,
      pubsub,
      feeds,
      tutor,
      tutorName,
      log,
      maxAttempts: config.answers.maxAttempts,
      maxInProgress: config.answers.maxPerNode,
      leaseMs: config.answers.leaseMs,
      maxTextLength: config.answers.maxTextLength,
      maxDurationMs: config.answers.maxDurationMs,
      onDelta: connections.countDelta,
      onFirstToken: connections.countFirstToken,
      onClosed: connections.countAnswer,
    });
    late.answers = answers;
    disposers.add('answers', () => answers.dispose());
    const typing = createTyping({ store, feeds, pubsub, tutorName, log, now });
    disposers.add('typing', () => typing.dispose());

    const services: Services = {
      accounts,
      connections,
      typing,
      conversations: createConversations({
        store,
        feeds,
        answers,
        limits: rateLimits,
        tutorName,
        maxMessageLength,
        onMessage: connections.countMessage,
      }),
      broadcasts: createBroadcasts({
        store,
        feeds,
        now,
        lifetimeMs: config.broadcasts.maxAgeMs,
        countConnections: connections.countOf,
        onBroadcast: connections.countBroadcast,
      }),
      limits: {
        messageLength: maxMessageLength,
        messagesPerMinute,
        connections: connectionsPerUser,
        subscriptionsPerConnection: config.limits.subscriptionsPerConnection,
        payloadBytes: config.server.maxPayloadBytes,
      },
    };
    const web = await openWeb(options, authKey);
    const server = await createServer({
      schema: options.schema ?? createSchema(),
      services,
      auth,
      health: { isDraining: () => isDraining, pingStore: () => store.ping() },
      log,
      host: config.server.host,
      port: config.server.port,
      isGraphiqlOn: config.server.isGraphiqlOn,
      web,
      ...(options.pingEveryMs === undefined ? {} : { pingEveryMs: options.pingEveryMs }),
      ...(options.stallMs === undefined ? {} : { stallMs: options.stallMs }),
    });
    disposers.add('server', async () => {
      server.stopListening();
      // Not after the sockets, otherwise answers would stand still for as long as those take. Waited for with the answers.
      void answers.drain();
      await connections.closeAll(
        closeCodes.goingAway,
        shutdownReason,
        config.server.shutdownGraceMs * closingShare,
      );
      await server.dispose();
    });

    return {
      url: server.url,
      chatUrl: web?.hasPage ? `${server.url}/` : null,
      nodeId,
      parts: {
        store: config.store.databaseUrl === null ? `embedded in ${config.store.dataDir}` : 'PostgreSQL',
        pubsub: config.redis.url === null ? 'in process' : 'Redis',
        tutor: tutor.kind,
      },
      dispose() {
        isDraining = true;
        return disposers.dispose();
      },
    };
  } catch (error) {
    await disposers.dispose().catch(() => {});
    throw error;
  }
};
