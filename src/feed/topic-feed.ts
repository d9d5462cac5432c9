import type { AnswerDelta, StoredEvent } from '../domain/events.ts';
import type { Topic } from '../domain/topics.ts';
import type { PubSub, TopicMessage } from '../pubsub/port.ts';
import type { Store, TopicState } from '../store/port.ts';
import { assertNever } from '../util/assert-never.ts';
import type { Log } from '../util/log.ts';
import { createSerialRun } from '../util/serial-run.ts';
import { createAnswersInProgress } from './answers-in-progress.ts';
import { type DeltaItem, type PassedEvent, type ResyncCause, toPassedEvent } from './items.ts';
import type { Progress } from './progress.ts';
import { createRecentEvents } from './recent-events.ts';
import { createSharedDeltas } from './shared-deltas.ts';

/** Follows a topic live. Called in the order of the topic, one call at a time; must not throw. */
export interface LiveReader {
  onEvent(event: PassedEvent): void;
  /** The text of this answer grew. */
  onProgress?(progress: Progress): void;
  /** Events were passed over; `position` is where the topic stands now. What is in progress is told again later. */
  onResync?(cause: ResyncCause, position: { epoch: string; seq: number }): void;
  /** After a resync: what is in progress is known again. */
  onReloaded?(): void;
}

/**
 * One topic on one node: hears its trigger, and passes its events to the live readers in the order of their seqs, each once.
 *
 *     opening ──(heard, position read)──▶ live ──(last user gone)──▶ closed
 *
 * An event is passed only at position + 1. A later one is held for `holdMs`, then the store is read; one at or below is an
 * echo. `pass` is the only function that moves the position, but for `resync`.
 */
export interface TopicFeed {
  readonly topic: Topic;
  readonly position: number;
  readonly epoch: string;
  /** The store is known to hold more, or could not be asked: `checkAgainst` must be called again. */
  readonly isBehind: boolean;
  /** Answers in progress at this position, those that are being stopped too. */
  progress(): Progress[];
  progressOf(messageId: string): Progress | undefined;
  /** What this answer has from this offset on; one object for all who ask the same. */
  deltaFrom(progress: Progress, offset: number): DeltaItem;
  accept(message: TopicMessage): void;
  /** The store says the topic stands here: reads what is missing. Resolves when that is done, or failed. */
  checkAgainst(epoch: string, seq: number): Promise<void>;
  /** Pub/sub was away: reads the texts of answers in progress again. */
  readTextsAgain(): void;
  attach(reader: LiveReader): () => void;
  /** Until released, passed events are kept for `recentAfter`. */
  keepRecent(): () => void;
  /** The events passed after this seq, when all of them are still kept; otherwise null. */
  recentAfter(seq: number): readonly PassedEvent[] | null;
  close(): void;
}

export interface TopicFeedOptions {
  readonly topic: Topic;
  readonly store: Pick<Store, 'answers' | 'log'>;
  readonly pubsub: Pick<PubSub, 'subscribe' | 'answerTexts'>;
  readonly log: Log;
  /** How long an event that came too early waits for those before it. @default 20 */
  readonly holdMs?: number;
  /** The topic stands below what was delivered: the history must get a new epoch. */
  readonly onHistoryLost: (epoch: string) => void;
}

const readLimit = 500;
const heldLimit = 1_000;
const conversationPrefix = 'conversation:';

export const openTopicFeed = async (options: TopicFeedOptions): Promise<TopicFeed> => {
  const { topic, store, pubsub, log, holdMs = 20, onHistoryLost } = options;
  const readers = new Set<LiveReader>();
  const held = new Map<number, StoredEvent>();
  let early: TopicMessage[] | null = [];
  let position = 0;
  let epoch = '';
  /** The highest seq that is known to exist. */
  let target = 0;
  let mustRead = false;
  let mustLoad = false;
  let isClosed = false;
  let holdTimer: NodeJS.Timeout | undefined;
  const recent = createRecentEvents(() => position);
  const deltas = createSharedDeltas(topic.slice(topic.indexOf(':') + 1));

  const onText = (progress: Progress): void => {
    if (progress.isStopping || progress.startedSeq > position || progress.text === '') return;
    for (const reader of readers) reader.onProgress?.(progress);
  };

  const answers = topic.startsWith(conversationPrefix)
    ? createAnswersInProgress({
        conversationId: topic.slice(conversationPrefix.length),
        store,
        pubsub,
        log,
        onText,
      })
    : null;

  const pass = (seq: number, event: StoredEvent): void => {
    position = seq;
    held.delete(seq);
    const passed = toPassedEvent({ topic, epoch, seq }, event);
    recent.add(passed);
    for (const reader of readers) reader.onEvent(passed);
    // The event before the text of its answer.
    answers?.follow(event, seq);
  };

  const passHeld = (): void => {
    for (let next = held.get(position + 1); next; next = held.get(position + 1)) pass(position + 1, next);
  };

  const holdOn = (): void => {
    if (position < target) {
      holdTimer ??= setTimeout(() => {
        holdTimer = undefined;
        void heal();
      }, holdMs);
      return;
    }
    clearTimeout(holdTimer);
    holdTimer = undefined;
  };

  const resync = (cause: ResyncCause, newEpoch: string, { seq }: TopicState): void => {
    epoch = newEpoch;
    position = seq;
    target = seq;
    mustLoad = answers !== null;
    held.clear();
    recent.clear();
    for (const reader of readers) reader.onResync?.(cause, { epoch, seq });
    if (!mustLoad) for (const reader of readers) reader.onReloaded?.();
  };

  /** Reads from the store what lies behind the position. False: the store stands below it. */
  const readOn = async (): Promise<boolean> => {
    for (;;) {
      const from = position;
      const wanted = target;
      const page = await store.log.read(topic, from, readLimit);
      if (isClosed) return true;
      if (page.epoch !== epoch) {
        resync('EPOCH_CHANGED', page.epoch, page.state);
        return true;
      }
      if (page.state.seq < from) {
        onHistoryLost(epoch);
        return false;
      }
      if (page.state.floor > position) {
        resync('TRIMMED', epoch, page.state);
        return true;
      }
      for (const { seq, event } of page.events) if (seq === position + 1) pass(seq, event);
      passHeld();
      if (position >= page.state.seq && position >= target) return true;
      if (position === from && target === wanted) {
        // The store is the truth: what it does not hold was undone by a restore.
        target = position;
        held.clear();
        return true;
      }
    }
  };

  const reload = async (): Promise<void> => {
    await answers?.load();
    if (isClosed) return;
    mustLoad = false;
    for (const reader of readers) reader.onReloaded?.();
  };

  /** What fails is tried again by the next check. */
  const heal = createSerialRun(async () => {
    if (isClosed) return;
    mustRead = true;
    try {
      mustRead = !(await readOn());
      if (position >= target) holdOn();
      if (mustLoad && !isClosed) await reload();
    } catch (error) {
      log.debug({ err: error, topic }, 'a gap could not be read from the store yet');
    }
  });

  const isBehind = (): boolean => mustRead || mustLoad || position < target;

  const acceptEvent = (seq: number, eventEpoch: string, event: StoredEvent): void => {
    if (eventEpoch !== epoch) {
      void heal();
      return;
    }
    if (seq <= position) return;
    target = Math.max(target, seq);
    if (seq === position + 1) {
      pass(seq, event);
      passHeld();
    } else if (held.size < heldLimit) {
      held.set(seq, event);
    }
    holdOn();
  };

  const acceptDelta = (delta: AnswerDelta): void => {
    answers?.accept(delta, position);
    if (delta.startedSeq <= position) return;
    // Its AnswerStarted is stored, and was not heard yet.
    target = Math.max(target, delta.startedSeq);
    holdOn();
  };

  const accept = (message: TopicMessage): void => {
    if (isClosed) return;
    if (early) {
      early.push(message);
      return;
    }
    switch (message.kind) {
      case 'event':
        acceptEvent(message.seq, message.epoch, message.event);
        return;
      case 'delta':
        acceptDelta(message.delta);
        return;
      case 'stopping':
        answers?.stopping(message.messageId);
        return;
      default:
        assertNever(message);
    }
  };

  const unsubscribe = await pubsub.subscribe(topic, accept);
  try {
    // Heard before read: an event between the two comes by the trigger.
    const { epoch: readEpoch, states } = await store.log.states([topic]);
    epoch = readEpoch;
    position = states[0]?.seq ?? 0;
    target = position;
    await answers?.load();
  } catch (error) {
    unsubscribe();
    throw error;
  }
  const waiting = early;
  early = null;
  for (const message of waiting) accept(message);

  return {
    topic,
    get position() {
      return position;
    },
    get epoch() {
      return epoch;
    },
    get isBehind() {
      return isBehind();
    },
    progress: () => answers?.started(position) ?? [],
    progressOf: (messageId) => answers?.get(messageId),
    deltaFrom: deltas.from,
    accept,
    async checkAgainst(storeEpoch, seq) {
      // Below the position too: when the store confirms that, it has lost what was delivered.
      if (!isClosed && (storeEpoch !== epoch || seq !== position || isBehind())) await heal();
    },
    readTextsAgain() {
      answers?.readAgain();
    },
    attach(reader) {
      readers.add(reader);
      return () => readers.delete(reader);
    },
    keepRecent: recent.keep,
    recentAfter: recent.after,
    close() {
      isClosed = true;
      clearTimeout(holdTimer);
      unsubscribe();
      readers.clear();
      held.clear();
      answers?.close();
    },
  };
};
