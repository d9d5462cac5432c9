import { EdAgentError } from '../domain/errors.ts';
import type { Topic } from '../domain/topics.ts';
import { assertNever } from '../util/assert-never.ts';
import type { Log } from '../util/log.ts';
import type { Follower } from '../util/pull-source.ts';
import type { Cursors } from './cursors.ts';
import type { FeedItem } from './items.ts';
import type { FeedSubscription } from './port.ts';
import { createSubscriptionQueue, type Queued } from './queue.ts';
import { underRights } from './rights.ts';
import type { TopicFeed } from './topic-feed.ts';
import { createTopicReader, type ReaderHost, type ReadingOptions, type TopicReader } from './topic-reader.ts';

/**
 * One subscription over one or two topics. `take` is the only function that takes from the queue:
 *
 *     resuming ──(every reader is live)──▶ Ready ──▶ live ──(rights end, return)──▶ ended
 *
 * Live, and with nothing that waits, it is idle: what comes then is given to its follower past the queue.
 *
 * Nothing is read ahead: the store is asked when a pull finds the queue empty and a reader is not live.
 */
export interface SubscriptionOptions {
  readonly feeds: readonly TopicFeed[];
  /** Those whose position was read from the store for this subscription. */
  readonly fresh: ReadonlySet<TopicFeed>;
  /** By topic; no entry: live only. */
  readonly cursors: Cursors;
  readonly viewerId: string;
  /** Asked again after events were passed over. */
  readonly authorize: () => Promise<void>;
  readonly deltas: boolean;
  readonly onEnd: () => void;
}

/** The same for all subscriptions of a node. */
export interface SubscribingOptions extends ReadingOptions {
  readonly logger: Log;
  /** Pause before the store is asked again. */
  readonly retryMs: number;
}

type Pull = (result: IteratorResult<FeedItem>) => void;

const done: IteratorResult<FeedItem> = { value: undefined, done: true };

const isRefusal = (error: unknown): boolean => error instanceof EdAgentError && !error.temporary;

/** A class, not closures, because there are as many as sockets. */
class Subscription implements FeedSubscription, ReaderHost {
  readonly reading: SubscribingOptions;
  readonly viewerId: string;
  readonly deltas: boolean;
  readonly queue = createSubscriptionQueue();
  readonly #authorize: () => Promise<void>;
  readonly #onEnd: () => void;
  readonly #readers: readonly TopicReader[];
  /** Null: none waits. */
  #pulls: Pull[] | null = null;
  #follower: Follower<FeedItem> | null = null;
  #isIdle: boolean;
  #resumed: boolean;
  #mustAuthorize: boolean;
  /** What the store is asked for right now; one question at a time. */
  #asking: 'nothing' | 'page' | 'rights' | 'later' = 'nothing';
  #retryTimer: NodeJS.Timeout | undefined;
  #isEnded: boolean;

  constructor(reading: SubscribingOptions, options: SubscriptionOptions) {
    const { feeds, cursors } = options;
    this.reading = reading;
    this.#mustAuthorize = false;
    this.#isEnded = false;
    this.#isIdle = false;
    this.viewerId = options.viewerId;
    this.deltas = options.deltas;
    this.#authorize = options.authorize;
    this.#onEnd = options.onEnd;
    this.#resumed = feeds.every((feed) => cursors.has(feed.topic));
    const readers: TopicReader[] = [];
    for (const feed of feeds) {
      // Behind a replay what the store said of it is old by the time of Ready.
      const isFresh = options.fresh.has(feed) && !readers.some(({ isReplaying }) => isReplaying);
      readers.push(createTopicReader(this, feed, { cursor: cursors.get(feed.topic) ?? null, isFresh }));
    }
    this.#readers = readers;
  }

  get isEnded(): boolean {
    return this.#isEnded;
  }

  get follower(): Follower<FeedItem> | null {
    return this.#isIdle && this.#follower?.isOpen ? this.#follower : null;
  }

  follow(follower: Follower<FeedItem>): void {
    this.#follower = follower;
    follower.onReadable();
  }

  take(): FeedItem | null {
    while (!this.#isEnded) {
      if (this.#mustAuthorize || this.#asking === 'rights') {
        if (this.#asking === 'nothing') void this.#ask('rights', () => this.#confirmRights());
        return null;
      }
      const queued = this.queue.shift();
      if (!queued) {
        if (this.#fill()) continue;
        return null;
      }
      const item = this.#toItem(queued);
      if (item) return item;
    }
    return null;
  }

  next(): Promise<IteratorResult<FeedItem>> {
    if (this.#isEnded) return Promise.resolve(done);
    return new Promise((resolve) => {
      this.#pulls ??= [];
      this.#pulls.push(resolve);
      this.#wake();
    });
  }

  return(): Promise<IteratorResult<FeedItem>> {
    this.#end();
    return Promise.resolve(done);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  onQueued(): void {
    this.#isIdle = false;
    this.#wake();
  }

  onPassedOver(): void {
    this.#isIdle = false;
    this.#resumed = false;
    this.#mustAuthorize = true;
  }

  /** There may be something to take. */
  #wake(): void {
    this.#follower?.onReadable();
    while (this.#pulls && this.#pulls.length > 0) {
      const item = this.take();
      if (!item) return;
      this.#pulls?.shift()?.({ value: item, done: false });
    }
  }

  #askLater(): void {
    this.#asking = 'later';
    this.#retryTimer = setTimeout(() => {
      this.#asking = 'nothing';
      this.#wake();
    }, this.reading.retryMs);
  }

  async #ask(what: 'page' | 'rights', question: () => Promise<'done' | 'later'>): Promise<void> {
    this.#asking = what;
    let outcome: 'done' | 'later' = 'later';
    try {
      outcome = await question();
    } catch (error) {
      // The store is away: the subscription stays, and goes on from here when it is back.
      this.reading.logger.debug({ err: error, what }, 'a subscription waits for the store');
    }
    if (this.#isEnded) return;
    this.#asking = 'nothing';
    if (outcome === 'later') this.#askLater();
    this.#wake();
  }

  async #confirmRights(): Promise<'done' | 'later'> {
    this.#mustAuthorize = false;
    const feeds = this.#readers.map(({ feed }) => feed);
    try {
      await underRights({ feeds, viewerId: this.viewerId, authorize: this.#authorize }, () => {
        for (const reader of this.#readers) reader.rightsConfirmed();
      });
      return 'done';
    } catch (error) {
      if (isRefusal(error)) this.#end();
      else this.#mustAuthorize = true;
      return 'later';
    }
  }

  #becomeReady(): void {
    for (const reader of this.#readers) reader.queueTexts();
    const cursors = this.#readers.map((reader) => reader.liveCursor);
    this.queue.pushReady({ kind: 'ready', cursors, resumed: this.#resumed });
  }

  #readerOf(topic: Topic): TopicReader | undefined {
    return this.#readers.find((reader) => reader.topic === topic);
  }

  #toItem(queued: Queued): FeedItem | null {
    switch (queued.kind) {
      case 'event':
        if (this.#readerOf(queued.topic)?.pulled(queued) === 'ended') this.#end();
        return queued.item;
      case 'text':
        return this.#readerOf(queued.topic)?.toDelta(queued.messageId) ?? null;
      case 'resync':
      case 'ready':
        return queued.item;
      default:
        return assertNever(queued);
    }
  }

  /** When the queue is empty: reads on; when there is nothing to read, says Ready. False: nothing to deliver now. */
  #fill(): boolean {
    // Nothing of a topic without a cursor before Ready, also when it ran over by then.
    const behind = this.#readers.find(
      (reader) => reader.isReplaying && (this.queue.isReady || reader.isResumed),
    );
    if (behind) {
      if (this.#asking === 'nothing') void this.#ask('page', () => behind.readPage());
      return false;
    }
    if (this.queue.isReady) {
      this.#isIdle = true;
      return false;
    }
    this.#becomeReady();
    return true;
  }

  #end(): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.#isIdle = false;
    clearTimeout(this.#retryTimer);
    for (const reader of this.#readers) reader.release();
    this.queue.clear();
    const pulls = this.#pulls ?? [];
    this.#pulls = null;
    for (const pull of pulls) pull(done);
    this.#onEnd();
    this.#follower?.onReadable();
  }
}

export const createSubscription = (
  reading: SubscribingOptions,
  options: SubscriptionOptions,
): FeedSubscription => new Subscription(reading, options);
