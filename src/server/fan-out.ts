import type { Context as ConnectionContext } from 'graphql-ws';
import type { Follower, PullSource } from '../util/pull-source.ts';
import type { Cohort } from './fan-out-cohort.ts';
import { type MaskError, toWire } from './mask-error.ts';
import { toFrameHeader, toTextFrame, toWireBytes, toWireText } from './wire-bytes.ts';
import type { GuardedSocket } from './ws-socket.ts';

/**
 * Delivers the events of subscriptions to their sockets, without a promise for each. A delivery:
 *
 *     idle ──(readable)──▶ scheduled ──(taken all)──▶ idle
 *      ▲                       │ └──(ended)──▶ finished
 *      └──(drained)── blocked ◀┘ the socket has no room
 *
 * The frame of an event for an idle one is made as the event comes, and held: `maxHeld` of them, or all of the callback that brought
 * them, are written one after the other. Writing is most of the cost, in the kernel, and it is a third dearer when each write
 * finds the caches of the processor full of something else. So it is for the first event of a socket in a turn of the event
 * loop, and for as many sockets as fit into `turnMs`. All others are scheduled, and what one socket gets is written together. `serve` takes them from their sources, in turns that end after `turnMs`: one event to thousands of
 * sockets does not stop the others. Nothing is taken for a socket without room, so that what waits for a slow one waits in
 * its source, which bounds it.
 */
export interface FanOut {
  /** `source` must be the entry of `id` in the context's subscriptions; while it is, its end is told to the client. */
  deliver(options: DeliveryOptions): void;
  /** The socket has room again. */
  resume(outlet: Outlet): void;
  dispose(): void;
}

export interface DeliveryOptions {
  readonly outlet: Outlet;
  readonly context: ConnectionContext<Record<string, unknown>, unknown>;
  readonly id: string;
  readonly source: PullSource<unknown>;
  readonly cohort: Cohort;
  readonly onEnd: () => void;
}

/** One socket, and what its deliveries share. */
export interface Outlet {
  readonly socket: Pick<GuardedSocket, 'write' | 'hasRoom'>;
  /** Its deliveries that are scheduled; after the last of them the frames are written, all at once. */
  scheduled: number;
  frames: string;
  frameCount: number;
  /** The turn in which it was last written to. */
  turn: number;
  /** Waits for room; null: nobody does. */
  blocked: Delivery[] | null;
}

interface DeliveryHost {
  schedule(delivery: Delivery): void;
  isOpen(outlet: Outlet): boolean;
  write(delivery: Delivery, event: unknown): void;
}

/** A class, not closures, because there are as many as subscriptions. */
class Delivery implements Follower<unknown> {
  readonly outlet: Outlet;
  readonly context: DeliveryOptions['context'];
  readonly id: string;
  readonly source: PullSource<unknown>;
  readonly cohort: Cohort;
  readonly onEnd: () => void;
  /** What stands before the payload. */
  readonly head: string;
  isScheduled: boolean;
  isFinished: boolean;
  readonly #host: DeliveryHost;

  constructor(host: DeliveryHost, { outlet, context, id, source, cohort, onEnd }: DeliveryOptions) {
    this.outlet = outlet;
    this.context = context;
    this.id = id;
    this.source = source;
    this.cohort = cohort;
    this.onEnd = onEnd;
    this.head = toHead(id);
    this.isScheduled = false;
    this.isFinished = false;
    this.#host = host;
  }

  onReadable(): void {
    this.#host.schedule(this);
  }

  get isOpen(): boolean {
    return !this.isScheduled && !this.isFinished && this.#host.isOpen(this.outlet);
  }

  give(event: unknown): void {
    this.#host.write(this, event);
  }
}

export interface FanOutOptions {
  readonly maskError: MaskError;
  /** How long a turn may take before the event loop has its own. @default 5 */
  readonly turnMs?: number;
}

/** More of one socket is left to its next turn. */
const maxTurnBytes = 65_536;
/** Few enough that their sockets, looked at when the frames were made, are still near. */
const maxHeld = 32;
/** Deliveries between two looks at the clock. */
const clockEvery = 32;

/** A message of graphql-transport-ws for this operation, as a frame. */
export const toMessageFrame = (id: string, type: 'next' | 'error' | 'complete', payload?: unknown): string =>
  toTextFrame(toWireBytes({ id, type, ...(payload !== undefined && { payload }) }));

const toHead = (id: string): string => toWireText(`{"id":${JSON.stringify(id)},"type":"next","payload":`);

const createEventFrames = (): ((delivery: Delivery, event: unknown) => string) => {
  // An event has the same length for most of its subscribers.
  let length = 0;
  let header = toFrameHeader(length);
  return ({ head, cohort }, event) => {
    const bytes = `${head}${cohort.payloadOf(event)}}`;
    if (bytes.length !== length) {
      length = bytes.length;
      header = toFrameHeader(length);
    }
    return header + bytes;
  };
};

export const createFanOut = ({ maskError, turnMs = 5 }: FanOutOptions): FanOut => {
  const toEventFrame = createEventFrames();
  let scheduled: Delivery[] = [];
  let immediate: NodeJS.Immediate | undefined;
  let isArmed = false;
  let isDisposed = false;
  let turn = 0;
  let isTurnOver = true;
  let turnEndsAt = 0;
  let written = 0;
  /** With frames that are not written yet. */
  let held: Outlet[] = [];

  /**
   * Soon, behind the callback that brought the events; not in a later phase of the event loop, otherwise the last delta of
   * an answer would fall to the end that follows it.
   */
  const arm = (): void => {
    if (isArmed) return;
    isArmed = true;
    queueMicrotask(run);
  };

  const writeHeld = (): void => {
    const outlets = held;
    held = [];
    for (const outlet of outlets) flush(outlet);
  };

  const endTurn = (): void => {
    isTurnOver = true;
    writeHeld();
  };

  /** Of writing as events come: the callback that brings them. */
  const beginTurn = (): void => {
    isTurnOver = false;
    turn += 1;
    written = 0;
    turnEndsAt = performance.now() + turnMs;
    queueMicrotask(endTurn);
  };

  const isOpen = (outlet: Outlet): boolean => {
    if (isTurnOver) beginTurn();
    if (outlet.turn === turn || outlet.scheduled > 0 || !outlet.socket.hasRoom) return false;
    written += 1;
    return written % clockEvery !== 0 || performance.now() < turnEndsAt;
  };

  const schedule = (delivery: Delivery): void => {
    if (delivery.isScheduled || delivery.isFinished) return;
    delivery.isScheduled = true;
    delivery.outlet.scheduled += 1;
    scheduled.push(delivery);
    arm();
  };

  const add = (outlet: Outlet, frame: string): void => {
    outlet.frames += frame;
    outlet.frameCount += 1;
  };

  const finish = (delivery: Delivery): void => {
    const { outlet, context, id, source, onEnd } = delivery;
    delivery.isFinished = true;
    // No longer there: the client completed it, or left.
    if (context.subscriptions[id] === source) {
      delete context.subscriptions[id];
      add(outlet, toMessageFrame(id, 'complete'));
    }
    onEnd();
  };

  const fail = (delivery: Delivery, error: unknown): void => {
    const { outlet, context, id, source } = delivery;
    const errors = [toWire(maskError(error)).toJSON()];
    if (context.subscriptions[id] === source) add(outlet, toMessageFrame(id, 'next', { errors }));
    finish(delivery);
    void source.return();
  };

  const flush = (outlet: Outlet): void => {
    const { frames, frameCount } = outlet;
    if (frameCount === 0) return;
    outlet.frames = '';
    outlet.frameCount = 0;
    outlet.socket.write(frames, frameCount);
  };

  const write = (delivery: Delivery, event: unknown): void => {
    const { outlet } = delivery;
    outlet.turn = turn;
    try {
      add(outlet, toEventFrame(delivery, event));
    } catch (error) {
      fail(delivery, error);
    }
    held.push(outlet);
    if (held.length === maxHeld) writeHeld();
  };

  const takeAll = (delivery: Delivery): void => {
    if (delivery.isFinished) return;
    const { outlet, source } = delivery;
    // Also without room: the socket may have closed under it.
    if (source.isEnded) {
      finish(delivery);
      return;
    }
    try {
      while (outlet.socket.hasRoom && outlet.frames.length < maxTurnBytes) {
        const event = source.take();
        if (event === null) {
          if (source.isEnded) finish(delivery);
          return;
        }
        add(outlet, toEventFrame(delivery, event));
      }
    } catch (error) {
      fail(delivery, error);
      return;
    }
    if (outlet.socket.hasRoom) {
      schedule(delivery);
      return;
    }
    outlet.blocked ??= [];
    outlet.blocked.push(delivery);
  };

  const serve = (delivery: Delivery): void => {
    const { outlet } = delivery;
    delivery.isScheduled = false;
    outlet.scheduled -= 1;
    takeAll(delivery);
    if (outlet.scheduled === 0 || outlet.frames.length >= maxTurnBytes) flush(outlet);
  };

  const run = (): void => {
    if (isDisposed) return;
    const waiting = scheduled;
    scheduled = [];
    const until = performance.now() + turnMs;
    let served = 0;
    for (const delivery of waiting) {
      if (served % clockEvery === 0 && served > 0 && performance.now() > until) break;
      served += 1;
      serve(delivery);
    }
    if (served < waiting.length) scheduled = [...waiting.slice(served), ...scheduled];
    // The event loop has its own turn before what is left.
    isArmed = scheduled.length > 0;
    if (isArmed) immediate = setImmediate(run);
  };

  const host: DeliveryHost = { schedule, isOpen, write };

  return {
    deliver(options) {
      options.source.follow(new Delivery(host, options));
    },
    resume(outlet) {
      const { blocked } = outlet;
      outlet.blocked = null;
      for (const delivery of blocked ?? []) schedule(delivery);
    },
    dispose() {
      isDisposed = true;
      clearImmediate(immediate);
    },
  };
};
