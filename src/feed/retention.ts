import type { Store } from '../store/port.ts';
import type { Log } from '../util/log.ts';

export interface RetentionOptions {
  readonly store: Store;
  readonly log: Log;
  /** Events older than this are deleted. */
  readonly maxAgeMs: number;
  /** Of each topic at most this many events are kept. */
  readonly maxPerTopic: number;
  /** @default 10 minutes */
  readonly everyMs?: number;
}

/** Deletes events that are kept no longer, and nodes that are long gone. All nodes do it; doing it twice changes nothing. */
export const createRetention = (options: RetentionOptions): { dispose(): Promise<void> } => {
  const { store, log, maxAgeMs, maxPerTopic, everyMs = 10 * 60_000 } = options;
  let running: Promise<void> = Promise.resolve();

  const run = async (): Promise<void> => {
    try {
      const deleted = await store.log.trim({ maxAgeMs, maxPerTopic });
      if (deleted > 0) log.info({ deleted }, 'old events were deleted');
      await store.nodes.prune();
    } catch (error) {
      log.warn({ err: error }, 'old events could not be deleted yet');
    }
  };

  const timer = setInterval(() => {
    running = running.then(run);
  }, everyMs);

  return {
    async dispose() {
      clearInterval(timer);
      await running;
    },
  };
};
