import { unavailable } from '../domain/errors.ts';
import type { Topic } from '../domain/topics.ts';
import type { TopicPosition } from '../store/port.ts';
import type { TopicFeed } from './topic-feed.ts';

export interface FeedUse {
  readonly feed: TopicFeed;
  /** It was opened for this use: its position was read from the store after it was asked for. */
  readonly isFresh: boolean;
  /** Idempotent. */
  release(): void;
}

/** The feeds of a node: one for each topic that somebody here reads, opened for the first and closed with the last. */
export interface OpenFeeds {
  /** Rejects when the feed cannot be opened, and once disposed. */
  acquire(topic: Topic): Promise<FeedUse>;
  /** Null while nobody reads the topic, and while its feed is being opened. */
  get(topic: Topic): TopicFeed | null;
  readonly topics: readonly Topic[];
  /** The store says that topics stand here. What concerns a feed that is being opened is told to it then. */
  checkAgainst(epoch: string, positions: readonly TopicPosition[]): void;
  readonly size: number;
  dispose(): void;
}

interface Entry {
  readonly opening: Promise<TopicFeed>;
  feed: TopicFeed | null;
  /** What the store said while it was being opened. */
  told: { readonly epoch: string; readonly seq: number } | null;
  users: number;
}

export const createOpenFeeds = (open: (topic: Topic) => Promise<TopicFeed>): OpenFeeds => {
  const entries = new Map<Topic, Entry>();
  let isDisposed = false;

  const assertNotDisposed = (): void => {
    if (isDisposed) throw unavailable('This node is shutting down: connect again.');
  };

  const enter = (topic: Topic): Entry => {
    const entry: Entry = { opening: open(topic), feed: null, told: null, users: 0 };
    entries.set(topic, entry);
    entry.opening.then(
      (feed) => {
        entry.feed = feed;
        if (isDisposed) feed.close();
        else if (entry.told) void feed.checkAgainst(entry.told.epoch, entry.told.seq);
      },
      () => {
        if (entries.get(topic) === entry) entries.delete(topic);
      },
    );
    return entry;
  };

  return {
    async acquire(topic) {
      assertNotDisposed();
      const known = entries.get(topic);
      const entry = known ?? enter(topic);
      entry.users += 1;
      const feed = await entry.opening;
      assertNotDisposed();
      let isReleased = false;
      return {
        feed,
        isFresh: !known,
        release() {
          if (isReleased) return;
          isReleased = true;
          entry.users -= 1;
          if (entry.users > 0) return;
          if (entries.get(topic) === entry) entries.delete(topic);
          feed.close();
        },
      };
    },
    get: (topic) => entries.get(topic)?.feed ?? null,
    get topics() {
      return [...entries.keys()];
    },
    checkAgainst(epoch, positions) {
      for (const { feed } of entries.values()) {
        if (feed && (feed.epoch !== epoch || feed.isBehind)) void feed.checkAgainst(epoch, feed.position);
      }
      for (const { topic, seq } of positions) {
        const entry = entries.get(topic);
        if (entry?.feed) void entry.feed.checkAgainst(epoch, seq);
        else if (entry) entry.told = { epoch, seq };
      }
    },
    get size() {
      return entries.size;
    },
    dispose() {
      isDisposed = true;
      for (const { feed } of entries.values()) feed?.close();
      entries.clear();
    },
  };
};
