import type { Context as ConnectionContext } from 'graphql-ws';
import type { PullSource } from '../util/pull-source.ts';
import type { Cohort } from './fan-out-cohort.ts';
import { type MaskError, toWire } from './mask-error.ts';
import { toTextFrame, toWireBytes, toWireText } from './wire-bytes.ts';
import type { GuardedSocket } from './ws-socket.ts';

/**
 * Delivers the events of subscriptions to their sockets, without a promise for each. A delivery:
 *
 *     idle ──(readable)──▶ scheduled ──(taken all)──▶ idle
 *      ▲                       │ └──(ended)──▶ finished
 *      └──(drained)── blocked ◀┘ the socket has no room
 *
 * `serve` is the only function that takes from a source, in turns of the event loop that end after `turnMs`: one event to
 * thousands of sockets does not stop the others. What one socket gets in a turn is written together. Nothing is taken
 * for a socket without room, so that what waits for a slow one waits in its source, which bounds it.
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
  /** Waits for room; null: nobody does. */
  blocked: Delivery[] | null;
}

interface Delivery extends DeliveryOptions {
  /** What stands before the payload. */
  readonly head: string;
  isScheduled: boolean;
  isFinished: boolean;
}

export interface FanOutOptions {
  readonly maskError: MaskError;
  /** How long a turn may take before the event loop has its own. @default 5 */
  readonly turnMs?: number;
}

/** More of one socket is left to its next turn. */
const maxTurnBytes = 65_536;
/** Deliveries between two looks at the clock. */
const clockEvery = 32;

/** A message of graphql-transport-ws for this operation, as a frame. */
export const toMessageFrame = (id: string, type: 'next' | 'error' | 'complete', payload?: unknown): string =>
  toTextFrame(toWireBytes({ id, type, ...(payload !== undefined && { payload }) }));

const toHead = (id: string): string => toWireText(`{"id":${JSON.stringify(id)},"type":"next","payload":`);

export const createFanOut = ({ maskError, turnMs = 5 }: FanOutOptions): FanOut => {
  let scheduled: Delivery[] = [];
  let immediate: NodeJS.Immediate | undefined;
  let isArmed = false;
  let isDisposed = false;

  /**
   * Soon, behind the callback that brought the events; not in a later phase of the event loop, otherwise the last delta of
   * an answer would fall to the end that follows it.
   */
  const arm = (): void => {
    if (isArmed) return;
    isArmed = true;
    queueMicrotask(run);
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

  const takeAll = (delivery: Delivery): void => {
    if (delivery.isFinished) return;
    const { outlet, source, cohort, head } = delivery;
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
        add(outlet, toTextFrame(`${head}${cohort.payloadOf(event)}}`));
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
    const { frames, frameCount } = outlet;
    if (frameCount === 0 || (outlet.scheduled > 0 && frames.length < maxTurnBytes)) return;
    outlet.frames = '';
    outlet.frameCount = 0;
    outlet.socket.write(frames, frameCount);
  };

  const run = (): void => {
    if (isDisposed) return;
    const turn = scheduled;
    scheduled = [];
    const until = performance.now() + turnMs;
    let served = 0;
    for (const delivery of turn) {
      if (served % clockEvery === 0 && served > 0 && performance.now() > until) break;
      served += 1;
      serve(delivery);
    }
    if (served < turn.length) scheduled = [...turn.slice(served), ...scheduled];
    // The event loop has its own turn before what is left.
    isArmed = scheduled.length > 0;
    if (isArmed) immediate = setImmediate(run);
  };

  return {
    deliver(options) {
      const delivery: Delivery = {
        ...options,
        head: toHead(options.id),
        isScheduled: false,
        isFinished: false,
      };
      options.source.follow(() => schedule(delivery));
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
