import type { Log } from '../util/log.ts';
import type { RedisClients } from './redis-client.ts';
import { redactRedisUrl } from './redis-url.ts';

export interface RedisOutage {
  /** All links work. */
  over(): void;
}

/**
 * Tells the log once that Redis is away, and once that it is back. Only the message of an error is logged: ioredis
 * puts the failed command on the error, and with it the password.
 */
export const watchOutages = ({ client, subscriber }: RedisClients, url: string, log: Log): RedisOutage => {
  const redis = redactRedisUrl(url);
  let isAway = false;

  const onAway = (reason: string) => {
    if (isAway) return;
    isAway = true;
    log.warn(
      { redis, reason },
      'REDIS_URL: Redis is unreachable; going on without it, this node hears others through the store only',
    );
  };

  for (const emitter of [client, subscriber]) {
    emitter.on('error', (error: Error) => onAway(error.message));
    emitter.on('reconnecting', () => onAway('the link was closed'));
  }

  return {
    over() {
      if (!isAway) return;
      isAway = false;
      log.info({ redis }, 'REDIS_URL: Redis is reachable again');
    },
  };
};
