import { ConfigError } from '../domain/errors.ts';

export interface RedisEndpoint {
  readonly host: string;
  readonly port: number;
}

interface RedisLogin {
  readonly username: string | undefined;
  readonly password: string | undefined;
}

/** What REDIS_URL names. */
export type RedisAddress =
  | ({
      readonly kind: 'single';
      readonly endpoint: RedisEndpoint;
      readonly db: number;
      readonly tls: boolean;
    } & RedisLogin)
  | ({
      readonly kind: 'sentinel';
      readonly sentinels: readonly RedisEndpoint[];
      /** The name under which the Sentinels know the master. */
      readonly master: string;
      readonly db: number;
    } & RedisLogin)
  | ({ readonly kind: 'cluster'; readonly nodes: readonly RedisEndpoint[] } & RedisLogin);

const acceptedForms = [
  'redis://[[user]:password@]host[:port][/db]',
  'rediss://… (the same over TLS)',
  'redis+sentinel://[[user]:password@]host[:port],host[:port]/master-name[/db]',
  'redis+cluster://[[user]:password@]host[:port],host[:port]',
].join(', ');

const malformed = (what: string): ConfigError =>
  new ConfigError(
    `config: REDIS_URL: ${what}. Accepted are ${acceptedForms}; special characters in the password are percent-encoded.`,
  );

const parseLogin = (text: string | undefined): RedisLogin => {
  if (text === undefined) return { username: undefined, password: undefined };
  const colon = text.indexOf(':');
  if (colon < 0) throw malformed('the part before "@" is not [user]:password');
  try {
    return {
      username: decodeURIComponent(text.slice(0, colon)) || undefined,
      password: decodeURIComponent(text.slice(colon + 1)) || undefined,
    };
  } catch {
    throw malformed('the part before "@" is not percent-encoded');
  }
};

const parseEndpoint = (text: string, defaultPort: number): RedisEndpoint => {
  const match = /^(?:\[([0-9a-f:.]+)\]|([\w.-]+))(?::(\d{1,5}))?$/i.exec(text);
  const host = match?.[1] ?? match?.[2];
  const port = match?.[3] === undefined ? defaultPort : Number(match[3]);
  if (!host || port < 1 || port > 65_535) throw malformed('a host is not host[:port]');
  return { host, port };
};

const parseDb = (text: string | undefined): number => {
  if (!text) return 0;
  if (!/^\d{1,5}$/.test(text)) throw malformed('the database is not a number');
  return Number(text);
};

/** @throws {ConfigError} that names REDIS_URL and the accepted forms, never the password. */
export const parseRedisUrl = (url: string): RedisAddress => {
  const match = /^(rediss?|redis\+sentinel|redis\+cluster):\/\/(?:([^/]*)@)?([^@/]+)(?:\/(.*))?$/.exec(url);
  const [, scheme, loginText, hosts, path = ''] = match ?? [];
  if (scheme === undefined || hosts === undefined) throw malformed('not an address of Redis');
  const login = parseLogin(loginText);
  const toEndpoints = (defaultPort: number) =>
    hosts.split(',').map((text) => parseEndpoint(text, defaultPort));

  if (scheme === 'redis+sentinel') {
    const [master, db, ...rest] = path.split('/');
    if (!master || rest.length > 0) throw malformed('the name of the master is missing');
    return { kind: 'sentinel', sentinels: toEndpoints(26_379), master, db: parseDb(db), ...login };
  }
  if (scheme === 'redis+cluster') {
    if (path) throw malformed('a Redis Cluster has no databases');
    return { kind: 'cluster', nodes: toEndpoints(6_379), ...login };
  }
  const [endpoint, another] = toEndpoints(6_379);
  if (!endpoint || another) throw malformed('several hosts need redis+sentinel:// or redis+cluster://');
  return { kind: 'single', endpoint, db: parseDb(path), tls: scheme === 'rediss', ...login };
};

/** The address without what must not stand in a log. */
export const redactRedisUrl = (url: string): string => url.replace(/\/\/.*@/, '//***@');
