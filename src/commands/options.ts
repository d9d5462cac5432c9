import { InvalidArgumentError } from 'commander';

const millisecondsOf = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const longestMs = 3_650 * millisecondsOf.d;

/** `90s`, `15m`, `1h`, `2d`, in milliseconds. */
export const parseDuration = (text: string): number => {
  const match = /^(\d{1,7})(s|m|h|d)$/.exec(text);
  const durationMs = match ? Number(match[1]) * millisecondsOf[match[2] as keyof typeof millisecondsOf] : 0;
  if (durationMs < 1 || durationMs > longestMs) {
    throw new InvalidArgumentError('It must be a duration such as 90s, 15m, 1h or 2d.');
  }
  return durationMs;
};

export const parseUserId = (text: string): string => {
  if (text.trim() === '' || text.length > 128 || /[\p{Cc}\p{Cs}]/u.test(text)) {
    throw new InvalidArgumentError('A user id is 1 to 128 printable characters.');
  }
  return text;
};

/** For an option that may be given several times. */
export const collectUserIds = (text: string, before: readonly string[] = []): readonly string[] => [
  ...before,
  parseUserId(text),
];

export const parseText = (text: string): string => {
  if (text.trim() === '') throw new InvalidArgumentError('It must not be empty.');
  return text;
};

/** As the server has it; to read it there would load all of the server into each command. */
export const apiPath = '/graphql';

const protocols: Record<string, string> = {
  'http:': 'http:',
  'https:': 'https:',
  'ws:': 'http:',
  'wss:': 'https:',
};

/** The address of the API over HTTP, whichever of its addresses was given. */
export const parseApiUrl = (text: string): URL => {
  const url = URL.canParse(text) ? new URL(text) : null;
  const protocol = url ? protocols[url.protocol] : undefined;
  if (!url || protocol === undefined) {
    throw new InvalidArgumentError(
      'It must be an address such as http://127.0.0.1:4000 or wss://example.org/graphql.',
    );
  }
  const path = url.pathname === '/' ? apiPath : url.pathname;
  return new URL(`${protocol}//${url.host}${path}`);
};
