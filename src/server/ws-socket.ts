import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';

/** One WebSocket as graphql-ws wants it, with bounds on what a peer that does not read can cost. */
export interface GuardedSocket {
  readonly protocol: string;
  send(data: string): Promise<void>;
  /** Whole frames, a character for each byte, past the queue of promises of `send`. Lost when the socket is not open. */
  write(frames: string, count: number): void;
  /** Open, and the peer takes what it gets. False: `onRoom` tells. */
  readonly hasRoom: boolean;
  close(code: number, reason: string): void;
  onMessage(callback: (data: string) => Promise<void>): void;
  /** Ends its timers. */
  release(): void;
}

export interface GuardedSocketOptions {
  readonly socket: WebSocket;
  /** What the socket writes to, each frame in one turn: frames of others may stand between its own. */
  readonly stream: Duplex;
  readonly pingEveryMs: number;
  /** Beyond these nothing more is read from the peer, and it is cut when it takes nothing for `stallMs`. */
  readonly maxUnsentBytes: number;
  readonly maxUnsentFrames: number;
  readonly stallMs: number;
  readonly onStall: () => void;
  readonly onBroken: (error: unknown) => void;
  readonly onIn: () => void;
  readonly onOut: (count: number) => void;
  readonly onRoom: () => void;
}

/** A peer that does not answer a close is cut after this long. */
const closeTimeoutMs = 2_000;
const maxReasonBytes = 123;

const toReason = (reason: string): string => {
  const bytes = Buffer.from(reason);
  return bytes.length <= maxReasonBytes
    ? reason
    : bytes
        .subarray(0, maxReasonBytes)
        .toString()
        .replace(/\ufffd+$/, '');
};

export const guardSocket = (options: GuardedSocketOptions): GuardedSocket => {
  const { socket, stream, pingEveryMs, maxUnsentBytes, maxUnsentFrames, stallMs } = options;
  const { onStall, onBroken, onIn, onOut, onRoom } = options;
  let isAlive = true;
  let unsentFrames = 0;
  let drainedAt = performance.now();
  let closeTimer: NodeJS.Timeout | undefined;

  const isFull = (): boolean => socket.bufferedAmount > maxUnsentBytes || unsentFrames > maxUnsentFrames;

  const checkAlive = (): void => {
    if (!isAlive) {
      socket.terminate();
      return;
    }
    isAlive = false;
    socket.ping();
  };

  const checkStall = (): void => {
    if (unsentFrames === 0) drainedAt = performance.now();
    else if (isFull() && performance.now() - drainedAt > stallMs) onStall();
  };

  const onPong = (): void => {
    isAlive = true;
  };

  const onDrained = (): void => {
    unsentFrames -= 1;
    isAlive = true;
    drainedAt = performance.now();
    if (socket.isPaused && !isFull()) socket.resume();
  };

  const onStreamDrain = (): void => {
    isAlive = true;
    drainedAt = performance.now();
    onRoom();
  };

  socket.on('pong', onPong);
  stream.on('drain', onStreamDrain);
  const pingTimer = setInterval(checkAlive, pingEveryMs);
  const stallTimer = setInterval(checkStall, stallMs / 4);

  const close = (code: number, reason: string): void => {
    if (socket.readyState === socket.CLOSED) return;
    // The peer's answer to the close may stand behind what is not read.
    if (socket.isPaused) socket.resume();
    socket.close(code, toReason(reason));
    closeTimer ??= setTimeout(() => socket.terminate(), closeTimeoutMs);
  };

  return {
    protocol: socket.protocol,
    send: (data) =>
      new Promise((resolve) => {
        if (socket.readyState !== socket.OPEN) {
          resolve();
          return;
        }
        onOut(1);
        unsentFrames += 1;
        // A failed send shows as the socket's close; the producer of the data need not hear of it.
        socket.send(data, () => {
          onDrained();
          resolve();
        });
      }),
    write(frames, count) {
      if (socket.readyState !== socket.OPEN) return;
      onOut(count);
      stream.write(frames, 'latin1');
      if (stream.writableLength > 0) return;
      isAlive = true;
      drainedAt = performance.now();
    },
    get hasRoom() {
      return socket.readyState === socket.OPEN && !stream.writableNeedDrain;
    },
    close,
    onMessage(callback) {
      socket.on('message', (data) => {
        // After a close was sent nothing new is begun.
        if (socket.readyState !== socket.OPEN) return;
        isAlive = true;
        onIn();
        callback(String(data)).catch(onBroken);
        // Who asks without reading the answers is not heard any more until it does.
        if (isFull() && !socket.isPaused) socket.pause();
      });
    },
    release() {
      clearInterval(pingTimer);
      clearInterval(stallTimer);
      clearTimeout(closeTimer);
    },
  };
};
