import type { AnswerDelta } from '../domain/events.ts';
import { conversationTopic } from '../domain/topics.ts';
import type { AnswerTexts, AppendResult, TopicMessage } from './port.ts';
import { defineScript, type RedisClient } from './redis-client.ts';

/**
 * An answer in progress is one string: attempt (8 digits), length in UTF-16 code units (10 digits), then the text. One
 * key, so that it is there or gone as a whole; the length stands in it because Redis counts bytes. `closed` in its
 * place refuses everything.
 */
const headerLength = 18;
const closedMark = 'closed';

/** KEYS: answer. ARGV: attempt, offset, text, its length, ttl, channel, message. Returns the stored length, -1 when refused. */
const appendScript = `
local header = redis.call('GETRANGE', KEYS[1], 0, ${headerLength - 1})
if header == '${closedMark}' then return -1 end
local attempt, offset = tonumber(ARGV[1]), tonumber(ARGV[2])
local length = 0
if header ~= '' then
  local known = tonumber(string.sub(header, 1, 8))
  if attempt < known then return -1 end
  if attempt == known then length = tonumber(string.sub(header, 9)) else header = '' end
end
if header == '' then redis.call('SET', KEYS[1], string.format('%08d%010d', attempt, 0)) end
if offset == length then
  length = length + tonumber(ARGV[4])
  redis.call('SETRANGE', KEYS[1], 8, string.format('%010d', length))
  redis.call('APPEND', KEYS[1], ARGV[3])
  redis.call('PUBLISH', ARGV[6], ARGV[7])
end
redis.call('PEXPIRE', KEYS[1], ARGV[5])
return length
`;

/** KEYS: answer. ARGV: attempt, text, its length, ttl, channel, message. Returns the stored length, -1 when refused. */
const setScript = `
local header = redis.call('GETRANGE', KEYS[1], 0, ${headerLength - 1})
if header == '${closedMark}' then return -1 end
local attempt = tonumber(ARGV[1])
if header ~= '' and attempt < tonumber(string.sub(header, 1, 8)) then return -1 end
redis.call('SET', KEYS[1], string.format('%08d%010d', attempt, ARGV[3]) .. ARGV[2], 'PX', ARGV[4])
redis.call('PUBLISH', ARGV[5], ARGV[6])
return tonumber(ARGV[3])
`;

export interface RedisAnswerTextsOptions {
  readonly client: RedisClient;
  readonly prefix: string;
  readonly ttlMs: number;
}

const toResult = (length: number): AppendResult =>
  length < 0 ? { kind: 'refused' } : { kind: 'appended', length };

export const createRedisAnswerTexts = ({ client, prefix, ttlMs }: RedisAnswerTextsOptions): AnswerTexts => {
  const append = defineScript<number>(client, { name: 'edagentAppend', lua: appendScript, keys: 1 });
  const set = defineScript<number>(client, { name: 'edagentSet', lua: setScript, keys: 1 });
  const keyOf = (messageId: string) => `${prefix}answer:{${messageId}}`;
  const channelOf = (delta: AnswerDelta) => `${prefix}${conversationTopic(delta.conversationId)}`;
  const toMessage = (delta: AnswerDelta) => JSON.stringify({ kind: 'delta', delta } satisfies TopicMessage);

  return {
    async append(delta) {
      const { messageId, attempt, offset, text } = delta;
      const key = keyOf(messageId);
      return toResult(
        await append(key, attempt, offset, text, text.length, ttlMs, channelOf(delta), toMessage(delta)),
      );
    },
    async set(delta) {
      const { messageId, attempt, text } = delta;
      const key = keyOf(messageId);
      return toResult(await set(key, attempt, text, text.length, ttlMs, channelOf(delta), toMessage(delta)));
    },
    async read(messageId) {
      const stored = await client.get(keyOf(messageId));
      if (stored === null || stored === closedMark) return null;
      const text = stored.slice(headerLength);
      // A text whose beginning was lost with Redis is not known, although its attempt is.
      return text === '' ? null : { attempt: Number(stored.slice(0, 8)), text };
    },
    async close(messageId) {
      await client.set(keyOf(messageId), closedMark, 'PX', ttlMs);
    },
  };
};
