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

/** Channels in one command: few enough to be confirmed within the time of one command. */
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
  /** Wanted, or wanted no more, since the last commands. */
  let changed = new Map<string, Wanted | null>();
  let flushing: NodeJS.Immediate | undefined;

  /** Resolves false when the link has to be made anew. */
  const send = async (batch: readonly [string, Wanted][]): Promise<boolean> => {
    const current = link;
    try {
      await client.subscribe(...batch.map(([channel]) => channel));
    } catch (error) {
      if (isReplyError(error)) {
        // It may be about one of them alone.
        if (batch.length > 1) return (await Promise.all(batch.map((one) => send([one])))).every(Boolean);
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

  /** Of a channel that was left and wanted again only the last counts: no command undoes another of the same turn. */
  const flush = (): void => {
    flushing = undefined;
    const entries = [...changed];
    changed = new Map();
    // What is wanted by then is subscribed to when the link is back.
    if (client.status !== 'ready') return;
    for (let from = 0; from < entries.length; from += channelsPerCommand) {
      const slice = entries.slice(from, from + channelsPerCommand);
      const begun = slice.filter((entry): entry is [string, Wanted] => entry[1] !== null);
      const left = slice.flatMap(([channel, entry]) => (entry === null ? [channel] : []));
      if (begun.length > 0) void send(begun);
      if (left.length > 0) client.unsubscribe(...left).catch(() => {});
    }
  };

  /** Thousands that subscribe in one turn of the event loop are one command. */
  const change = (channel: string, entry: Wanted | null): void => {
    changed.set(channel, entry);
    flushing ??= setImmediate(flush);
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
      change(channel, entry);
    },
    unsubscribe(channel: string) {
      wanted.delete(channel);
      if (!isDisposed) change(channel, null);
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
      clearImmediate(flushing);
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
