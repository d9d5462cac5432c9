import { RedisPubSub } from 'graphql-redis-subscriptions';
import type { Redis } from 'ioredis';

export interface RedisEngineOptions {
  readonly prefix: string;
  readonly subscriber: Redis;
  readonly publish: (channel: string, payload: string) => Promise<unknown>;
}

/** RedisPubSub with what it lacks: the prefix for publishing too, and safety against a listener that unsubscribes. */
export class RedisEngine extends RedisPubSub {
  readonly #prefix: string;

  constructor({ prefix, subscriber, publish }: RedisEngineOptions) {
    const publisher = { publish } as unknown as Redis;
    super({ publisher, subscriber, triggerTransform: (trigger) => `${prefix}${String(trigger)}` });
    this.#prefix = prefix;
  }

  override publish<T>(trigger: string, payload: T): Promise<void> {
    return super.publish(`${this.#prefix}${trigger}`, payload);
  }

  /** After the delivery going on, otherwise the library calls a listener that it has just forgotten and throws. */
  override unsubscribe(subscriptionId: number): void {
    queueMicrotask(() => {
      try {
        super.unsubscribe(subscriptionId);
      } catch {
        // Unsubscribed before: nothing is left to undo.
      }
    });
  }

  /** The clients belong to whoever made them. */
  override close(): Promise<'OK'[]> {
    return Promise.resolve([]);
  }
}
