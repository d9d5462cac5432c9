import { messageReceivedDocument } from '../support/documents.ts';
import { documents, toApiError } from './api.ts';
import type { DeviceLibrary } from './device-library.ts';
import type { Frame, Recorder, Resumption } from './history.ts';

/** The subscriptions of one device, each frame of them recorded. */
export interface DeviceSubscriptions {
  /** Every one has had `Ready` since its socket came up. */
  readonly areReady: boolean;
  has(conversationId: string | null): boolean;
  /** @param conversationId null: viewer-wide. */
  follow(conversationId: string | null, after: readonly string[]): void;
  followTyping(conversationId: string): void;
  /** The socket is gone. */
  unready(): void;
  stop(): void;
}

export interface DeviceSubscriptionsOptions {
  readonly library: DeviceLibrary;
  /** Of the device. */
  readonly name: string;
  readonly resumption: Resumption;
  readonly recorder: Recorder;
  readonly onFrame: (frame: Frame, conversationId: string | null) => void;
  /** It began anew: what is shown has to be read again. */
  readonly onAnew: (conversationId: string | null) => void;
  /** The server ended it for now: the same may succeed later. */
  readonly onRefused: (conversationId: string | null) => void;
}

interface Subscription {
  readonly name: string;
  readonly conversationId: string | null;
  /** It began after a page. */
  readonly hasPage: boolean;
  /** One cursor a topic, as the app of a stock client keeps them. */
  readonly cursors: Map<string, string>;
  readyCount: number;
  isReady: boolean;
  stop: () => void;
}

const codeOf = (error: unknown): string => {
  if (Array.isArray(error)) return toApiError(error).code;
  const { code, message } = (error ?? {}) as { code?: number | string; message?: string };
  return String(code ?? message ?? error).slice(0, 80);
};

const isTemporary = (error: unknown): boolean => Array.isArray(error) && toApiError(error).isTemporary;

const trackFrame = (subscription: Subscription, frame: Frame): void => {
  if (frame.topic && frame.cursor) subscription.cursors.set(frame.topic, frame.cursor);
  for (const { topic, cursor } of frame.cursors ?? []) subscription.cursors.set(topic, cursor);
  if (frame.__typename !== 'Ready') return;
  subscription.isReady = true;
  subscription.readyCount += 1;
};

export const createDeviceSubscriptions = (options: DeviceSubscriptionsOptions): DeviceSubscriptions => {
  const { library, name, resumption, recorder, onFrame, onAnew, onRefused } = options;
  const subscriptions = new Set<Subscription>();
  let count = 0;

  const take = (subscription: Subscription, frame: Frame): void => {
    recorder.add({ kind: 'received', client: name, subscription: subscription.name, frame });
    trackFrame(subscription, frame);
    const { conversationId, readyCount, hasPage } = subscription;
    onFrame(frame, conversationId);
    // What came between a page and the first Ready is missing too, unless the subscription began after that page.
    const mayLack = readyCount > 1 || !hasPage;
    const beganAnew = frame.__typename === 'Ready' && frame.resumed === false && mayLack;
    // edagent-client tells by itself.
    if (resumption !== 'helper' && (beganAnew || frame.__typename === 'Resync')) onAnew(conversationId);
  };

  const end = (subscription: Subscription, how: 'client' | 'complete' | 'error', error?: unknown): void => {
    if (!subscriptions.delete(subscription)) return;
    const fact = { kind: 'subscription-ended', client: name, subscription: subscription.name, how } as const;
    recorder.add(how === 'error' ? { ...fact, code: codeOf(error) } : fact);
    // Not in the server's call: graphql-ws would count it off twice when its `complete` came in the same chunk, and close the
    // socket under the others.
    if (how === 'client') subscription.stop();
    else setImmediate(() => subscription.stop());
    if (how === 'error' && isTemporary(error)) onRefused(subscription.conversationId);
  };

  const follow = (conversationId: string | null, after: readonly string[]): void => {
    const subscription: Subscription = {
      name: `${name}/${++count}`,
      conversationId,
      hasPage: after.length > 0,
      cursors: new Map(after.map((cursor) => [`conversation:${conversationId}`, cursor])),
      readyCount: 0,
      isReady: false,
      stop: () => {},
    };
    const variables = {
      conversationId,
      // Read whenever the payload is sent, after a reconnect too.
      get after() {
        return resumption === 'cursors' ? [...subscription.cursors.values()] : after;
      },
    };
    const { name: named } = subscription;
    subscriptions.add(subscription);
    recorder.add({
      kind: 'subscribed',
      client: name,
      subscription: named,
      conversationId,
      after,
      resumption,
    });
    subscription.stop = library.subscribe(messageReceivedDocument, variables, {
      next: ({ messageReceived }) => take(subscription, messageReceived),
      error: (error) => end(subscription, 'error', error),
      complete: () => end(subscription, 'complete'),
    });
  };

  const followTyping = (conversationId: string): void => {
    const subscription = { client: name, subscription: `${name}/${++count}`, conversationId } as const;
    recorder.add({ kind: 'typing-subscribed', ...subscription });
    library.subscribe(
      documents.typingEvents,
      { id: conversationId },
      {
        next: ({ typing: { author, isTyping } }) =>
          recorder.add({ kind: 'typing-received', ...subscription, author, isTyping }),
        error: () => {},
        complete: () => {},
      },
    );
  };

  return {
    get areReady() {
      return [...subscriptions].every(({ isReady }) => isReady);
    },
    has: (conversationId) => [...subscriptions].some((one) => one.conversationId === conversationId),
    follow,
    followTyping,
    unready() {
      for (const subscription of subscriptions) subscription.isReady = false;
    },
    stop() {
      for (const subscription of [...subscriptions]) end(subscription, 'client');
    },
  };
};
