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

export const createSubscriptionQueue = (): SubscriptionQueue => {
  let queue: Queued[] = [];
  let behindReady: Queued[] | null = [];
  const textsWaiting = new Set<string>();

  const live = (): Queued[] => behindReady ?? queue;

  const pushTextTo = (to: Queued[], topic: Topic, messageId: string): void => {
    if (textsWaiting.has(messageId)) return;
    textsWaiting.add(messageId);
    to.push({ kind: 'text', topic, messageId });
  };

  const dropWhere = (topic: Topic, kinds: readonly Queued['kind'][]): void => {
    const isKept = (queued: Queued): boolean => {
      if (topicOf(queued) !== topic || !kinds.includes(queued.kind)) return true;
      if (queued.kind === 'text') textsWaiting.delete(queued.messageId);
      return false;
    };
    queue = queue.filter(isKept);
    behindReady = behindReady?.filter(isKept) ?? null;
  };

  return {
    get size() {
      return queue.length + (behindReady?.length ?? 0);
    },
    get isReady() {
      return behindReady === null;
    },
    shift() {
      const queued = queue.shift();
      if (queued?.kind === 'text') textsWaiting.delete(queued.messageId);
      return queued;
    },
    pushReplayed: (passed) => void queue.push(passed),
    pushLive: (passed) => void live().push(passed),
    pushText: (topic, messageId) => pushTextTo(queue, topic, messageId),
    pushLiveText: (topic, messageId) => pushTextTo(live(), topic, messageId),
    pushResync(topic, item) {
      dropWhere(topic, ['event', 'text', 'resync']);
      queue.push({ kind: 'resync', topic, item });
    },
    pushReady(item) {
      queue.push({ kind: 'ready', item }, ...(behindReady ?? []));
      behindReady = null;
    },
    drop: (topic) => dropWhere(topic, ['event', 'text']),
    dropTexts: (topic) => dropWhere(topic, ['text']),
    clear() {
      queue = [];
      behindReady = null;
      textsWaiting.clear();
    },
  };
};
