import type { TypingSignal } from '../domain/events.ts';
import type { Typists } from './port.ts';
import { defineScript, type RedisClient } from './redis-client.ts';
import { latestOfEach } from './typing-signals.ts';

/** KEYS: typists. ARGV: now, '1' to add and '0' to remove, expiry, member, ttl, channel, message. */
const putScript = `
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', ARGV[1])
if ARGV[2] == '1' then redis.call('ZADD', KEYS[1], ARGV[3], ARGV[4]) else redis.call('ZREM', KEYS[1], ARGV[4]) end
redis.call('PEXPIRE', KEYS[1], ARGV[5])
redis.call('PUBLISH', ARGV[6], ARGV[7])
return 1
`;

export interface RedisTypistsOptions {
  readonly client: RedisClient;
  readonly prefix: string;
  readonly now: () => number;
}

type Member = Pick<TypingSignal, 'author' | 'connectionId'>;

/** Longer than any entry lives: only tidies up what nobody reads any more. */
const keyTtlMs = 5 * 60_000;

/** Who types in a conversation: a sorted set by expiry. The key has the channel's name, so that in a Cluster one node sees both. */
export const createRedisTypists = ({ client, prefix, now }: RedisTypistsOptions): Typists => {
  const put = defineScript<number>(client, { name: 'edagentTyping', lua: putScript, keys: 1 });
  const channelOf = (conversationId: string) => `${prefix}typing:${conversationId}`;

  return {
    async put(signal) {
      const channel = channelOf(signal.conversationId);
      const member = JSON.stringify({
        author: { kind: signal.author.kind, id: signal.author.id, name: signal.author.name },
        connectionId: signal.connectionId,
      } satisfies Member);
      const expiry = Date.parse(signal.expiresAt);
      await put(
        channel,
        now(),
        signal.isTyping ? '1' : '0',
        expiry,
        member,
        keyTtlMs,
        channel,
        JSON.stringify(signal),
      );
    },
    async list(conversationId) {
      const rows = await client.zrangebyscore(channelOf(conversationId), `(${now()}`, '+inf', 'WITHSCORES');
      const signals: TypingSignal[] = [];
      for (let at = 0; at + 1 < rows.length; at += 2) {
        const member: Member = JSON.parse(rows[at] ?? '');
        const expiresAt = new Date(Number(rows[at + 1])).toISOString();
        signals.push({ conversationId, ...member, isTyping: true, expiresAt });
      }
      return latestOfEach(signals);
    },
  };
};
