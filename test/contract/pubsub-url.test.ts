import { describe, expect, test } from '@jest/globals';
import { ConfigError } from '../../src/domain/errors.ts';
import { createExpiringMap } from '../../src/pubsub/expiring-map.ts';
import { createRedisPubSub } from '../../src/pubsub/redis.ts';
import { parseRedisUrl, redactRedisUrl } from '../../src/pubsub/redis-url.ts';
import { silentLog } from '../../src/util/log.ts';

const nobody = { username: undefined, password: undefined };

describe('REDIS_URL', () => {
  test.each([
    [
      'redis://localhost',
      {
        kind: 'single',
        endpoint: { host: 'localhost', port: 6_379 },
        db: 0,
        tls: false,
        ...nobody,
      },
    ],
    [
      'rediss://ada:p%40ss@redis.example:6380/3',
      {
        kind: 'single',
        endpoint: { host: 'redis.example', port: 6_380 },
        db: 3,
        tls: true,
        username: 'ada',
        password: 'p@ss',
      },
    ],
    [
      'redis://[::1]:6379/',
      { kind: 'single', endpoint: { host: '::1', port: 6_379 }, db: 0, tls: false, ...nobody },
    ],
    [
      'redis+sentinel://:secret@a:26379,b/main/2',
      {
        kind: 'sentinel',
        sentinels: [
          { host: 'a', port: 26_379 },
          { host: 'b', port: 26_379 },
        ],
        master: 'main',
        db: 2,
        username: undefined,
        password: 'secret',
      },
    ],
    [
      'redis+cluster://10.0.0.1:7000,10.0.0.2:7001',
      {
        kind: 'cluster',
        nodes: [
          { host: '10.0.0.1', port: 7_000 },
          { host: '10.0.0.2', port: 7_001 },
        ],
        ...nobody,
      },
    ],
  ])('%s is accepted', (url, address) => {
    expect(parseRedisUrl(url)).toEqual(address);
  });

  test.each([
    '',
    'localhost:6379',
    'http://localhost:6379',
    'redis://',
    'redis://:geheim@',
    'redis://:geheim@host:0',
    'redis://:geheim@host:70000',
    'redis://:geheim@host:port',
    'redis://:geheim@ho st',
    'redis://:geheim@host/db',
    'redis://:geheim%@host',
    'redis://geheim@host',
    'redis://:geheim@a,b',
    'redis+sentinel://:geheim@a,b',
    'redis+sentinel://:geheim@a/main/0/1',
    'redis+cluster://:geheim@a,b/1',
  ])('%s is refused by name, with the accepted forms and without the password', (url) => {
    let failure: unknown;
    try {
      createRedisPubSub({ url, prefix: '', log: silentLog });
    } catch (error) {
      failure = error;
    }
    expect(failure).toBeInstanceOf(ConfigError);
    const { message } = failure as ConfigError;
    expect(message).toMatch(/^config: REDIS_URL: .*redis\+sentinel:\/\/.*redis\+cluster:\/\//);
    expect(message).not.toContain('geheim');
  });

  test('its password is cut out for logs', () => {
    expect(redactRedisUrl('redis+sentinel://u:p@a:1,b:2/main')).toBe('redis+sentinel://***@a:1,b:2/main');
    expect(redactRedisUrl('redis://a:1')).toBe('redis://a:1');
  });
});

describe('an expiring map', () => {
  test('forgets what has expired without being asked for it', () => {
    let time = 0;
    const map = createExpiringMap<number>({ now: () => time, ttlMs: 100 });
    for (let at = 0; at < 50; at += 1) map.set(`old ${at}`, at);
    time = 99;
    expect(map.get('old 1')).toBe(1);
    time = 100;
    expect(map.get('old 1')).toBeUndefined();
    map.set('new', 1);
    expect(map.size).toBe(1);
  });
});
