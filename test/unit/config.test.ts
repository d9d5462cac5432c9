import { describe, expect, test } from '@jest/globals';
import { configTableMarkdown, parseConfig } from '../../src/config.ts';
import { ConfigError } from '../../src/domain/errors.ts';

const secret = 's'.repeat(32);
const refusal = (env: Record<string, string>): string => {
  try {
    parseConfig(env);
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
  throw new Error('the configuration was accepted');
};

describe('parseConfig', () => {
  test('an empty environment gives the embedded development server', () => {
    const config = parseConfig({});
    expect(config).toMatchObject({
      environment: 'development',
      server: { port: 4000, host: '127.0.0.1', isGraphiqlOn: true, maxPayloadBytes: 256 * 1024 },
      store: {
        databaseUrl: null,
        dataDir: '.edagent',
        eventMaxAgeMs: 7 * 86_400_000,
        eventsPerTopic: 10_000,
      },
      redis: { url: null, prefix: 'edagent:' },
      tutor: { baseUrl: null, apiKey: null, firstTokenTimeoutMs: 30_000, tokenTimeoutMs: 15_000 },
      answers: { maxAttempts: 3, leaseMs: 3_000 },
    });
  });

  test('production listens on every address and serves no GraphiQL', () => {
    const { server } = parseConfig({ NODE_ENV: 'production', EDAGENT_JWT_SECRET: secret });
    expect(server).toMatchObject({ host: '0.0.0.0', isGraphiqlOn: false });
  });

  test('what it returns is frozen at every level', () => {
    const config = parseConfig({});
    expect([config, ...Object.values(config)].every((part) => Object.isFrozen(part))).toBe(true);
  });

  test('a variable set to nothing counts as not set', () => {
    expect(parseConfig({ REDIS_URL: '', PORT: ' ' })).toMatchObject({
      redis: { url: null },
      server: { port: 4000 },
    });
  });

  test.each([
    ['500ms', 500],
    ['30s', 30_000],
    ['1.5s', 1_500],
    ['5m', 300_000],
    ['1h', 3_600_000],
    ['2d', 172_800_000],
  ])('the duration %s is %d ms', (given, expected) => {
    expect(parseConfig({ EDAGENT_SHUTDOWN_GRACE: given }).server.shutdownGraceMs).toBe(expected);
  });

  test.each([
    ['65536', 65_536],
    ['256kB', 262_144],
    ['1MB', 1_048_576],
  ])('the size %s is %d bytes', (given, expected) => {
    expect(parseConfig({ EDAGENT_MAX_PAYLOAD: given }).server.maxPayloadBytes).toBe(expected);
  });

  test('an unknown setting is refused with the nearest name', () => {
    expect(refusal({ EDAGENT_JWT_ISUER: 'x' })).toBe(
      'config: EDAGENT_JWT_ISUER is not a setting; the nearest is EDAGENT_JWT_ISSUER',
    );
  });

  test('variables of the test command and of Kubernetes services are no settings', () => {
    const foreign = {
      EDAGENT_TEST_REDIS_URL: 'redis://x',
      EDAGENT_SERVICE_HOST: '10.0.0.1',
      EDAGENT_SERVICE_PORT_HTTP: '80',
      EDAGENT_PORT: 'tcp://10.0.0.1:80',
      EDAGENT_PORT_80_TCP_ADDR: '10.0.0.1',
    };
    expect(parseConfig(foreign)).toEqual(parseConfig({}));
    expect(refusal({ EDAGENT_PORT: '80' })).toMatch(/EDAGENT_PORT is not a setting/);
  });

  test.each([
    ['PORT', '70000'],
    ['PORT', '4e3'],
    ['NODE_ENV', 'prod'],
    ['EDAGENT_LEASE', '3'],
    ['EDAGENT_LEASE', '1ms'],
    ['EDAGENT_EVENT_DAYS', '0'],
    ['EDAGENT_MAX_PAYLOAD', 'big'],
    ['EDAGENT_GRAPHIQL', 'maybe'],
    ['EDAGENT_LOG_LEVEL', 'loud'],
    ['EDAGENT_JWKS_URL', 'ftp://idp/keys'],
    ['OPENAI_BASE_URL', 'localhost:11434'],
  ])('%s=%s is refused with the variable, the form and the value', (name, value) => {
    const message = refusal({ [name]: value });
    expect(message).toMatch(new RegExp(`^config: ${name} must be .+, not "${value}"$`));
  });

  test('every problem is named, a line each', () => {
    expect(refusal({ PORT: 'x', EDAGENT_LEASE: 'y', EDAGENT_NOPE: 'z' }).split('\n')).toHaveLength(3);
  });

  test.each(['mysql://u:hunter2@h/d', 'postgres://', 'postgres://u:hunter2@h:port/d', 'hunter2'])(
    'the database address %s is refused without its value',
    (value) => {
      const message = refusal({ DATABASE_URL: value });
      expect(message).toMatch(/^config: DATABASE_URL must be an address such as postgres:/);
      expect(message).not.toContain('hunter2');
    },
  );

  test.each(['postgres://u:p@h:5432/d', 'postgresql://h/d', 'postgres://u@/d?host=/run/postgresql'])(
    'the database address %s is accepted',
    (value) => {
      expect(parseConfig({ DATABASE_URL: value }).store.databaseUrl).toBe(value);
    },
  );

  const databaseUrl = 'postgres://h/d';

  test.each([
    'redis://h',
    'redis://u:p@h:6379/2',
    'rediss://[::1]:6379',
    'redis+sentinel://:p@a:26379,b:26379/main',
    'redis+cluster://a:7000,b:7001,c:7002',
  ])('the Redis address %s is accepted', (value) => {
    expect(parseConfig({ REDIS_URL: value, DATABASE_URL: databaseUrl }).redis.url).toBe(value);
  });

  test.each([
    'hunter2',
    'http://hunter2',
    'redis://',
    'redis://:hunter2@h:0',
    'redis://:hunter2@h:99999',
    'redis://:hunter2@h/name',
    'redis://:hunter2@a,b',
    'redis+cluster://:hunter2@a,,b',
  ])('the Redis address %s is refused without its value', (value) => {
    const message = refusal({ REDIS_URL: value, DATABASE_URL: databaseUrl });
    expect(message).toMatch(/^config: REDIS_URL must be an address such as redis:/);
    expect(message).not.toContain('hunter2');
  });

  test('Redis without a database is refused with the reason', () => {
    expect(refusal({ REDIS_URL: 'redis://h' })).toMatch(
      /^config: DATABASE_URL is required .* need one store$/,
    );
  });

  test('a database without Redis is one node on PostgreSQL', () => {
    expect(parseConfig({ DATABASE_URL: databaseUrl }).redis.url).toBeNull();
  });

  test('production without a way to check tokens is refused', () => {
    expect(refusal({ NODE_ENV: 'production' })).toBe(
      'config: EDAGENT_JWKS_URL or EDAGENT_JWT_SECRET is required when NODE_ENV=production',
    );
  });

  test('two ways to check tokens exclude each other', () => {
    const both = { EDAGENT_JWKS_URL: 'https://idp/keys', EDAGENT_JWT_SECRET: secret };
    expect(refusal(both)).toMatch(/exclude each other/);
  });

  test.each([
    ['https://School.example', ['https://school.example']],
    ['https://a.example/, http://localhost:8080', ['https://a.example', 'http://localhost:8080']],
    ['https://a.example:443,https://a.example', ['https://a.example']],
    ['https://bücher.example', ['https://xn--bcher-kva.example']],
  ])('the origins %s are %j', (given, expected) => {
    expect(parseConfig({ EDAGENT_WEB_EMBED_ORIGINS: given }).web.embedOrigins).toEqual(expected);
  });

  test.each([
    '*',
    'null',
    'school.example',
    'https://*.school.example',
    'https://school.example/chat',
    'https://school.example?x',
    'https://ada@school.example',
    'https://a.example https://b.example',
    'https://a.example,',
    "https://a.example;script-src'unsafe-inline'",
    'ftp://a.example',
    'https://[::1]',
  ])('%s is no list of origins', (given) => {
    expect(refusal({ EDAGENT_WEB_EMBED_ORIGINS: given })).toBe(
      'config: EDAGENT_WEB_EMBED_ORIGINS must be origins such as https://school.example, without paths and wildcards, ' +
        `separated by commas, not ${JSON.stringify(given)}`,
    );
  });

  test('a sign-in address may have a path and a query, and no user, password or fragment', () => {
    const address = 'https://school.example/token?for=chat';
    expect(parseConfig({ EDAGENT_WEB_SIGN_IN: address }).web.signInUrl).toBe(address);
    for (const wrong of ['/token', 'https://a:b@school.example/', `${address}#x`, 'https://a;b.example']) {
      expect(refusal({ EDAGENT_WEB_SIGN_IN: wrong })).toMatch(
        /^config: EDAGENT_WEB_SIGN_IN must be an address/,
      );
    }
  });

  test('two ways to sign in exclude each other, and each needs the page', () => {
    const [signIn, embed] = [
      { EDAGENT_WEB_SIGN_IN: 'https://a.example/token' },
      { EDAGENT_WEB_EMBED_ORIGINS: 'https://a.example' },
    ];
    expect(refusal({ ...signIn, ...embed })).toBe(
      'config: EDAGENT_WEB_SIGN_IN and EDAGENT_WEB_EMBED_ORIGINS exclude each other: set one of them',
    );
    for (const one of [signIn, embed]) {
      expect(refusal({ ...one, EDAGENT_WEB: 'off' })).toBe(
        `config: ${Object.keys(one)[0]} means nothing when EDAGENT_WEB is off: leave one of them out`,
      );
    }
  });

  test('a secret below 32 bytes is refused without its value', () => {
    const message = refusal({ EDAGENT_JWT_SECRET: 'hunter2' });
    expect(message).toBe('config: EDAGENT_JWT_SECRET must be at least 32 bytes long');
  });

  test('a key alone connects the tutor to OpenAI', () => {
    expect(parseConfig({ OPENAI_API_KEY: 'k' }).tutor.baseUrl).toBe('https://api.openai.com/v1');
    expect(parseConfig({ OPENAI_BASE_URL: 'http://localhost:11434/v1/' }).tutor).toMatchObject({
      baseUrl: 'http://localhost:11434/v1',
      apiKey: null,
    });
  });
});

describe('configTableMarkdown', () => {
  test('every setting has a row of four cells, and every default parses', () => {
    const rows = configTableMarkdown().trim().split('\n').slice(2);
    expect(rows.length).toBeGreaterThan(30);
    for (const row of rows) expect(row.split(/(?<!\\)\|/)).toHaveLength(6);
    expect(rows.find((row) => row.includes('`HOST`'))).toContain('`127.0.0.1`, in production `0.0.0.0`');
  });
});
