import WebSocket from 'ws';
import { now } from './clock.ts';

/**
 * A lean client of graphql-transport-ws: one socket, its subscriptions, a cursor for each of their topics. It does what
 * edagent-client does about cursors and nothing else, so that one process carries thousands.
 *
 *     absent ──connect──▶ connecting ──(Ready of every subscription)──▶ present ──cut, leave, closed by the server──▶ absent
 */
export interface Device {
  readonly isPresent: boolean;
  /** Of the socket in use; null while absent. */
  readonly localPort: number | null;
  /** Resolves when every subscription is ready; rejects when the socket closes before. */
  connect(): Promise<Arrival>;
  /** Without a word, as a lost network does. */
  cut(): void;
  /** With a close frame. */
  leave(): void;
  /** Bytes stay where they are until the socket is gone. */
  stopReading(): void;
  /** One operation over the socket; resolves with its first result. */
  run(query: string, variables?: Record<string, unknown>): Promise<Frame>;
  complete(subscription: number): void;
  /** Begins a subscription again after its cursors. */
  subscribe(subscription: number): void;
}

/** When what happened, by `now()`. */
export interface Arrival {
  readonly dialedAt: number;
  readonly openedAt: number;
  readonly subscribedAt: number;
  readonly readyAt: number;
}

export interface Frame {
  readonly type: string;
  readonly id?: string;
  // biome-ignore lint/suspicious/noExplicitAny: reached into by those who wrote the document
  readonly payload?: any;
}

export interface DeviceOptions {
  readonly url: string;
  readonly token: string;
  readonly subscriptions: readonly Subscription[];
  /** Every result of a subscription. */
  readonly onNext?: (frame: Frame, subscription: number) => void;
  /** When set, a frame goes here unread once all are ready; cursors then stay as they are. */
  readonly onRaw?: (data: Buffer) => void;
  /** The server, or the way to it, ended the socket. */
  readonly onLost?: (code: number) => void;
  readonly onError?: (frame: Frame) => void;
}

export interface Subscription {
  readonly query: string;
  readonly variables?: Record<string, unknown>;
  /** False: it gives no `Ready` to wait for, as `typing`. @default true */
  readonly isLog?: boolean;
}

interface Topics {
  readonly topic?: string;
  readonly cursor?: string;
  readonly event?: string;
  readonly cursors?: readonly { readonly topic: string; readonly cursor: string }[];
}

interface Line {
  readonly socket: WebSocket;
  readonly waiting: Set<number>;
  readonly runs: Map<string, (frame: Frame) => void>;
  readonly times: { dialedAt: number; openedAt: number; subscribedAt: number };
}

export const createDevice = (options: DeviceOptions): Device => {
  const {
    url,
    token,
    subscriptions,
    onNext = () => {},
    onRaw,
    onLost = () => {},
    onError = () => {},
  } = options;
  const cursors = subscriptions.map(() => new Map<string, string>());
  let line: Line | null = null;
  let isPresent = false;
  let runs = 0;

  const send = (to: Line, message: object): void => to.socket.send(JSON.stringify(message));

  const sendSubscribe = (to: Line, at: number): void => {
    const subscription = subscriptions[at];
    if (!subscription) return;
    const after = [...(cursors[at]?.values() ?? [])];
    const { query, variables } = subscription;
    const extensions = after.length > 0 ? { after } : undefined;
    send(to, { type: 'subscribe', id: `s${at}`, payload: { query, variables, extensions } });
  };

  const takeCursors = (at: number, { topic, cursor, cursors: reached }: Topics): void => {
    if (topic && cursor) cursors[at]?.set(topic, cursor);
    for (const entry of reached ?? []) cursors[at]?.set(entry.topic, entry.cursor);
  };

  const detach = (from: Line): void => {
    if (line !== from) return;
    line = null;
    isPresent = false;
  };

  const take = (on: Line, frame: Frame, onReady: () => void): void => {
    const { type, id = '' } = frame;
    const run = on.runs.get(id);
    if (run) {
      on.runs.delete(id);
      run(frame);
    } else if (type === 'connection_ack') {
      on.times.subscribedAt = now();
      for (const at of subscriptions.keys()) sendSubscribe(on, at);
      if (on.waiting.size === 0) onReady();
    } else if (type === 'next') {
      const at = Number(id.slice(1));
      const extensions: Topics = frame.payload.extensions ?? {};
      takeCursors(at, extensions);
      onNext(frame, at);
      if (extensions.event === 'Ready' && on.waiting.delete(at) && on.waiting.size === 0) onReady();
    } else if (type === 'error') {
      onError(frame);
    } else if (type === 'ping') {
      send(on, { type: 'pong' });
    }
  };

  const dial = (): Line => {
    const socket = new WebSocket(url, 'graphql-transport-ws', { perMessageDeflate: false });
    const waiting = new Set([...subscriptions.keys()].filter((at) => subscriptions[at]?.isLog !== false));
    const times = { dialedAt: now(), openedAt: 0, subscribedAt: 0 };
    return { socket, waiting, runs: new Map(), times };
  };

  const connect = (): Promise<Arrival> =>
    new Promise((resolve, reject) => {
      const dialed = dial();
      const { socket, times } = dialed;
      line = dialed;
      const onReady = (): void => {
        isPresent = true;
        resolve({ ...times, readyAt: now() });
      };
      socket.on('open', () => {
        times.openedAt = now();
        send(dialed, { type: 'connection_init', payload: { authorization: `Bearer ${token}` } });
      });
      socket.on('message', (data: Buffer) => {
        if (line !== dialed) return;
        if (isPresent && onRaw) onRaw(data);
        else take(dialed, JSON.parse(String(data)) as Frame, onReady);
      });
      // A close follows.
      socket.on('error', () => {});
      socket.on('close', (code, reason) => {
        const isMine = line === dialed;
        detach(dialed);
        for (const run of dialed.runs.values()) run({ type: 'error', payload: 'the socket closed' });
        reject(new Error(`the socket closed with ${code} ${reason}`));
        if (isMine) onLost(code);
      });
    });

  const end = (how: (socket: WebSocket) => void): void => {
    const ended = line;
    if (!ended) return;
    detach(ended);
    how(ended.socket);
  };

  return {
    get isPresent() {
      return isPresent;
    },
    get localPort() {
      return tcpOf(line?.socket)?.localPort ?? null;
    },
    connect,
    cut: () => end((socket) => socket.terminate()),
    leave: () => end((socket) => socket.close(1000)),
    stopReading: () => tcpOf(line?.socket)?.pause(),
    run: (query, variables) =>
      new Promise((resolve) => {
        if (!line || !isPresent) {
          resolve({ type: 'error', payload: 'absent' });
          return;
        }
        const id = `r${++runs}`;
        line.runs.set(id, resolve);
        send(line, { type: 'subscribe', id, payload: { query, variables } });
      }),
    complete(at) {
      if (line && isPresent) send(line, { type: 'complete', id: `s${at}` });
    },
    subscribe(at) {
      if (line && isPresent) sendSubscribe(line, at);
    },
  };
};

/** `pause()` of ws would still read what has come; the TCP socket under it does not. */
const tcpOf = (socket: WebSocket | undefined) =>
  (socket as (WebSocket & { _socket: import('node:net').Socket | null }) | undefined)?._socket;
