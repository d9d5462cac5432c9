import { unavailable } from '../domain/errors.ts';
import type { PlacedEvent } from '../domain/events.ts';
import { conversationTopic, type Topic } from '../domain/topics.ts';
import type { PubSub, TopicMessage } from '../pubsub/port.ts';
import type { Store } from '../store/port.ts';
import type { Log } from '../util/log.ts';
import { createSerialRun } from '../util/serial-run.ts';
import { type Cursors, parseCursors } from './cursors.ts';
import { createOpenFeeds, type FeedUse } from './open-feeds.ts';
import type { FeedSubscribeOptions, FeedSubscription, Feeds, TopicWatcher } from './port.ts';
import { underRights } from './rights.ts';
import { createSubscription } from './subscription.ts';
import { openTopicFeed } from './topic-feed.ts';

export interface FeedsOptions {
  readonly store: Store;
  readonly pubsub: PubSub;
  readonly log: Log;
  /** A topic whose cursor is further behind than this many events is resynced. @default 1000 */
  readonly replayMax?: number;
  /** Events that wait for a slow subscriber before they leave memory. @default 1000 */
  readonly queueMax?: number;
  /** Pause before a subscription asks a store again that was away. @default 500 */
  readonly retryMs?: number;
  /** How often the store is asked what changed, in case a publish was lost. @default 2000 */
  readonly checkEveryMs?: number;
}

export const createFeeds = (options: FeedsOptions): Feeds => {
  const { store, pubsub, log, checkEveryMs = 2_000 } = options;
  const { replayMax = 1_000, queueMax = 1_000, retryMs = 500 } = options;
  const reading = { log: store.log, logger: log, replayMax, queueMax, retryMs };
  const subscriptions = new Set<FeedSubscription>();
  let watermark = '';
  let isDisposed = false;
  let disposing: Promise<void> | undefined;

  const rotateEpoch = (epoch: string): void => {
    log.error({ epoch }, 'the store stands below what was delivered: beginning a new epoch');
    store.log.rotateEpoch(epoch).then(check, (error: unknown) => {
      log.warn({ err: error }, 'the epoch could not be rotated yet');
    });
  };

  const openFeeds = createOpenFeeds((topic) =>
    openTopicFeed({ topic, store, pubsub, log, onHistoryLost: rotateEpoch }),
  );

  /** Asks the store which topics changed since the last time; costs by changes, not by feeds. */
  const check = createSerialRun(async () => {
    if (isDisposed) return;
    try {
      const { epoch, changed, watermark: next } = await store.log.changedSince(watermark);
      // Before the first watermark the store cannot tell what changed: compare all that is open, once.
      const positions = watermark === '' ? (await store.log.states(openFeeds.topics)).states : changed;
      watermark = next;
      openFeeds.checkAgainst(epoch, positions);
    } catch (error) {
      log.debug({ err: error }, 'the store cannot be asked for changes yet');
    }
  });

  const timer = setInterval(() => void check(), checkEveryMs);
  // What was published while the link was down is lost: ask at once, not at the next turn.
  const offUp = pubsub.onUp(() => {
    void check();
    for (const topic of openFeeds.topics) openFeeds.get(topic)?.readTextsAgain();
  });

  const publish = (topic: Topic, message: TopicMessage): void => {
    pubsub.publish(topic, message).catch((error: unknown) => {
      log.debug({ err: error, topic }, 'a publish was lost; other nodes find the event in the store');
    });
  };

  const announce = async (placed: readonly PlacedEvent[]): Promise<void> => {
    if (placed.length === 0) return;
    const epoch = await store.log.epoch();
    for (const { topic, seq, event } of placed) {
      const message: TopicMessage = { kind: 'event', seq, epoch, event };
      // Subscribers here need not wait for the way through Redis; the echo is dropped by its seq.
      openFeeds.get(topic)?.accept(message);
      publish(topic, message);
    }
  };

  const begin = (request: FeedSubscribeOptions, cursors: Cursors, uses: readonly FeedUse[]) => {
    if (isDisposed) throw unavailable('This node is shutting down: connect again.');
    const { viewerId, authorize, deltas } = request;
    const subscription = createSubscription(reading, {
      feeds: uses.map(({ feed }) => feed),
      fresh: new Set(uses.flatMap(({ feed, isFresh }) => (isFresh ? [feed] : []))),
      cursors,
      viewerId,
      authorize,
      deltas,
      onEnd() {
        subscriptions.delete(subscription);
        for (const use of uses) use.release();
      },
    });
    subscriptions.add(subscription);
    return subscription;
  };

  const subscribe = async (request: FeedSubscribeOptions): Promise<FeedSubscription> => {
    const cursors = parseCursors(request.after, request.topics);
    const uses: FeedUse[] = [];
    try {
      for (const topic of request.topics) uses.push(await openFeeds.acquire(topic));
      const feeds = uses.map(({ feed }) => feed);
      return await underRights({ feeds, ...request }, () => begin(request, cursors, uses));
    } catch (error) {
      for (const use of uses) use.release();
      throw error;
    }
  };

  const watch = async (topic: Topic, watcher: TopicWatcher) => {
    const { feed, release } = await openFeeds.acquire(topic);
    const tellAnswers = (): void => watcher.onAnswers(feed.progress().map(({ messageId }) => messageId));
    const detach = feed.attach({ onEvent: ({ event }) => watcher.onEvent(event), onReloaded: tellAnswers });
    tellAnswers();
    return {
      stop() {
        detach();
        release();
      },
    };
  };

  const dispose = async (): Promise<void> => {
    isDisposed = true;
    clearInterval(timer);
    offUp();
    for (const subscription of [...subscriptions]) await subscription.return();
    openFeeds.dispose();
    await check();
  };

  return {
    subscribe,
    watch,
    announce(placed) {
      announce(placed).catch((error: unknown) => log.debug({ err: error }, 'events could not be announced'));
    },
    acceptDelta(delta) {
      openFeeds.get(conversationTopic(delta.conversationId))?.accept({ kind: 'delta', delta });
    },
    announceStopping(conversationId, messageId) {
      const topic = conversationTopic(conversationId);
      openFeeds.get(topic)?.accept({ kind: 'stopping', messageId });
      publish(topic, { kind: 'stopping', messageId });
    },
    counts: () => ({ topics: openFeeds.size, subscriptions: subscriptions.size }),
    dispose() {
      disposing ??= dispose();
      return disposing;
    },
  };
};
