import type { AnswerDelta, StoredEvent } from '../domain/events.ts';
import type { Topic } from '../domain/topics.ts';
import type { PubSub, TopicMessage } from '../pubsub/port.ts';
import type { Store, TopicState } from '../store/port.ts';
import { assertNever } from '../util/assert-never.ts';
import type { Log } from '../util/log.ts';
import { createSerialRun } from '../util/serial-run.ts';
import { type AnswersInProgress, createAnswersInProgress } from './answers-in-progress.ts';
import { type DeltaItem, type PassedEvent, type ResyncCause, toPassedEvent } from './items.ts';
import type { Progress } from './progress.ts';
import { createRecentEvents, type RecentEvents } from './recent-events.ts';
import { createSharedDeltas, type SharedDeltas } from './shared-deltas.ts';

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
const defaultHoldMs = 20;
const conversationPrefix = 'conversation:';

/** A class, not closures, because there are as many as conversations that somebody looks at. */
class Feed implements TopicFeed {
  readonly topic: Topic;
  readonly #options: TopicFeedOptions;
  readonly #readers = new Set<LiveReader>();
  readonly #answers: AnswersInProgress | null;
  readonly #recent: RecentEvents;
  readonly #deltas: SharedDeltas;
  readonly #heal: () => Promise<void>;
  /** Null: none. */
  #held: Map<number, StoredEvent> | null = null;
  /** Null: opened. */
  #early: TopicMessage[] | null = [];
  #position = 0;
  #epoch = '';
  /** The highest seq that is known to exist. */
  #target = 0;
  #mustRead: boolean;
  #mustLoad: boolean;
  #isClosed: boolean;
  #holdTimer: NodeJS.Timeout | undefined;
  #unsubscribe: (() => void) | null = null;

  constructor(options: TopicFeedOptions) {
    const { topic, store, pubsub, log } = options;
    const id = topic.slice(topic.indexOf(':') + 1);
    this.topic = topic;
    this.#mustRead = false;
    this.#mustLoad = false;
    this.#isClosed = false;
    this.#options = options;
    this.#recent = createRecentEvents(() => this.#position);
    this.#deltas = createSharedDeltas(id);
    this.#heal = createSerialRun(() => this.#readAndLoad());
    this.#answers = topic.startsWith(conversationPrefix)
      ? createAnswersInProgress({
          conversationId: id,
          store,
          pubsub,
          log,
          onText: (progress) => this.#onText(progress),
        })
      : null;
  }

  get position(): number {
    return this.#position;
  }

  get epoch(): string {
    return this.#epoch;
  }

  get isBehind(): boolean {
    return this.#mustRead || this.#mustLoad || this.#position < this.#target;
  }

  async open(): Promise<void> {
    const { topic, store, pubsub } = this.#options;
    this.#unsubscribe = await pubsub.subscribe(topic, (message) => this.accept(message));
    try {
      // Heard before read: an event between the two comes by the trigger.
      const { epoch, state } = await store.log.state(topic);
      this.#epoch = epoch;
      this.#position = state.seq;
      this.#target = this.#position;
      await this.#answers?.load();
    } catch (error) {
      this.#unsubscribe();
      throw error;
    }
    const waiting = this.#early ?? [];
    this.#early = null;
    for (const message of waiting) this.accept(message);
  }

  progress(): Progress[] {
    return this.#answers?.started(this.#position) ?? [];
  }

  progressOf(messageId: string): Progress | undefined {
    return this.#answers?.get(messageId);
  }

  deltaFrom(progress: Progress, offset: number): DeltaItem {
    return this.#deltas.from(progress, offset);
  }

  accept(message: TopicMessage): void {
    if (this.#isClosed) return;
    if (this.#early) {
      this.#early.push(message);
      return;
    }
    switch (message.kind) {
      case 'event':
        this.#acceptEvent(message.seq, message.epoch, message.event);
        return;
      case 'delta':
        this.#acceptDelta(message.delta);
        return;
      case 'stopping':
        this.#answers?.stopping(message.messageId);
        return;
      default:
        assertNever(message);
    }
  }

  async checkAgainst(storeEpoch: string, seq: number): Promise<void> {
    // Below the position too: when the store confirms that, it has lost what was delivered.
    const isElsewhere = storeEpoch !== this.#epoch || seq !== this.#position || this.isBehind;
    if (!this.#isClosed && isElsewhere) await this.#heal();
  }

  readTextsAgain(): void {
    this.#answers?.readAgain();
  }

  attach(reader: LiveReader): () => void {
    this.#readers.add(reader);
    return () => this.#readers.delete(reader);
  }

  keepRecent(): () => void {
    return this.#recent.keep();
  }

  recentAfter(seq: number): readonly PassedEvent[] | null {
    return this.#recent.after(seq);
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#holdTimer);
    this.#unsubscribe?.();
    this.#readers.clear();
    this.#held = null;
    this.#answers?.close();
  }

  #onText(progress: Progress): void {
    if (progress.isStopping || progress.startedSeq > this.#position || progress.text === '') return;
    for (const reader of this.#readers) reader.onProgress?.(progress);
  }

  #pass(seq: number, event: StoredEvent): void {
    this.#position = seq;
    this.#held?.delete(seq);
    const passed = toPassedEvent({ topic: this.topic, epoch: this.#epoch, seq }, event);
    this.#recent.add(passed);
    for (const reader of this.#readers) reader.onEvent(passed);
    // The event before the text of its answer.
    this.#answers?.follow(event, seq);
  }

  #passHeld(): void {
    for (let next = this.#held?.get(this.#position + 1); next; next = this.#held?.get(this.#position + 1)) {
      this.#pass(this.#position + 1, next);
    }
  }

  #holdOn(): void {
    if (this.#position < this.#target) {
      this.#holdTimer ??= setTimeout(() => {
        this.#holdTimer = undefined;
        void this.#heal();
      }, this.#options.holdMs ?? defaultHoldMs);
      return;
    }
    clearTimeout(this.#holdTimer);
    this.#holdTimer = undefined;
  }

  #resync(cause: ResyncCause, epoch: string, { seq }: TopicState): void {
    this.#epoch = epoch;
    this.#position = seq;
    this.#target = seq;
    this.#mustLoad = this.#answers !== null;
    this.#held = null;
    this.#recent.clear();
    for (const reader of this.#readers) reader.onResync?.(cause, { epoch, seq });
    if (!this.#mustLoad) for (const reader of this.#readers) reader.onReloaded?.();
  }

  /** Reads from the store what lies behind the position. False: the store stands below it. */
  async #readOn(): Promise<boolean> {
    const { topic, store, onHistoryLost } = this.#options;
    for (;;) {
      const from = this.#position;
      const wanted = this.#target;
      const page = await store.log.read(topic, from, readLimit);
      if (this.#isClosed) return true;
      if (page.epoch !== this.#epoch) {
        this.#resync('EPOCH_CHANGED', page.epoch, page.state);
        return true;
      }
      if (page.state.seq < from) {
        onHistoryLost(this.#epoch);
        return false;
      }
      if (page.state.floor > this.#position) {
        this.#resync('TRIMMED', this.#epoch, page.state);
        return true;
      }
      for (const { seq, event } of page.events) if (seq === this.#position + 1) this.#pass(seq, event);
      this.#passHeld();
      if (this.#position >= page.state.seq && this.#position >= this.#target) return true;
      if (this.#position === from && this.#target === wanted) {
        // The store is the truth: what it does not hold was undone by a restore.
        this.#target = this.#position;
        this.#held = null;
        return true;
      }
    }
  }

  async #reload(): Promise<void> {
    await this.#answers?.load();
    if (this.#isClosed) return;
    this.#mustLoad = false;
    for (const reader of this.#readers) reader.onReloaded?.();
  }

  /** What fails is tried again by the next check. */
  async #readAndLoad(): Promise<void> {
    if (this.#isClosed) return;
    const { topic, log } = this.#options;
    this.#mustRead = true;
    try {
      this.#mustRead = !(await this.#readOn());
      if (this.#position >= this.#target) this.#holdOn();
      if (this.#mustLoad && !this.#isClosed) await this.#reload();
    } catch (error) {
      log.debug({ err: error, topic }, 'a gap could not be read from the store yet');
    }
  }

  #acceptEvent(seq: number, eventEpoch: string, event: StoredEvent): void {
    if (eventEpoch !== this.#epoch) {
      void this.#heal();
      return;
    }
    if (seq <= this.#position) return;
    this.#target = Math.max(this.#target, seq);
    if (seq === this.#position + 1) {
      this.#pass(seq, event);
      this.#passHeld();
    } else {
      this.#held ??= new Map();
      if (this.#held.size < heldLimit) this.#held.set(seq, event);
    }
    this.#holdOn();
  }

  #acceptDelta(delta: AnswerDelta): void {
    this.#answers?.accept(delta, this.#position);
    if (delta.startedSeq <= this.#position) return;
    // Its AnswerStarted is stored, and was not heard yet.
    this.#target = Math.max(this.#target, delta.startedSeq);
    this.#holdOn();
  }
}

export const openTopicFeed = async (options: TopicFeedOptions): Promise<TopicFeed> => {
  const feed = new Feed(options);
  await feed.open();
  return feed;
};
