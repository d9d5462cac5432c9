import { ConfigError } from './domain/errors.ts';
import {
  days,
  duration,
  httpBaseUrl,
  httpUrl,
  integer,
  oneOf,
  onOff,
  origins,
  postgresUrl,
  publicUrl,
  redisUrl,
  type SettingType,
  size,
  text,
} from './setting-types.ts';

/**
 * The one table of settings: from it come the parser, the type `Config` and the table in the README. Defaults are written
 * as the environment would write them, and parsed by the same code.
 */
interface Setting<T> {
  readonly env: string;
  readonly type: SettingType<T>;
  /** Null: not set. A pair where production differs. */
  readonly fallback: string | null | { readonly development: string; readonly production: string };
  readonly doc: string;
  /** Its value never appears in a message. */
  readonly isSecret: boolean;
}

type Env = Readonly<Record<string, string | undefined>>;

const setting = <T>(
  env: string,
  type: SettingType<T>,
  fallback: string | { development: string; production: string },
  doc: string,
): Setting<T> => ({ env, type, fallback, doc, isSecret: false });

const optional = <T>(env: string, type: SettingType<T>, doc: string): Setting<T | null> => ({
  env,
  type,
  fallback: null,
  doc,
  isSecret: false,
});

const secret = <T>(env: string, type: SettingType<T>, doc: string): Setting<T | null> => ({
  ...optional(env, type, doc),
  isSecret: true,
});

const count = (max: number) => integer(1, max);

const table = {
  environment: setting(
    'NODE_ENV',
    oneOf('development', 'production', 'test'),
    'development',
    'In production, development tokens are refused and the defaults are the careful ones.',
  ),
  server: {
    port: setting('PORT', integer(0, 65_535), '4000', 'The port for HTTP and WebSocket; 0 takes a free one.'),
    host: setting(
      'HOST',
      text,
      { development: '127.0.0.1', production: '0.0.0.0' },
      'The address to listen on.',
    ),
    isGraphiqlOn: setting(
      'EDAGENT_GRAPHIQL',
      onOff,
      { development: 'on', production: 'off' },
      'Serves GraphiQL to browsers.',
    ),
    maxPayloadBytes: setting(
      'EDAGENT_MAX_PAYLOAD',
      size(1_024, 16 * 1_024 ** 2),
      '256kB',
      'The largest request body or WebSocket message.',
    ),
    shutdownGraceMs: setting(
      'EDAGENT_SHUTDOWN_GRACE',
      duration(0),
      '10s',
      'How long a stopping node may take to hand everything over.',
    ),
    logLevel: setting(
      'EDAGENT_LOG_LEVEL',
      oneOf('debug', 'info', 'warn', 'error', 'silent'),
      'info',
      'What is logged.',
    ),
  },
  web: {
    isOn: setting('EDAGENT_WEB', onOff, 'on', 'Serves the chat and the admin page to browsers.'),
    signInUrl: optional(
      'EDAGENT_WEB_SIGN_IN',
      publicUrl,
      'Where the page gets its tokens: an address that knows the user by a cookie.',
    ),
    embedOrigins: optional(
      'EDAGENT_WEB_EMBED_ORIGINS',
      origins,
      'Pages of these origins may hold the page in a frame, and give it its tokens.',
    ),
  },
  auth: {
    jwksUrl: optional(
      'EDAGENT_JWKS_URL',
      httpUrl,
      "The identity provider's public keys (RS256, ES256, EdDSA).",
    ),
    jwtSecret: secret(
      'EDAGENT_JWT_SECRET',
      text,
      'The shared secret of tokens signed with HS256, at least 32 bytes.',
    ),
    jwtIssuer: optional('EDAGENT_JWT_ISSUER', text, 'Tokens of any other `iss` are refused.'),
    jwtAudience: optional('EDAGENT_JWT_AUDIENCE', text, 'Tokens of any other `aud` are refused.'),
  },
  store: {
    databaseUrl: secret(
      'DATABASE_URL',
      postgresUrl,
      'PostgreSQL. Without it, an embedded one in the data folder.',
    ),
    databasePool: setting(
      'EDAGENT_DATABASE_POOL',
      count(1_000),
      '10',
      'Connections to PostgreSQL that a node keeps.',
    ),
    dataDir: setting(
      'EDAGENT_DATA_DIR',
      text,
      '.edagent',
      'The data folder: embedded database, secret for development tokens.',
    ),
    eventMaxAgeMs: setting('EDAGENT_EVENT_DAYS', days, '7', 'How long events can be replayed.'),
    eventsPerTopic: setting(
      'EDAGENT_EVENTS_PER_TOPIC',
      count(1_000_000),
      '10000',
      'How many events of one topic can be replayed.',
    ),
  },
  redis: {
    url: secret('REDIS_URL', redisUrl, 'Redis, for more than one node. Without it, all is in process.'),
    prefix: setting('EDAGENT_REDIS_PREFIX', text, 'edagent:', 'Begins every key and channel in Redis.'),
  },
  tutor: {
    name: setting('EDAGENT_TUTOR_NAME', text, 'Tutor', 'The name under which the tutor writes.'),
    baseUrl: optional(
      'OPENAI_BASE_URL',
      httpBaseUrl,
      'Any OpenAI-compatible endpoint; https://api.openai.com/v1 when only a key is given. The tutor is offline when neither is set.',
    ),
    apiKey: secret('OPENAI_API_KEY', text, 'The key for that endpoint.'),
    model: setting('OPENAI_MODEL', text, 'gpt-4o-mini', 'The model to ask for.'),
    offlineTokensPerSecond: setting(
      'EDAGENT_OFFLINE_TOKENS_PER_SECOND',
      count(100_000),
      '30',
      'The pace of the offline tutor.',
    ),
    contextTokens: setting(
      'EDAGENT_CONTEXT_TOKENS',
      integer(256, 10_000_000),
      '8000',
      'How much of a conversation the model is given, by estimate.',
    ),
    firstTokenTimeoutMs: setting(
      'EDAGENT_FIRST_TOKEN_TIMEOUT',
      duration(1),
      '30s',
      'How long the model may take to begin.',
    ),
    tokenTimeoutMs: setting(
      'EDAGENT_TOKEN_TIMEOUT',
      duration(1),
      '15s',
      'How long the model may pause in the middle of an answer.',
    ),
  },
  answers: {
    maxAttempts: setting(
      'EDAGENT_ANSWER_MAX_ATTEMPTS',
      count(100),
      '3',
      'How many attempts at an answer may be lost, because a node died or stood still, before it fails.',
    ),
    maxPerNode: setting(
      'EDAGENT_ANSWERS_PER_NODE',
      count(100_000),
      '500',
      'Answers that a node makes at once.',
    ),
    leaseMs: setting(
      'EDAGENT_LEASE',
      duration(300),
      '3s',
      'How long a node that died keeps its answers before another takes over.',
    ),
    maxTextLength: setting(
      'EDAGENT_ANSWER_MAX_LENGTH',
      count(10_000_000),
      '250000',
      'Characters of one answer; a model that writes more is taken for one that never ends.',
    ),
    maxDurationMs: setting(
      'EDAGENT_ANSWER_TIMEOUT',
      duration(1),
      '15m',
      'How long one answer may take in all.',
    ),
  },
  broadcasts: {
    maxAgeMs: setting(
      'EDAGENT_BROADCAST_DAYS',
      days,
      '30',
      'How long a broadcast can be read when it names no end.',
    ),
  },
  limits: {
    maxMessageLength: setting(
      'EDAGENT_MAX_MESSAGE_LENGTH',
      count(1_000_000),
      '8000',
      'Characters of one message.',
    ),
    messagesPerMinute: setting(
      'EDAGENT_MESSAGES_PER_MINUTE',
      count(1_000_000),
      '30',
      'Messages that a user may send in a minute.',
    ),
    connectionsPerUser: setting(
      'EDAGENT_CONNECTIONS_PER_USER',
      count(1_000_000),
      '20',
      'Connections that a user may have over all nodes.',
    ),
    subscriptionsPerConnection: setting(
      'EDAGENT_SUBSCRIPTIONS_PER_CONNECTION',
      count(100_000),
      '50',
      'Subscriptions that a connection may have.',
    ),
    connectionsMax: setting(
      'EDAGENT_CONNECTIONS_MAX',
      count(10_000_000),
      '20000',
      'Connections that a node takes; more are sent to another with 4291.',
    ),
    replayMax: setting(
      'EDAGENT_REPLAY_MAX',
      count(1_000_000),
      '1000',
      'Missed events of one topic that are replayed; a client that missed more gets Resync.',
    ),
  },
};

type Values<T> = { readonly [K in keyof T]: T[K] extends Setting<infer V> ? V : Values<T[K]> };

/** Nested as the table, frozen; durations and ages in milliseconds, sizes in bytes, null for what is not set. */
export type Config = Values<typeof table>;

const isSetting = (node: object): node is Setting<unknown> => 'env' in node;

const listSettings = (node: object): Setting<unknown>[] =>
  isSetting(node) ? [node] : Object.values(node).flatMap(listSettings);

/** Variables of the test command, and those that Kubernetes makes for every Service whose name begins with "edagent". */
const isForeign = (name: string, value: string): boolean =>
  name.startsWith('EDAGENT_TEST_') ||
  /_SERVICE_(?:HOST|PORT(?:_\w+)?)$/.test(name) ||
  /_PORT_\d+_(?:TCP|UDP|SCTP)(?:_(?:PROTO|PORT|ADDR))?$/.test(name) ||
  (name.endsWith('_PORT') && /^(?:tcp|udp|sctp):\/\//.test(value));

const distance = (a: string, b: string): number => {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
};

const unknownVariables = (env: Env): string[] => {
  const known = listSettings(table).map((entry) => entry.env);
  const nearest = (name: string) =>
    known.reduce((best, next) => (distance(next, name) < distance(best, name) ? next : best));
  return Object.entries(env)
    .filter(([name, value]) => name.startsWith('EDAGENT_') && !known.includes(name) && value !== undefined)
    .filter(([name, value]) => !isForeign(name, value ?? ''))
    .map(([name]) => `${name} is not a setting; the nearest is ${nearest(name)}`);
};

const defaultText = ({ fallback }: Setting<unknown>, env: Env): string | null =>
  typeof fallback === 'object' && fallback !== null
    ? fallback[env.NODE_ENV === 'production' ? 'production' : 'development']
    : fallback;

/** Set to nothing counts as not set, since compose files and shells can often only do that. */
const givenText = (entry: Setting<unknown>, env: Env): string | null => env[entry.env]?.trim() || null;

const readValue = (entry: Setting<unknown>, env: Env, problems: string[]): unknown => {
  const given = givenText(entry, env) ?? defaultText(entry, env);
  if (given === null) return null;
  const value = entry.type.parse(given);
  if (value === undefined) {
    problems.push(
      `${entry.env} must be ${entry.type.form}${entry.isSecret ? '' : `, not ${JSON.stringify(given)}`}`,
    );
  }
  return value;
};

const readValues = (node: object, env: Env, problems: string[]): object =>
  Object.fromEntries(
    Object.entries(node).map(([key, child]: [string, object]) => [
      key,
      isSetting(child) ? readValue(child, env, problems) : readValues(child, env, problems),
    ]),
  );

/** What no single value shows. */
const contradictions = ({ environment, web, auth, store, redis }: Config): string[] => {
  const problems: string[] = [];
  if (environment === 'production' && auth.jwksUrl === null && auth.jwtSecret === null) {
    problems.push('EDAGENT_JWKS_URL or EDAGENT_JWT_SECRET is required when NODE_ENV=production');
  }
  if (auth.jwksUrl !== null && auth.jwtSecret !== null) {
    problems.push('EDAGENT_JWKS_URL and EDAGENT_JWT_SECRET exclude each other: set one of them');
  }
  if (auth.jwtSecret !== null && Buffer.byteLength(auth.jwtSecret) < 32) {
    problems.push('EDAGENT_JWT_SECRET must be at least 32 bytes long');
  }
  if (web.signInUrl !== null && web.embedOrigins !== null) {
    problems.push('EDAGENT_WEB_SIGN_IN and EDAGENT_WEB_EMBED_ORIGINS exclude each other: set one of them');
  }
  if (!web.isOn && (web.signInUrl !== null || web.embedOrigins !== null)) {
    const name = web.signInUrl === null ? 'EDAGENT_WEB_EMBED_ORIGINS' : 'EDAGENT_WEB_SIGN_IN';
    problems.push(`${name} means nothing when EDAGENT_WEB is off: leave one of them out`);
  }
  if (redis.url !== null && store.databaseUrl === null) {
    problems.push(
      'DATABASE_URL is required when REDIS_URL is set: Redis connects several nodes, and these need one store',
    );
  }
  return problems;
};

const withOpenAi = (config: Config): Config =>
  config.tutor.baseUrl === null && config.tutor.apiKey !== null
    ? { ...config, tutor: { ...config.tutor, baseUrl: 'https://api.openai.com/v1' } }
    : config;

const freeze = <T extends object>(value: T): T => {
  for (const child of Object.values(value)) if (typeof child === 'object' && child !== null) freeze(child);
  return Object.freeze(value);
};

/** @throws {ConfigError} that names every variable at fault, a line each, and never a secret's value. */
export const parseConfig = (env: Env): Config => {
  const problems = unknownVariables(env);
  const config = readValues(table, env, problems) as Config;
  if (problems.length === 0) problems.push(...contradictions(config));
  if (problems.length > 0) {
    throw new ConfigError(problems.map((problem) => `config: ${problem}`).join('\n'));
  }
  return freeze(withOpenAi(config));
};

export interface EffectiveSetting {
  /** Of the environment variable. */
  readonly name: string;
  /** As the environment would write it; null when it is not set and has no default. */
  readonly value: string | null;
  readonly isDefault: boolean;
  /** The value is not for people's eyes. */
  readonly isSecret: boolean;
}

/** What is in force in an environment that `parseConfig` takes. */
export const listEffectiveSettings = (env: Env): EffectiveSetting[] => {
  const { tutor } = parseConfig(env);
  return listSettings(table).map((entry) => {
    const given = givenText(entry, env);
    const byDefault = entry.env === 'OPENAI_BASE_URL' ? tutor.baseUrl : defaultText(entry, env);
    return {
      name: entry.env,
      value: given ?? byDefault,
      isDefault: given === null,
      isSecret: entry.isSecret,
    };
  });
};

const toDefaultText = ({ fallback }: Setting<unknown>): string => {
  if (fallback === null) return 'not set';
  if (typeof fallback === 'string') return `\`${fallback}\``;
  return `\`${fallback.development}\`, in production \`${fallback.production}\``;
};

/** The table for the README. */
export const configTableMarkdown = (): string =>
  [
    '| variable | default | what it does | form |',
    '|---|---|---|---|',
    ...listSettings(table).map((entry) =>
      [`| \`${entry.env}\``, toDefaultText(entry), entry.doc, `${entry.type.form} |`].join(' | '),
    ),
    '',
  ].join('\n');
