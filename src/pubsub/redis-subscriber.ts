import type { Redis } from 'ioredis';
import type { Log } from '../util/log.ts';

/**
 * The subscribing link:
 *
 *     down ──ready──▶ restoring ──all confirmed──▶ up
 *      ▲                  │                        │
 *      └──────close───────┴──────────close─────────┘
 *
 * It knows which channels are wanted and subscribes to them again after every reconnect. It stands between ioredis and
 * RedisPubSub, because RedisPubSub leaves rejections of `subscribe` and `unsubscribe` unhandled, which ends the process:
 * towards RedisPubSub nothing here ever fails, a subscription is only confirmed later.
 */
export interface RedisSubscriber {
  readonly isUp: boolean;
  /** The part of a client that RedisPubSub uses. */
  readonly forEngine: Redis;
  /** Resolves true when the token arrives on the link's own channel within the time. `send` publishes it there. */
  probe(send: (channel: string, token: string) => Promise<unknown>, timeoutMs: number): Promise<boolean>;
  /** Confirms all that still waits, so that nobody waits for ever. */
  dispose(): void;
}

export interface RedisSubscriberOptions {
  readonly client: Redis;
  readonly probeChannel: string;
  readonly log: Log;
  /** The link is up, with all subscriptions confirmed, or has fallen. */
  readonly onChange: () => void;
}

interface Wanted {
  /** Null once it was called: after a reconnect nobody waits for the confirmation any more. */
  onConfirmed: (() => void) | null;
}

type MessageListener = (channel: string, message: string) => void;

/** Channels in one SUBSCRIBE: few enough to be confirmed within the time of one command. */
const channelsPerCommand = 1_000;

const confirm = (entry: Wanted): void => {
  const { onConfirmed } = entry;
  entry.onConfirmed = null;
  onConfirmed?.();
};

const isReplyError = (error: unknown): error is Error =>
  error instanceof Error && error.name === 'ReplyError';

export const createRedisSubscriber = (options: RedisSubscriberOptions): RedisSubscriber => {
  const { client, probeChannel, log, onChange } = options;
  const wanted = new Map<string, Wanted>([[probeChannel, { onConfirmed: null }]]);
  let isUp = false;
  let isDisposed = false;
  let link = 0;
  let onProbe: (token: string) => void = () => {};

  /** Resolves false when the link has to be made anew. */
  const send = async (batch: readonly [string, Wanted][]): Promise<boolean> => {
    const current = link;
    try {
      await client.subscribe(...batch.map(([channel]) => channel));
    } catch (error) {
      if (isReplyError(error)) {
        log.error({ reason: error.message }, 'REDIS_URL: Redis refuses to subscribe');
        return true;
      }
      // No reply in time: the link is as good as broken, and a new one subscribes again.
      if (current === link && client.status === 'ready') client.disconnect(true);
      return false;
    }
    for (const [channel, entry] of batch) {
      // Only if it is still this subscription: the confirmation of a later one with the same name comes by itself.
      if (wanted.get(channel) === entry) confirm(entry);
    }
    return true;
  };

  const restore = async (): Promise<void> => {
    link += 1;
    const current = link;
    const entries = [...wanted];
    for (let from = 0; from < entries.length; from += channelsPerCommand) {
      const sent = await send(entries.slice(from, from + channelsPerCommand));
      if (!sent || current !== link) return;
    }
    isUp = true;
    onChange();
  };

  const onReady = () => void restore();
  const onClose = () => {
    link += 1;
    isUp = false;
    onChange();
  };
  client.on('ready', onReady);
  client.on('close', onClose);
  client.on('message', (channel: string, message: string) => {
    if (channel === probeChannel) onProbe(message);
  });

  const forEngine = {
    on(event: string, listener: MessageListener) {
      if (event === 'message') client.on('message', listener);
    },
    subscribe(channel: string, onDone: (error: null) => void) {
      if (isDisposed) return onDone(null);
      const entry: Wanted = { onConfirmed: () => onDone(null) };
      wanted.set(channel, entry);
      if (client.status === 'ready') void send([[channel, entry]]);
    },
    unsubscribe(channel: string) {
      wanted.delete(channel);
      if (client.status === 'ready') client.unsubscribe(channel).catch(() => {});
    },
    punsubscribe() {},
  };

  return {
    get isUp() {
      return isUp;
    },
    forEngine: forEngine as unknown as Redis,
    async probe(sendToken, timeoutMs) {
      const token = `${link}.${Math.random()}`;
      let timer: NodeJS.Timeout | undefined;
      const heard = new Promise<boolean>((resolve) => {
        onProbe = (received) => received === token && resolve(true);
        timer = setTimeout(() => resolve(false), timeoutMs);
      });
      try {
        await sendToken(probeChannel, token);
        return await heard;
      } finally {
        clearTimeout(timer);
      }
    },
    dispose() {
      isDisposed = true;
      link += 1;
      isUp = false;
      client.off('ready', onReady);
      client.off('close', onClose);
      const waiting = [...wanted.values()];
      wanted.clear();
      for (const entry of waiting) confirm(entry);
    },
  };
};
