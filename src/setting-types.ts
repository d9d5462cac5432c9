import { parseRedisUrl } from './pubsub/redis-url.ts';

/** How the text of an environment variable becomes a value. `parse` returns undefined for what is not of this form. */
export interface SettingType<T> {
  /** Completes the sentence "must be …" and stands in the README table. */
  readonly form: string;
  parse(text: string): T | undefined;
}

const asWords = (choices: readonly string[]): string =>
  choices.length === 1 ? `${choices[0]}` : `${choices.slice(0, -1).join(', ')} or ${choices.at(-1)}`;

export const text: SettingType<string> = { form: 'text', parse: (value) => value };

export const oneOf = <const T extends string>(...choices: readonly T[]): SettingType<T> => ({
  form: asWords(choices),
  parse: (value) => choices.find((choice) => choice === value),
});

export const onOff: SettingType<boolean> = {
  form: 'on or off',
  parse: (value) => {
    if (/^(?:on|true|yes|1)$/i.test(value)) return true;
    return /^(?:off|false|no|0)$/i.test(value) ? false : undefined;
  },
};

export const integer = (min: number, max: number): SettingType<number> => ({
  form: `a whole number from ${min} to ${max}`,
  parse: (value) => {
    if (!/^\d{1,15}$/.test(value)) return undefined;
    const number = Number(value);
    return number >= min && number <= max ? number : undefined;
  },
});

const millisecondsOf = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };
/** The longest time that setTimeout keeps. */
const maxDurationMs = 2 ** 31 - 1;

/** In milliseconds. */
export const duration = (minMs: number): SettingType<number> => ({
  form: `a duration such as 500ms, 30s, 5m, 1h or 2d, at least ${minMs}ms`,
  parse: (value) => {
    const match = /^(\d{1,9}(?:\.\d{1,3})?) ?(ms|s|m|h|d)$/.exec(value);
    if (!match) return undefined;
    const durationMs = Math.round(Number(match[1]) * millisecondsOf[match[2] as keyof typeof millisecondsOf]);
    return durationMs >= minMs && durationMs <= maxDurationMs ? durationMs : undefined;
  },
});

/** A whole number of days, in milliseconds. */
export const days: SettingType<number> = {
  form: 'a whole number of days from 1 to 3650',
  parse: (value) => {
    const number = integer(1, 3_650).parse(value);
    return number === undefined ? undefined : number * millisecondsOf.d;
  },
};

const bytesOf = { b: 1, kb: 1_024, mb: 1_024 ** 2 };

/** In bytes. */
export const size = (minBytes: number, maxBytes: number): SettingType<number> => ({
  form: `a size such as 65536, 256kB or 1MB, from ${minBytes} to ${maxBytes} bytes`,
  parse: (value) => {
    const match = /^(\d{1,12}) ?(b|kb|mb)?$/i.exec(value);
    if (!match) return undefined;
    const unit = (match[2] ?? 'b').toLowerCase() as keyof typeof bytesOf;
    const bytes = Number(match[1]) * bytesOf[unit];
    return bytes >= minBytes && bytes <= maxBytes ? bytes : undefined;
  },
});

export const httpUrl: SettingType<string> = {
  form: 'an address that begins with http:// or https://',
  parse: (value) => (/^https?:\/\/[^\s/]/i.test(value) && URL.canParse(value) ? value : undefined),
};

/** An address to which paths are added: without a slash at its end. */
export const httpBaseUrl: SettingType<string> = {
  form: httpUrl.form,
  parse: (value) => httpUrl.parse(value)?.replace(/\/+$/, ''),
};

/** A host as it may stand in a header of the page: a name or an IPv4 address, nothing that means more there. */
const plainHost = /^[\w.-]+$/;

/** An address that is shown to everybody who opens the page. */
export const publicUrl: SettingType<string> = {
  form: 'an address such as https://school.example/token, without a user, a password or a part after #',
  parse: (value) => {
    if (httpUrl.parse(value) === undefined) return undefined;
    const { username, password, hash, hostname } = new URL(value);
    return `${username}${password}${hash}` === '' && plainHost.test(hostname) ? value : undefined;
  },
};

const toOrigin = (value: string): string | undefined => {
  if (httpUrl.parse(value) === undefined) return undefined;
  const { origin, href, hostname } = new URL(value);
  return href === `${origin}/` && plainHost.test(hostname) ? origin : undefined;
};

export const origins: SettingType<readonly string[]> = {
  form: 'origins such as https://school.example, without paths and wildcards, separated by commas',
  parse: (value) => {
    const parsed = value.split(',').map((part) => toOrigin(part.trim()));
    return parsed.every((origin) => origin !== undefined) ? [...new Set(parsed)] : undefined;
  },
};

export const postgresUrl: SettingType<string> = {
  form: 'an address such as postgres://user:password@host:5432/database',
  parse: (value) => {
    if (!/^postgres(?:ql)?:\/\/\S+$/.test(value)) return undefined;
    // An empty host with a user is no URL, yet the way to a Unix socket: postgres://user@/database?host=/run/postgresql
    return URL.canParse(value.replace('@/', '@localhost/')) ? value : undefined;
  },
};

export const redisUrl: SettingType<string> = {
  form: 'an address such as redis://host:6379, rediss://host:6379, redis+sentinel://host:26379,host:26379/name or redis+cluster://host:6379,host:6379',
  parse: (value) => {
    try {
      parseRedisUrl(value);
      return value;
    } catch {
      return undefined;
    }
  },
};
