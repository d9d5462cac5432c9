import type { PubSubEngine } from 'graphql-subscriptions';
import type { Log } from '../util/log.ts';
import type { Trigger, TriggerMessage } from './port.ts';

export interface EngineSubscription {
  /** Resolves when the engine has confirmed it. */
  readonly confirmed: Promise<void>;
  /** Idempotent, never throws. No message is delivered after it. */
  undo(): void;
}

export interface EngineSubscriptionOptions<T extends Trigger> {
  readonly engine: PubSubEngine;
  readonly trigger: T;
  readonly onMessage: (message: TriggerMessage<T>) => void;
  readonly log: Log;
}

/** One listener on an engine. What it throws is logged and never reaches the publisher or the other listeners. */
export const openSubscription = <T extends Trigger>(
  options: EngineSubscriptionOptions<T>,
): EngineSubscription => {
  const { engine, trigger, onMessage, log } = options;
  let isUndone = false;

  const deliver = (message: TriggerMessage<T>): void => {
    if (isUndone) return;
    try {
      onMessage(message);
    } catch (error) {
      log.error({ err: error, trigger }, 'a listener of the pub/sub failed');
    }
  };

  const subscribed = engine.subscribe(trigger, deliver, {});
  return {
    confirmed: subscribed.then(() => {}),
    undo() {
      if (isUndone) return;
      isUndone = true;
      subscribed.then((id) => engine.unsubscribe(id)).catch(() => {});
    },
  };
};
