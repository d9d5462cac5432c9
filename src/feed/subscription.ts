import { EdAgentError } from '../domain/errors.ts';
import type { Topic } from '../domain/topics.ts';
import type { LogStore } from '../store/port.ts';
import { assertNever } from '../util/assert-never.ts';
import type { Log } from '../util/log.ts';
import type { Cursors } from './cursors.ts';
import type { FeedItem, PassedEvent } from './items.ts';
import type { FeedSubscription } from './port.ts';
import { createSubscriptionQueue, type Queued } from './queue.ts';
import { underRights } from './rights.ts';
import type { TopicFeed } from './topic-feed.ts';
import { createTopicReader, type TopicReader } from './topic-reader.ts';

/**
 * One subscription over one or two topics. `take` is the only function that takes from the queue:
 *
 *     resuming ──(every reader is live)──▶ Ready ──▶ live ──(rights end, return)──▶ ended
 *
 * Nothing is read ahead: the store is asked when a pull finds the queue empty and a reader is not live.
 */
export interface SubscriptionOptions {
  readonly feeds: readonly TopicFeed[];
  /** By topic; no entry: live only. */
  readonly cursors: Cursors;
  readonly viewerId: string;
  /** Asked again after events were passed over. */
  readonly authorize: () => Promise<void>;
  readonly deltas: boolean;
  readonly log: LogStore;
  readonly logger: Log;
  /** A topic whose cursor is further behind than this is resynced. */
  readonly replayMax: number;
  /** Events that wait for a slow reader before they leave memory. */
  readonly queueMax: number;
  /** Pause before the store is asked again. */
  readonly retryMs: number;
  readonly onEnd: () => void;
}

type Pull = (result: IteratorResult<FeedItem>) => void;

const done: IteratorResult<FeedItem> = { value: undefined, done: true };

const isRefusal = (error: unknown): boolean => error instanceof EdAgentError && !error.temporary;

export const createSubscription = (options: SubscriptionOptions): FeedSubscription => {
  const { feeds, cursors, viewerId, authorize, logger, retryMs, onEnd } = options;
  const queue = createSubscriptionQueue();
  const pulls: Pull[] = [];
  let resumed = feeds.every((feed) => cursors.has(feed.topic));
  let mustAuthorize = false;
  /** What the store is asked for right now; one question at a time. */
  let asking: 'nothing' | 'page' | 'rights' | 'later' = 'nothing';
  let retryTimer: NodeJS.Timeout | undefined;
  let isEnded = false;
  let follower: (() => void) | null = null;

  const askLater = (): void => {
    asking = 'later';
    retryTimer = setTimeout(() => {
      asking = 'nothing';
      wake();
    }, retryMs);
  };

  const ask = async (what: 'page' | 'rights', question: () => Promise<'done' | 'later'>): Promise<void> => {
    asking = what;
    let outcome: 'done' | 'later' = 'later';
    try {
      outcome = await question();
    } catch (error) {
      // The store is away: the subscription stays, and goes on from here when it is back.
      logger.debug({ err: error, what }, 'a subscription waits for the store');
    }
    if (isEnded) return;
    asking = 'nothing';
    if (outcome === 'later') askLater();
    wake();
  };

  const confirmRights = async (): Promise<'done' | 'later'> => {
    mustAuthorize = false;
    try {
      await underRights({ feeds, viewerId, authorize }, () => {
        for (const reader of readers) reader.rightsConfirmed();
      });
      return 'done';
    } catch (error) {
      if (isRefusal(error)) end();
      else mustAuthorize = true;
      return 'later';
    }
  };

  const becomeReady = (): void => {
    for (const reader of readers) reader.queueTexts();
    queue.pushReady({ kind: 'ready', cursors: readers.map((reader) => reader.liveCursor), resumed });
  };

  const readerOf = (topic: Topic): TopicReader | undefined =>
    readers.find((reader) => reader.topic === topic);

  const takeEvent = (passed: PassedEvent): FeedItem | null => {
    if (readerOf(passed.topic)?.pulled(passed) === 'ended') end();
    return passed.item;
  };

  const toItem = (queued: Queued): FeedItem | null => {
    switch (queued.kind) {
      case 'event':
        return takeEvent(queued);
      case 'text':
        return readerOf(queued.topic)?.toDelta(queued.messageId) ?? null;
      case 'resync':
      case 'ready':
        return queued.item;
      default:
        return assertNever(queued);
    }
  };

  /** When the queue is empty: reads on; when there is nothing to read, says Ready. False: nothing to deliver now. */
  const fill = (): boolean => {
    // Nothing of a topic without a cursor before Ready, also when it ran over by then.
    const behind = readers.find((reader) => reader.isReplaying && (queue.isReady || reader.isResumed));
    if (behind) {
      if (asking === 'nothing') void ask('page', behind.readPage);
      return false;
    }
    if (queue.isReady) return false;
    becomeReady();
    return true;
  };

  const take = (): FeedItem | null => {
    while (!isEnded) {
      if (mustAuthorize || asking === 'rights') {
        if (asking === 'nothing') void ask('rights', confirmRights);
        return null;
      }
      const queued = queue.shift();
      if (!queued) {
        if (fill()) continue;
        return null;
      }
      const item = toItem(queued);
      if (item) return item;
    }
    return null;
  };

  /** There may be something to take. */
  const wake = (): void => {
    follower?.();
    while (pulls.length > 0) {
      const item = take();
      if (!item) return;
      pulls.shift()?.({ value: item, done: false });
    }
  };

  const end = (): void => {
    if (isEnded) return;
    isEnded = true;
    clearTimeout(retryTimer);
    for (const reader of readers) reader.release();
    queue.clear();
    for (const pull of pulls.splice(0)) pull(done);
    onEnd();
    follower?.();
  };

  const readers: TopicReader[] = feeds.map((feed) =>
    createTopicReader({
      feed,
      cursor: cursors.get(feed.topic) ?? null,
      viewerId,
      deltas: options.deltas,
      queue,
      log: options.log,
      replayMax: options.replayMax,
      queueMax: options.queueMax,
      onQueued: wake,
      onResync() {
        resumed = false;
        mustAuthorize = true;
      },
    }),
  );

  return {
    follow(onReadable) {
      follower = onReadable;
      onReadable();
    },
    take,
    get isEnded() {
      return isEnded;
    },
    next() {
      if (isEnded) return Promise.resolve(done);
      return new Promise((resolve) => {
        pulls.push(resolve);
        wake();
      });
    },
    return() {
      end();
      return Promise.resolve(done);
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
};
