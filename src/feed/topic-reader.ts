import { type Position, toCursor } from '../domain/cursor.ts';
import type { Topic } from '../domain/topics.ts';
import type { LogPage, LogStore } from '../store/port.ts';
import type { Follower } from '../util/pull-source.ts';
import {
  type DeltaItem,
  type FeedItem,
  type PassedEvent,
  type ResyncCause,
  type TopicCursor,
  toReplayedEvent,
} from './items.ts';
import type { Progress } from './progress.ts';
import type { SubscriptionQueue } from './queue.ts';
import { endsRights } from './rights.ts';
import { createShownTexts, type ShownTexts } from './shown-texts.ts';
import type { LiveReader, TopicFeed } from './topic-feed.ts';

/**
 * One topic of one subscription.
 *
 *     replaying ──(what was read reaches the feed)──▶ live ──(the queue runs over)──▶ replaying
 *         └──(cannot be served in full: Resync)────────▶ live
 *
 * Replaying, it reads pages of the store, paced by whoever pulls; live, it is attached to its feed. The seam: it becomes
 * live in the same turn in which what it read reaches the feed's position, so that no event falls between, and drops
 * what it has at or below its own seq, so that none comes twice.
 */
export interface TopicReader {
  readonly topic: Topic;
  readonly feed: TopicFeed;
  /** Whether it began at a cursor. */
  readonly isResumed: boolean;
  readonly isReplaying: boolean;
  /** Where it stood when it became live. */
  readonly liveCursor: TopicCursor;
  /** `later`: the feed could not follow. */
  readPage(): Promise<'done' | 'later'>;
  /** Queues the text so far of the answers that had begun where it became live. */
  queueTexts(): void;
  /** The event leaves the queue. `ended`: it takes the viewer's right. */
  pulled(passed: PassedEvent): 'ended' | 'goes-on';
  /** The text of an answer leaves the queue. */
  toDelta(messageId: string): DeltaItem | null;
  /** The rights are confirmed up to the feed's position. */
  rightsConfirmed(): void;
  release(): void;
}

/** What the readers and subscriptions of a node have in common. */
export interface ReadingOptions {
  readonly log: LogStore;
  /** A topic whose cursor is further behind than this is resynced. */
  readonly replayMax: number;
  /** Events that wait for a slow reader before they leave memory. */
  readonly queueMax: number;
}

/** The subscription that a reader reads for. */
export interface ReaderHost {
  readonly reading: ReadingOptions;
  readonly viewerId: string;
  readonly deltas: boolean;
  readonly queue: SubscriptionQueue;
  /** Who takes what comes now, past the queue; null: it has to be queued. */
  readonly follower: Follower<FeedItem> | null;
  /** Something was queued. */
  onQueued(): void;
  /** Events were passed over, among them perhaps the end of the viewer's right. */
  onPassedOver(): void;
}

export interface ReaderStart {
  /** Null: live only. */
  readonly cursor: Position | null;
  /** The feed's position was read from the store for this reader. */
  readonly isFresh: boolean;
}

const pageSize = 200;

/** A class, not closures: there are two for each subscription, and a closure for each of their functions would weigh kilobytes. */
class Reader implements TopicReader, LiveReader {
  readonly feed: TopicFeed;
  readonly isResumed: boolean;
  readonly #host: ReaderHost;
  readonly #shown: ShownTexts;
  #epoch: string;
  /** The last seq that was queued. */
  #queuedSeq: number;
  /** The last seq that was pulled. */
  #pulledSeq: number;
  #liveSeq: number;
  /** What ends the rights at or below it was undone before they were confirmed. */
  #rightsSeq: number;
  /** The right has ended where the feed stands; what was queued before is still delivered, text is not. */
  #isEnding = false;
  #isReplaying = false;
  #isResuming: boolean;
  #isReleased: boolean;
  #undo: (() => void) | null = null;

  constructor(host: ReaderHost, feed: TopicFeed, { cursor, isFresh }: ReaderStart) {
    this.feed = feed;
    this.#isReleased = false;
    this.isResumed = cursor !== null;
    this.#host = host;
    this.#shown = createShownTexts(feed);
    this.#epoch = cursor ? cursor.epoch : feed.epoch;
    this.#queuedSeq = cursor ? cursor.seq : feed.position;
    this.#pulledSeq = this.#queuedSeq;
    this.#liveSeq = this.#queuedSeq;
    this.#rightsSeq = feed.position;
    this.#isResuming = cursor !== null;
    // The store has just said that nothing follows the cursor: it need not be asked again.
    const isLast = isFresh && !feed.isBehind && cursor?.epoch === feed.epoch && cursor.seq === feed.position;
    if (cursor && !isLast) this.#replay();
    else this.#goLive();
  }

  get topic(): Topic {
    return this.feed.topic;
  }

  get isReplaying(): boolean {
    return this.#isReplaying;
  }

  get liveCursor(): TopicCursor {
    return this.#cursorAt(this.#liveSeq);
  }

  async readPage(): Promise<'done' | 'later'> {
    const { feed, topic } = this;
    const page = await this.#host.reading.log.read(topic, this.#queuedSeq, pageSize);
    // One of the two is older; the feed learns of it by its own reading.
    if (page.epoch !== feed.epoch) await feed.checkAgainst(page.epoch, page.state.seq);
    if (this.#isReleased) return 'done';
    if (page.epoch !== feed.epoch) return 'later';
    const cause = this.#obstacle(page);
    if (cause) {
      if (page.state.seq < this.#queuedSeq) void feed.checkAgainst(page.epoch, page.state.seq);
      this.#giveUp(cause);
      return 'done';
    }
    this.#isResuming = false;
    for (const placed of page.events) this.#queueReplayed(toReplayedEvent(placed, page.epoch));
    // Not live ahead of the feed, otherwise what it takes for an answer in progress may have ended in the replay.
    if (feed.position < this.#queuedSeq) await feed.checkAgainst(this.#epoch, this.#queuedSeq);
    if (this.#isReleased) return 'done';
    if (feed.epoch !== this.#epoch || feed.position < this.#queuedSeq) return 'later';
    this.#goLiveAtFeed();
    return 'done';
  }

  queueTexts(): void {
    if (!this.#host.deltas) return;
    for (const { messageId, text, startedSeq } of this.feed.progress()) {
      if (text !== '' && startedSeq <= this.#liveSeq) this.#host.queue.pushText(this.topic, messageId);
    }
  }

  pulled(passed: PassedEvent): 'ended' | 'goes-on' {
    this.#pulledSeq = passed.seq;
    const { event } = passed;
    if ('messageId' in event) this.#shown.forget(event.messageId);
    return this.#takesRight(passed) ? 'ended' : 'goes-on';
  }

  toDelta(messageId: string): DeltaItem | null {
    const progress = this.feed.progressOf(messageId);
    return progress && !this.#isEnding ? this.#shown.toDelta(progress) : null;
  }

  rightsConfirmed(): void {
    this.#rightsSeq = this.feed.position;
    this.#isEnding = false;
  }

  release(): void {
    this.#isReleased = true;
    this.#undo?.();
  }

  /** Of the feed, while it is live. */
  onEvent(passed: PassedEvent): void {
    if (passed.seq <= this.#queuedSeq) return;
    const host = this.#host;
    const { item } = passed;
    const follower = item && host.follower;
    if (follower) {
      this.#queuedSeq = passed.seq;
      this.pulled(passed);
      follower.give(item);
      return;
    }
    const { queue } = host;
    if (this.#takesRight(passed)) {
      this.#isEnding = true;
      queue.dropTexts(this.topic);
    }
    if (queue.size >= host.reading.queueMax) {
      // The events leave memory; once the queue is drained they are read again from the store.
      queue.drop(this.topic);
      this.#queuedSeq = this.#pulledSeq;
      this.#replay();
      return;
    }
    this.#queuedSeq = passed.seq;
    queue.pushLive(passed);
    host.onQueued();
  }

  onProgress({ messageId, startedSeq }: Progress): void {
    const host = this.#host;
    const { follower, queue } = host;
    if (follower) {
      const item = host.deltas ? this.toDelta(messageId) : null;
      if (item) follower.give(item);
      return;
    }
    // Until Ready, the texts of those that had begun before are queued with it.
    if (!host.deltas || (!queue.isReady && startedSeq <= this.#liveSeq)) return;
    queue.pushLiveText(this.topic, messageId);
    host.onQueued();
  }

  /** The topic cannot be served in full: this becomes the reader's position. */
  onResync(cause: ResyncCause, to: { epoch: string; seq: number }): void {
    this.#epoch = to.epoch;
    this.#queuedSeq = to.seq;
    this.#pulledSeq = to.seq;
    this.#liveSeq = to.seq;
    this.#shown.clear();
    this.#host.queue.pushResync(this.topic, { kind: 'resync', cause, cursors: [this.#cursorAt(to.seq)] });
    this.#host.onPassedOver();
    this.#host.onQueued();
  }

  #cursorAt(seq: number): TopicCursor {
    const { topic } = this;
    return { topic, cursor: toCursor({ topic, epoch: this.#epoch, seq }) };
  }

  #takesRight({ seq, event }: PassedEvent): boolean {
    return seq > this.#rightsSeq && endsRights(event, this.#host.viewerId);
  }

  #replay(): void {
    this.#undo?.();
    this.#isReplaying = true;
    this.#undo = this.feed.keepRecent();
  }

  #goLive(): void {
    this.#undo?.();
    this.#isReplaying = false;
    this.#isResuming = false;
    this.#liveSeq = this.#queuedSeq;
    this.#undo = this.feed.attach(this);
    if (this.#host.queue.isReady) this.queueTexts();
  }

  #giveUp(cause: ResyncCause): void {
    this.onResync(cause, { epoch: this.feed.epoch, seq: this.feed.position });
    this.#goLive();
  }

  /** Why what follows the last queued event cannot be served in full; null: it can. */
  #obstacle(page: LogPage): ResyncCause | null {
    if (page.epoch !== this.#epoch) return 'EPOCH_CHANGED';
    if (page.state.floor > this.#queuedSeq) return 'TRIMMED';
    // A cursor ahead of the store: what it saw was undone.
    if (page.state.seq < this.#queuedSeq) return 'EPOCH_CHANGED';
    // Decided before anything is served, otherwise a client would get a part and then Resync.
    const { replayMax } = this.#host.reading;
    if (this.#isResuming && page.state.seq - this.#queuedSeq > replayMax) return 'TOO_FAR_BEHIND';
    return null;
  }

  #queueReplayed(passed: PassedEvent): void {
    this.#queuedSeq = passed.seq;
    this.#host.queue.pushReplayed(passed);
  }

  /** If all that the feed passed since is still there. */
  #goLiveAtFeed(): void {
    const rest = this.feed.recentAfter(this.#queuedSeq);
    if (!rest) return;
    for (const passed of rest) this.#queueReplayed(passed);
    this.#goLive();
  }
}

export const createTopicReader = (host: ReaderHost, feed: TopicFeed, start: ReaderStart): TopicReader =>
  new Reader(host, feed, start);
