import type { PubSub } from '../../src/pubsub/port.ts';
import type { Random } from './random.ts';

export interface Faults {
  /** Probabilities for each message and listener. */
  readonly drop: number;
  readonly double: number;
  readonly delay: number;
  /** A delayed message comes up to this much later, and so behind those that were published after it. */
  readonly maxDelayMs: number;
}

export interface FaultyPubSub extends PubSub {
  /** How many messages came to harm. */
  readonly harmed: { dropped: number; doubled: number; delayed: number };
}

/** One node's end of a pub/sub on which messages are lost, doubled, delayed and reordered. Belongs to the test, not to `inner`. */
export const createFaultyPubSub = (inner: PubSub, random: Random, faults: Faults): FaultyPubSub => {
  const harmed = { dropped: 0, doubled: 0, delayed: 0 };
  const timers = new Set<NodeJS.Timeout>();

  const later = (deliver: () => void): void => {
    harmed.delayed += 1;
    const timer = setTimeout(() => {
      timers.delete(timer);
      deliver();
    }, random.int(faults.maxDelayMs));
    timers.add(timer);
  };

  const harm = (deliver: () => void): void => {
    if (random.chance(faults.drop)) {
      harmed.dropped += 1;
      return;
    }
    if (random.chance(faults.double)) {
      harmed.doubled += 1;
      later(deliver);
    }
    if (random.chance(faults.delay)) later(deliver);
    else deliver();
  };

  return {
    ...inner,
    harmed,
    async subscribe(trigger, onMessage) {
      let isUndone = false;
      const undo = await inner.subscribe(trigger, (message) =>
        harm(() => {
          if (!isUndone) onMessage(message);
        }),
      );
      return () => {
        isUndone = true;
        undo();
      };
    },
    async dispose() {
      for (const timer of timers) clearTimeout(timer);
      timers.clear();
    },
  };
};
