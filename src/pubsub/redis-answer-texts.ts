import { Cluster } from 'ioredis';
import type { AnswerDelta } from '../domain/events.ts';
import { conversationTopic } from '../domain/topics.ts';
import { createBatchLoader } from '../util/batch-loader.ts';
import type { AnswerTexts, AppendResult, TopicMessage } from './port.ts';
import { defineScript, flushCommands, type RedisClient } from './redis-client.ts';

/**
 * An answer in progress is one string: attempt (8 digits), length in UTF-16 code units (10 digits), then the text. One
 * key, so that it is there or gone as a whole; the length stands in it because Redis counts bytes. `closed` in its
 * place refuses everything.
 */
const headerLength = 18;
const closedMark = 'closed';

/**
 * KEYS: an answer each. ARGV: ttl, then for each of them attempt, offset, text, its length, channel, message. Returns the
 * stored length of each, -1 for one that is refused.
 */
const appendScript = `
local ttl = ARGV[1]
local function append(key, attempt, offset, text, added, channel, message)
  local header = redis.call('GETRANGE', key, 0, ${headerLength - 1})
  if header == '${closedMark}' then return -1 end
  local length = 0
  if header ~= '' then
    local known = tonumber(string.sub(header, 1, 8))
    if attempt < known then return -1 end
    if attempt == known then length = tonumber(string.sub(header, 9)) else header = '' end
  end
  if header == '' then redis.call('SET', key, string.format('%08d%010d', attempt, 0)) end
  if offset == length then
    length = length + added
    redis.call('SETRANGE', key, 8, string.format('%010d', length))
    redis.call('APPEND', key, text)
    redis.call('PUBLISH', channel, message)
  end
  redis.call('PEXPIRE', key, ttl)
  return length
end
local lengths = {}
for i, key in ipairs(KEYS) do
  local at = 6 * i - 4
  lengths[i] = append(key, tonumber(ARGV[at]), tonumber(ARGV[at + 1]), ARGV[at + 2], tonumber(ARGV[at + 3]),
    ARGV[at + 4], ARGV[at + 5])
end
return lengths
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

/** Of one command: it must not keep Redis from others for long. */
const maxAppends = 50;

const toResult = (length: number): AppendResult =>
  length < 0 ? { kind: 'refused' } : { kind: 'appended', length };

export const createRedisAnswerTexts = ({ client, prefix, ttlMs }: RedisAnswerTextsOptions): AnswerTexts => {
  const appendAll = defineScript<number[]>(client, { name: 'edagentAppend', lua: appendScript, keys: null });
  const set = defineScript<number>(client, { name: 'edagentSet', lua: setScript, keys: 1 });
  const keyOf = (messageId: string) => `${prefix}answer:{${messageId}}`;
  const channelOf = (delta: AnswerDelta) => `${prefix}${conversationTopic(delta.conversationId)}`;
  const toMessage = (delta: AnswerDelta) => JSON.stringify({ kind: 'delta', delta } satisfies TopicMessage);

  /** The deltas of one tick are one command, which costs the node little more than that of one delta. */
  const append = createBatchLoader<AnswerDelta, number>({
    run: (deltas) => {
      const appended = appendAll(
        deltas.length,
        ...deltas.map(({ messageId }) => keyOf(messageId)),
        ttlMs,
        ...deltas.flatMap((delta) => {
          const { attempt, offset, text } = delta;
          return [attempt, offset, text, text.length, channelOf(delta), toMessage(delta)];
        }),
      );
      flushCommands(client);
      return appended;
    },
    // They come together already: to wait for what the models say meanwhile would only make them later.
    schedule: (dispatch) => process.nextTick(dispatch),
    // In a Cluster the keys of one command must live together.
    maxSize: client instanceof Cluster ? 1 : maxAppends,
    // Who does not know what became of a delta hands over the whole text.
    isCommon: () => true,
  });

  return {
    append: async (delta) => toResult(await append(delta)),
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
