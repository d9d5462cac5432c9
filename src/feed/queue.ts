import type { Topic } from '../domain/topics.ts';
import type { PassedEvent, ReadyItem, ResyncItem } from './items.ts';

/** What waits to be pulled. Text of answers waits as the answer's id, and becomes a delta when it is pulled. */
export type Queued =
  | PassedEvent
  | { readonly kind: 'text'; readonly topic: Topic; readonly messageId: string }
  | { readonly kind: 'resync'; readonly topic: Topic; readonly item: ResyncItem }
  | { readonly kind: 'ready'; readonly item: ReadyItem };

/** What one subscription has still to deliver. Until Ready is put in, what comes live waits behind it. */
export interface SubscriptionQueue {
  readonly size: number;
  readonly isReady: boolean;
  shift(): Queued | undefined;
  /** An event read from the store: before Ready, if that has not been put in. */
  pushReplayed(passed: PassedEvent): void;
  pushLive(passed: PassedEvent): void;
  /** The text so far of an answer; each answer waits once, however much it grows. */
  pushText(topic: Topic, messageId: string): void;
  pushLiveText(topic: Topic, messageId: string): void;
  /** Takes the place of all that waits of its topic. */
  pushResync(topic: Topic, item: ResyncItem): void;
  /** What comes live follows it. */
  pushReady(item: ReadyItem): void;
  /** The events and texts of a topic leave memory; its Resync stays. */
  drop(topic: Topic): void;
  dropTexts(topic: Topic): void;
  clear(): void;
}

const topicOf = (queued: Queued): Topic | null => (queued.kind === 'ready' ? null : queued.topic);

class Queue implements SubscriptionQueue {
  #queue: Queued[] = [];
  /** Null: Ready was put in. */
  #behindReady: Queued[] | null = [];
  /** Null: none. */
  #textsWaiting: Set<string> | null = null;

  get size(): number {
    return this.#queue.length + (this.#behindReady?.length ?? 0);
  }

  get isReady(): boolean {
    return this.#behindReady === null;
  }

  shift(): Queued | undefined {
    const queued = this.#queue.shift();
    if (queued?.kind === 'text') this.#forgetText(queued.messageId);
    return queued;
  }

  pushReplayed(passed: PassedEvent): void {
    this.#queue.push(passed);
  }

  pushLive(passed: PassedEvent): void {
    (this.#behindReady ?? this.#queue).push(passed);
  }

  pushText(topic: Topic, messageId: string): void {
    this.#pushTextTo(this.#queue, topic, messageId);
  }

  pushLiveText(topic: Topic, messageId: string): void {
    this.#pushTextTo(this.#behindReady ?? this.#queue, topic, messageId);
  }

  pushResync(topic: Topic, item: ResyncItem): void {
    this.#dropWhere(topic, ['event', 'text', 'resync']);
    this.#queue.push({ kind: 'resync', topic, item });
  }

  pushReady(item: ReadyItem): void {
    this.#queue.push({ kind: 'ready', item }, ...(this.#behindReady ?? []));
    this.#behindReady = null;
  }

  drop(topic: Topic): void {
    this.#dropWhere(topic, ['event', 'text']);
  }

  dropTexts(topic: Topic): void {
    this.#dropWhere(topic, ['text']);
  }

  clear(): void {
    this.#queue = [];
    this.#behindReady = null;
    this.#textsWaiting = null;
  }

  #forgetText(messageId: string): void {
    this.#textsWaiting?.delete(messageId);
    if (this.#textsWaiting?.size === 0) this.#textsWaiting = null;
  }

  #pushTextTo(to: Queued[], topic: Topic, messageId: string): void {
    this.#textsWaiting ??= new Set();
    if (this.#textsWaiting.has(messageId)) return;
    this.#textsWaiting.add(messageId);
    to.push({ kind: 'text', topic, messageId });
  }

  #dropWhere(topic: Topic, kinds: readonly Queued['kind'][]): void {
    const isKept = (queued: Queued): boolean => {
      if (topicOf(queued) !== topic || !kinds.includes(queued.kind)) return true;
      if (queued.kind === 'text') this.#forgetText(queued.messageId);
      return false;
    };
    this.#queue = this.#queue.filter(isKept);
    this.#behindReady = this.#behindReady?.filter(isKept) ?? null;
  }
}

export const createSubscriptionQueue = (): SubscriptionQueue => new Queue();
