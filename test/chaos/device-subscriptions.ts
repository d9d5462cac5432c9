import type { Client } from 'graphql-ws';
import { messageReceivedDocument } from '../support/documents.ts';
import { type Data, documents, toApiError } from './api.ts';
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
  readonly client: Client;
  /** Of the device. */
  readonly name: string;
  readonly resumption: Resumption;
  readonly recorder: Recorder;
  readonly onFrame: (frame: Frame, conversationId: string | null) => void;
  /** It began anew: what is shown has to be read again. */
  readonly onAnew: (conversationId: string | null) => void;
  /** The server ended it, with this code. */
  readonly onError: (conversationId: string | null, code: string) => void;
}

interface Subscription {
  readonly name: string;
  readonly conversationId: string | null;
  /** One cursor a topic, as the app of a stock client keeps them. */
  readonly cursors: Map<string, string>;
  readyCount: number;
  isReady: boolean;
  stop: () => void;
}

const codeOf = (error: unknown): string => {
  if (Array.isArray(error)) return toApiError(error).code;
  const { code } = (error ?? {}) as { code?: number | string };
  return String(code ?? error).slice(0, 80);
};

const trackFrame = (subscription: Subscription, frame: Frame): void => {
  if (frame.topic && frame.cursor) subscription.cursors.set(frame.topic, frame.cursor);
  for (const { topic, cursor } of frame.cursors ?? []) subscription.cursors.set(topic, cursor);
  if (frame.__typename !== 'Ready') return;
  subscription.isReady = true;
  subscription.readyCount += 1;
};

export const createDeviceSubscriptions = (options: DeviceSubscriptionsOptions): DeviceSubscriptions => {
  const { client, name, resumption, recorder, onFrame, onAnew, onError } = options;
  const subscriptions = new Set<Subscription>();
  let count = 0;

  const take = (subscription: Subscription, frame: Frame): void => {
    recorder.add({ kind: 'received', client: name, subscription: subscription.name, frame });
    trackFrame(subscription, frame);
    const { conversationId, readyCount } = subscription;
    onFrame(frame, conversationId);
    const beganAnew = frame.__typename === 'Ready' && frame.resumed === false && readyCount > 1;
    // edagent-client tells by itself.
    if (resumption !== 'helper' && (beganAnew || frame.__typename === 'Resync')) onAnew(conversationId);
  };

  const end = (subscription: Subscription, how: 'client' | 'complete' | 'error', code?: string): void => {
    if (!subscriptions.delete(subscription)) return;
    const fact = { kind: 'subscription-ended', client: name, subscription: subscription.name, how } as const;
    recorder.add(code === undefined ? fact : { ...fact, code });
    if (code !== undefined) onError(subscription.conversationId, code);
  };

  const follow = (conversationId: string | null, after: readonly string[]): void => {
    const subscription: Subscription = {
      name: `${name}/${++count}`,
      conversationId,
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
    const undo = client.subscribe<{ messageReceived: Frame }>(
      { query: messageReceivedDocument, variables },
      {
        next: ({ data, errors }) => {
          if (data) take(subscription, data.messageReceived);
          else end(subscription, 'error', codeOf(errors));
        },
        error: (error) => end(subscription, 'error', codeOf(error)),
        complete: () => end(subscription, 'complete'),
      },
    );
    subscription.stop = () => {
      end(subscription, 'client');
      undo();
    };
  };

  const followTyping = (conversationId: string): void => {
    const subscription = { client: name, subscription: `${name}/${++count}`, conversationId } as const;
    recorder.add({ kind: 'typing-subscribed', ...subscription });
    client.subscribe<{ typing: Data }>(
      { query: documents.typingEvents, variables: { id: conversationId } },
      {
        next: ({ data }) => {
          if (!data) return;
          const { author, isTyping } = data.typing;
          recorder.add({ kind: 'typing-received', ...subscription, author, isTyping });
        },
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
      for (const subscription of [...subscriptions]) subscription.stop();
    },
  };
};
