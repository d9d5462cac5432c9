import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import { createRota } from '../util/rota.ts';
import { bytesBeforeKernel } from './kernel-queue.ts';
import { pingFrame } from './wire-bytes.ts';

/** One WebSocket as graphql-ws wants it, with bounds on what a peer that does not read can cost. */
export interface GuardedSocket {
  readonly protocol: string;
  /**
   * Resolves when it is sent, or once the socket is gone and `letGo` was called: before that, whoever sends what waits for a
   * socket that closes would go through all of it for nobody.
   */
  send(data: string): Promise<void>;
  /** Whole frames, a character for each byte, past the queue of promises of `send`. Lost when the socket is not open. */
  write(frames: string, count: number): void;
  /** Open, and the peer takes what it gets. False: `onRoom` tells. */
  readonly hasRoom: boolean;
  close(code: number, reason: string): void;
  onMessage(callback: (data: string) => Promise<void>): void;
  /** It closed. */
  release(): void;
  /** All that was sent to it has been ended. */
  letGo(): void;
}

/** Whose socket it is. */
export interface SocketOwner {
  onStall(): void;
  onBroken(error: unknown): void;
  onIn(): void;
  /** True: the message was for it, and goes no further. */
  accept(data: string): boolean;
  onOut(count: number): void;
  /** It has room again. */
  onRoom(): void;
  /** Something waits for it to have room. */
  readonly isWaiting: boolean;
}

export interface SocketGuardOptions {
  readonly pingEveryMs: number;
  /** Beyond these nothing more is read from the peer, and it is cut when it takes nothing for `stallMs`. */
  readonly maxUnsentBytes: number;
  readonly maxUnsentFrames: number;
  readonly stallMs: number;
}

/** Guards the sockets of a node. */
export interface SocketGuard {
  /** `stream`: what the socket writes to, each frame in one turn, so that frames of others may stand between its own. */
  guard(socket: WebSocket, stream: Duplex, owner: SocketOwner): GuardedSocket;
  dispose(): void;
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

/** What the sockets of a node have in common. */
interface GuardHost {
  readonly options: SocketGuardOptions;
  watch(socket: Guarded): void;
  release(socket: Guarded): void;
}

/** A class, not closures, because of what an idle socket weighs. */
class Guarded implements GuardedSocket {
  readonly #socket: WebSocket;
  readonly #stream: Duplex;
  readonly #owner: SocketOwner;
  readonly #host: GuardHost;
  #isAlive: boolean;
  /** Whether it is watched for a stall: only while something waits for the kernel to take it. */
  #isWatched: boolean;
  #unsentFrames = 0;
  /** Of the last look, while it is watched. */
  #bytesBeforeKernel = 0;
  #drainedAt = performance.now();
  #closeTimer: NodeJS.Timeout | undefined;
  /** Those who go on once it is let go. */
  #held: (() => void)[] | null = null;
  #isGone = false;

  constructor(parts: { socket: WebSocket; stream: Duplex; owner: SocketOwner }, host: GuardHost) {
    this.#socket = parts.socket;
    this.#stream = parts.stream;
    this.#owner = parts.owner;
    this.#host = host;
    this.#isAlive = true;
    this.#isWatched = false;
    this.#socket.on('pong', () => {
      this.#isAlive = true;
    });
    // It was answered by ws itself.
    this.#socket.on('ping', () => {
      if (this.#socket.bufferedAmount > 0) this.#watch();
      this.#hearUntilFull();
    });
    this.#stream.on('drain', () => {
      // It took what waited. That the kernel takes what is written says nothing of the peer.
      this.#isAlive = true;
      this.#drainedAt = performance.now();
      this.#hearAgain();
      this.#owner.onRoom();
    });
  }

  get protocol(): string {
    return this.#socket.protocol;
  }

  get hasRoom(): boolean {
    return this.#isOpen && !this.#stream.writableNeedDrain;
  }

  send(data: string): Promise<void> {
    return new Promise((resolve) => {
      if (!this.#isOpen) {
        this.#proceed(resolve);
        return;
      }
      this.#owner.onOut(1);
      this.#unsentFrames += 1;
      // A failed send shows as the socket's close; the producer of the data need not hear of it.
      this.#socket.send(data, () => {
        this.#unsentFrames -= 1;
        this.#drainedAt = performance.now();
        this.#hearAgain();
        this.#proceed(resolve);
      });
      if (this.#socket.bufferedAmount > 0) this.#watch();
    });
  }

  write(frames: string, count: number): void {
    if (!this.#isOpen) return;
    this.#owner.onOut(count);
    const hadBacklog = this.#stream.writableLength > 0;
    this.#stream.write(frames, 'latin1');
    if (hadBacklog || this.#stream.writableLength === 0) return;
    this.#drainedAt = performance.now();
    this.#watch();
  }

  close(code: number, reason: string): void {
    const socket = this.#socket;
    if (socket.readyState === socket.CLOSED) return;
    // The peer's answer to the close may stand behind what is not read.
    if (socket.isPaused) socket.resume();
    socket.close(code, toReason(reason));
    this.#closeTimer ??= setTimeout(() => socket.terminate(), closeTimeoutMs);
  }

  onMessage(callback: (data: string) => Promise<void>): void {
    this.#socket.on('message', (data) => {
      // After a close was sent nothing new is begun.
      if (!this.#isOpen) return;
      this.#isAlive = true;
      this.#owner.onIn();
      const text = String(data);
      if (!this.#owner.accept(text)) callback(text).catch((error: unknown) => this.#owner.onBroken(error));
      this.#hearUntilFull();
    });
  }

  release(): void {
    clearTimeout(this.#closeTimer);
    this.#host.release(this);
  }

  letGo(): void {
    this.#isGone = true;
    for (const resolve of this.#held ?? []) resolve();
    this.#held = null;
  }

  checkAlive(): void {
    if (!this.#isAlive) {
      this.#socket.terminate();
      return;
    }
    this.#isAlive = false;
    if (this.#isOpen) this.#stream.write(pingFrame, 'latin1');
  }

  /** @returns whether it is to be watched on. */
  checkStall(): boolean {
    if (this.#socket.bufferedAmount === 0) {
      this.#isWatched = false;
      return false;
    }
    this.#noteProgress();
    const isStopped = this.#isFull || this.#owner.isWaiting;
    if (isStopped && performance.now() - this.#drainedAt > this.#host.options.stallMs) this.#owner.onStall();
    return true;
  }

  /** A frame larger than the buffers of the system is taken in parts; and nothing the peer says comes past it. */
  #noteProgress(): void {
    const before = this.#bytesBeforeKernel;
    this.#bytesBeforeKernel = bytesBeforeKernel(this.#stream);
    if (this.#bytesBeforeKernel >= before) return;
    this.#isAlive = true;
    this.#drainedAt = performance.now();
  }

  #watch(): void {
    if (this.#isWatched) return;
    this.#isWatched = true;
    // Nothing waited before.
    this.#bytesBeforeKernel = 0;
    this.#drainedAt = performance.now();
    this.#host.watch(this);
  }

  get #isOpen(): boolean {
    return this.#socket.readyState === this.#socket.OPEN;
  }

  get #isFull(): boolean {
    const { maxUnsentBytes, maxUnsentFrames } = this.#host.options;
    return this.#socket.bufferedAmount > maxUnsentBytes || this.#unsentFrames > maxUnsentFrames;
  }

  #proceed(resolve: () => void): void {
    if (this.#isOpen || this.#isGone) {
      resolve();
      return;
    }
    this.#held ??= [];
    this.#held.push(resolve);
  }

  /** Who asks without reading the answers is not heard any more until it does. */
  #hearUntilFull(): void {
    if (this.#isFull && !this.#socket.isPaused) this.#socket.pause();
  }

  #hearAgain(): void {
    if (this.#socket.isPaused && !this.#isFull) this.#socket.resume();
  }
}

export const createSocketGuard = (options: SocketGuardOptions): SocketGuard => {
  const pings = createRota<Guarded>({
    everyMs: options.pingEveryMs,
    onTurn: (guarded) => guarded.checkAlive(),
  });
  const stalls = createRota<Guarded>({
    everyMs: options.stallMs / 4,
    onTurn(guarded) {
      if (!guarded.checkStall()) stalls.delete(guarded);
    },
  });
  const host: GuardHost = {
    options,
    watch: (guarded) => stalls.add(guarded),
    release(guarded) {
      pings.delete(guarded);
      stalls.delete(guarded);
    },
  };

  return {
    guard(socket, stream, owner) {
      const guarded = new Guarded({ socket, stream, owner }, host);
      pings.add(guarded);
      return guarded;
    },
    dispose() {
      pings.dispose();
      stalls.dispose();
    },
  };
};
