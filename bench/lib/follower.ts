import { once } from 'node:events';
import WebSocket from 'ws';
import { assertNever } from '../../src/util/assert-never.ts';
import { createDevice, type Subscription } from './device.ts';

/**
 * One socket that follows something, in the words of the server that it speaks with. All are as lean as the others, so that one
 * load process serves them all and costs them the same.
 *
 * - `edagent`: graphql-transport-ws; there when every subscription gave its `Ready`.
 * - `graphql`: graphql-transport-ws as any server speaks it; there when it is acknowledged, and what it subscribed to begins
 *   soon after.
 * - `bare`: first the topics (and a token), then `ready`, then frames.
 * - `socket.io`: the protocol of Socket.IO 4 over a WebSocket; there when the rooms are confirmed.
 */
export type Dialect = 'edagent' | 'graphql' | 'bare' | 'socket.io';

export interface FollowerOptions {
  readonly dialect: Dialect;
  readonly url: string;
  readonly token: string;
  /** For the two that speak GraphQL. */
  readonly subscriptions: readonly Subscription[];
  /** For the two that do not. */
  readonly topics: readonly string[];
  readonly onData: (data: Buffer) => void;
  readonly onLost: () => void;
}

export interface Follower {
  connect(): Promise<void>;
  /** Without a word, as a lost network does. */
  cut(): void;
}

const createGraphqlFollower = (options: FollowerOptions): Follower => {
  const { dialect, url, token, subscriptions, onData, onLost } = options;
  const device = createDevice({
    url,
    token,
    subscriptions:
      dialect === 'edagent' ? subscriptions : subscriptions.map((one) => ({ ...one, isLog: false })),
    onRaw: onData,
    onLost,
  });
  return {
    async connect() {
      await device.connect();
    },
    cut: () => device.cut(),
  };
};

/** How the sockets of a dialect begin, and what of theirs is no data. */
interface Manner {
  /** @returns true when all is confirmed. */
  take(socket: WebSocket, text: string): boolean;
  begin(socket: WebSocket): void;
  /** True when the frame was not for the follower. */
  serve(socket: WebSocket, data: Buffer): boolean;
}

const mannerOf = ({ dialect, token, topics }: FollowerOptions): Manner => {
  switch (dialect) {
    case 'bare':
      return {
        begin: (socket) => socket.send(JSON.stringify({ token, topics })),
        take: (_socket, text) => text === 'ready',
        serve: () => false,
      };
    case 'socket.io':
      return {
        begin() {},
        take(socket, text) {
          if (text.startsWith('0')) socket.send('40');
          else if (text.startsWith('40')) socket.send(`420${JSON.stringify(['follow', topics])}`);
          return text.startsWith('430');
        },
        serve(socket, data) {
          const isPing = data.length === 1 && data[0] === 0x32;
          if (isPing) socket.send('3');
          return isPing;
        },
      };
    case 'edagent':
    case 'graphql':
      throw new Error(`${dialect} is spoken by devices.`);
    default:
      return assertNever(dialect);
  }
};

const createPlainFollower = (options: FollowerOptions): Follower => {
  const { url, onData, onLost } = options;
  const manner = mannerOf(options);
  let current: WebSocket | null = null;
  return {
    async connect() {
      const socket = new WebSocket(url, { perMessageDeflate: false });
      current = socket;
      let isThere = false;
      const confirmed = new Promise<void>((resolve) => {
        socket.on('message', (data: Buffer) => {
          if (manner.serve(socket, data)) return;
          if (isThere) {
            if (current === socket) onData(data);
          } else if (manner.take(socket, String(data))) {
            isThere = true;
            resolve();
          }
        });
      });
      socket.on('error', () => {});
      socket.once('close', () => {
        if (current === socket) onLost();
      });
      const closed = once(socket, 'close').then(() => {
        if (!isThere) throw new Error('the socket closed before it followed anything');
      });
      // Awaited below, or never when it does not even open.
      closed.catch(() => {});
      await once(socket, 'open');
      manner.begin(socket);
      await Promise.race([confirmed, closed]);
    },
    cut() {
      const socket = current;
      current = null;
      socket?.terminate();
    },
  };
};

export const createFollower = (options: FollowerOptions): Follower =>
  options.dialect === 'edagent' || options.dialect === 'graphql'
    ? createGraphqlFollower(options)
    : createPlainFollower(options);
