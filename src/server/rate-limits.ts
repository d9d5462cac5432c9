import {
  type RateLimiterAbstract,
  RateLimiterMemory,
  RateLimiterRedis,
  RateLimiterRes,
} from 'rate-limiter-flexible';
import { EdAgentError } from '../domain/errors.ts';
import type { RedisClient } from '../pubsub/redis-client.ts';

export interface RateLimitsOptions {
  /** Shared by all nodes, or null: each node counts for itself. Belongs to the caller, who ends it. */
  readonly client: RedisClient | null;
  /** Stands before every key. */
  readonly prefix: string;
  /** How many messages a user may send in a window. */
  readonly messagesPerMinute: number;
  /** The window, in milliseconds; whole seconds. @default 60000 */
  readonly windowMs?: number;
}

export interface RateLimits {
  /** @throws {EdAgentError} RATE_LIMITED with `retryAfterMs` when the user has used up the window. */
  consumeMessage(userId: string): Promise<void>;
  /** Gives one back: what was consumed was a repeat, or failed for a reason of ours. */
  refundMessage(userId: string): Promise<void>;
  /** What the user may still send in the window, and when it ends (0: none has begun). */
  remainingMessages(userId: string): Promise<{ readonly remaining: number; readonly resetAfterMs: number }>;
  dispose(): Promise<void>;
}

/** Messages of each user in a window: counted over all nodes in Redis, and by each node for itself while Redis is away. */
export const createRateLimits = (options: RateLimitsOptions): RateLimits => {
  const { client, prefix, messagesPerMinute, windowMs = 60_000 } = options;
  const rule = {
    keyPrefix: `${prefix}limit:messages`,
    points: messagesPerMinute,
    duration: windowMs / 1_000,
  };
  const memory = new RateLimiterMemory(rule);
  const limiter: RateLimiterAbstract = client
    ? new RateLimiterRedis({
        ...rule,
        storeClient: client,
        rejectIfRedisNotReady: true,
        insuranceLimiter: memory,
      })
    : memory;

  return {
    async consumeMessage(userId) {
      try {
        await limiter.consume(userId);
      } catch (refusal) {
        if (!(refusal instanceof RateLimiterRes)) throw refusal;
        // What was refused does not count, otherwise a refund after it gives nothing back.
        await limiter.reward(userId);
        const retryAfterMs = Math.max(1, refusal.msBeforeNext);
        const seconds = Math.ceil(retryAfterMs / 1_000);
        throw new EdAgentError(
          'RATE_LIMITED',
          `Too many messages: at most ${messagesPerMinute} a minute. Try again in ${seconds} s.`,
          { retryAfterMs },
        );
      }
    },
    async refundMessage(userId) {
      await limiter.reward(userId);
    },
    async remainingMessages(userId) {
      const used = await limiter.get(userId);
      return {
        remaining: Math.min(messagesPerMinute, Math.max(0, messagesPerMinute - (used?.consumedPoints ?? 0))),
        resetAfterMs: Math.max(0, used?.msBeforeNext ?? 0),
      };
    },
    async dispose() {
      for (const { key } of memory.dump().storage) await memory.delete(key);
    },
  };
};
