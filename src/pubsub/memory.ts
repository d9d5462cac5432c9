import { EventEmitter } from 'node:events';
import { PubSub as InProcessPubSub } from 'graphql-subscriptions';
import { type Log, silentLog } from '../util/log.ts';
import { createMemoryAnswerTexts } from './memory-answer-texts.ts';
import { createMemoryTypists } from './memory-typists.ts';
import type { PubSub } from './port.ts';
import { openSubscription } from './subscription.ts';

export interface MemoryPubSubOptions {
  /** @default Date.now */
  readonly now?: () => number;
  /** Hears of listeners that throw. @default silent */
  readonly log?: Log;
  /** How long the text of an answer is kept after the last write, in milliseconds. @default 10 minutes */
  readonly answerTextTtlMs?: number;
}

/** Delivers after the publisher's turn, otherwise what a listener publishes overtakes the message that it is hearing. */
class MemoryEngine extends InProcessPubSub<Record<string, unknown>> {
  override publish(trigger: string, payload: unknown): Promise<void> {
    queueMicrotask(() => this.ee.emit(trigger, payload));
    return Promise.resolve();
  }
}

/** Carries messages inside this process: the pub/sub of a single node. Its link is always up. */
export const createMemoryPubSub = (options: MemoryPubSubOptions = {}): PubSub => {
  const { now = Date.now, log = silentLog, answerTextTtlMs = 10 * 60_000 } = options;
  const emitter = new EventEmitter().setMaxListeners(0);
  const engine = new MemoryEngine({ eventEmitter: emitter });
  const publish: PubSub['publish'] = (trigger, message) => engine.publish(trigger, message);

  return {
    engine,
    publish,
    async subscribe(trigger, onMessage) {
      const subscription = openSubscription({ engine, trigger, onMessage, log });
      await subscription.confirmed;
      return subscription.undo;
    },
    isUp: true,
    onUp: () => () => {},
    answerTexts: createMemoryAnswerTexts({ publish, now, ttlMs: answerTextTtlMs }),
    typists: createMemoryTypists({ publish, now }),
    async dispose() {
      emitter.removeAllListeners();
    },
  };
};
