import { type Position, toCursor } from '../domain/cursor.ts';
import type { Topic } from '../domain/topics.ts';
import type { LogPage, LogStore } from '../store/port.ts';
import {
  type DeltaItem,
  type PassedEvent,
  type ResyncCause,
  type TopicCursor,
  toPassedEvent,
} from './items.ts';
import type { Progress } from './progress.ts';
import type { SubscriptionQueue } from './queue.ts';
import { endsRights } from './rights.ts';
import { createShownTexts } from './shown-texts.ts';
import type { TopicFeed } from './topic-feed.ts';

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

export interface TopicReaderOptions {
  readonly feed: TopicFeed;
  /** Null: live only. */
  readonly cursor: Position | null;
  readonly viewerId: string;
  readonly deltas: boolean;
  readonly queue: SubscriptionQueue;
  readonly log: LogStore;
  readonly replayMax: number;
  readonly queueMax: number;
  /** Something was queued. */
  readonly onQueued: () => void;
  /** Events were passed over, among them perhaps the end of the viewer's right. */
  readonly onResync: () => void;
}

const pageSize = 200;

export const createTopicReader = (options: TopicReaderOptions): TopicReader => {
  const { feed, cursor, viewerId, deltas, queue, log, replayMax, queueMax, onQueued, onResync } = options;
  const { topic } = feed;
  const shown = createShownTexts(feed.deltaFrom);
  let epoch = cursor ? cursor.epoch : feed.epoch;
  /** The last seq that was queued. */
  let queuedSeq = cursor ? cursor.seq : feed.position;
  /** The last seq that was pulled. */
  let pulledSeq = queuedSeq;
  let liveSeq = queuedSeq;
  /** What ends the rights at or below it was undone before they were confirmed. */
  let rightsSeq = feed.position;
  /** The right has ended where the feed stands; what was queued before is still delivered, text is not. */
  let isEnding = false;
  let isReplaying = false;
  let isResuming = cursor !== null;
  let isReleased = false;
  let undo = (): void => {};

  const cursorAt = (seq: number): TopicCursor => ({ topic, cursor: toCursor({ topic, epoch, seq }) });

  const takesRight = ({ seq, event }: PassedEvent): boolean => seq > rightsSeq && endsRights(event, viewerId);

  const queueTexts = (): void => {
    if (!deltas) return;
    for (const { messageId, text, startedSeq } of feed.progress()) {
      if (text !== '' && startedSeq <= liveSeq) queue.pushText(topic, messageId);
    }
  };

  const onProgress = ({ messageId, startedSeq }: Progress): void => {
    // Until Ready, the texts of those that had begun before are queued with it.
    if (!deltas || (!queue.isReady && startedSeq <= liveSeq)) return;
    queue.pushLiveText(topic, messageId);
    onQueued();
  };

  const replay = (): void => {
    undo();
    isReplaying = true;
    undo = feed.keepRecent();
  };

  const onEvent = (passed: PassedEvent): void => {
    if (passed.seq <= queuedSeq) return;
    if (takesRight(passed)) {
      isEnding = true;
      queue.dropTexts(topic);
    }
    if (queue.size >= queueMax) {
      // The events leave memory; once the queue is drained they are read again from the store.
      queue.drop(topic);
      queuedSeq = pulledSeq;
      replay();
      return;
    }
    queuedSeq = passed.seq;
    queue.pushLive(passed);
    onQueued();
  };

  /** The topic cannot be served in full: this becomes the reader's position. */
  const passOver = (cause: ResyncCause, to: { epoch: string; seq: number }): void => {
    epoch = to.epoch;
    queuedSeq = to.seq;
    pulledSeq = to.seq;
    liveSeq = to.seq;
    shown.clear();
    queue.pushResync(topic, { kind: 'resync', cause, cursors: [cursorAt(to.seq)] });
    onResync();
    onQueued();
  };

  const goLive = (): void => {
    undo();
    isReplaying = false;
    isResuming = false;
    liveSeq = queuedSeq;
    undo = feed.attach({ onEvent, onProgress, onResync: passOver });
    if (queue.isReady) queueTexts();
  };

  const giveUp = (cause: ResyncCause): void => {
    passOver(cause, { epoch: feed.epoch, seq: feed.position });
    goLive();
  };

  /** Why what follows the last queued event cannot be served in full; null: it can. */
  const obstacle = (page: LogPage): ResyncCause | null => {
    if (page.epoch !== epoch) return 'EPOCH_CHANGED';
    if (page.state.floor > queuedSeq) return 'TRIMMED';
    // A cursor ahead of the store: what it saw was undone.
    if (page.state.seq < queuedSeq) return 'EPOCH_CHANGED';
    // Decided before anything is served, otherwise a client would get a part and then Resync.
    if (isResuming && page.state.seq - queuedSeq > replayMax) return 'TOO_FAR_BEHIND';
    return null;
  };

  const queueReplayed = (passed: PassedEvent): void => {
    queuedSeq = passed.seq;
    queue.pushReplayed(passed);
  };

  /** If all that the feed passed since is still there. */
  const goLiveAtFeed = (): void => {
    const rest = feed.recentAfter(queuedSeq);
    if (!rest) return;
    for (const passed of rest) queueReplayed(passed);
    goLive();
  };

  if (cursor) replay();
  else goLive();

  return {
    topic,
    feed,
    isResumed: cursor !== null,
    get isReplaying() {
      return isReplaying;
    },
    get liveCursor() {
      return cursorAt(liveSeq);
    },
    async readPage() {
      const page = await log.read(topic, queuedSeq, pageSize);
      // One of the two is older; the feed learns of it by its own reading.
      if (page.epoch !== feed.epoch) await feed.checkAgainst(page.epoch, page.state.seq);
      if (isReleased) return 'done';
      if (page.epoch !== feed.epoch) return 'later';
      const cause = obstacle(page);
      if (cause) {
        if (page.state.seq < queuedSeq) void feed.checkAgainst(page.epoch, page.state.seq);
        giveUp(cause);
        return 'done';
      }
      isResuming = false;
      for (const { seq, event } of page.events) {
        queueReplayed(toPassedEvent({ topic, epoch, seq }, event));
      }
      // Not live ahead of the feed, otherwise what it takes for an answer in progress may have ended in the replay.
      if (feed.position < queuedSeq) await feed.checkAgainst(epoch, queuedSeq);
      if (isReleased) return 'done';
      if (feed.epoch !== epoch || feed.position < queuedSeq) return 'later';
      goLiveAtFeed();
      return 'done';
    },
    queueTexts,
    pulled(passed) {
      pulledSeq = passed.seq;
      const { event } = passed;
      if ('messageId' in event) shown.forget(event.messageId);
      return takesRight(passed) ? 'ended' : 'goes-on';
    },
    toDelta(messageId) {
      const progress = feed.progressOf(messageId);
      return progress && !isEnding ? shown.toDelta(progress) : null;
    },
    rightsConfirmed() {
      rightsSeq = feed.position;
      isEnding = false;
    },
    release() {
      isReleased = true;
      undo();
    },
  };
};
