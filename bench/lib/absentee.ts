import { createEdAgentClient } from 'edagent-client';
import WebSocket from 'ws';
import { sleep } from '../../src/util/sleep.ts';
import { now } from './clock.ts';
import { type Arrival, createDevice, type Frame } from './device.ts';

/** A client of the broadcasts to all whose socket is cut now and then; it comes back after a fixed absence, and resumes. */
export interface Absentee {
  readonly cuts: number;
  readonly failedReturns: number;
  readonly resyncs: number;
  readonly returns: readonly Return[];
  /** Resolves when it is ready for the first time. */
  begin(): Promise<void>;
  /** Its socket is cut without a word; resolves when it is ready again. */
  leaveAndReturn(): Promise<void>;
}

/** How long after its absence a client was until `Ready`, when everything that it had missed is there. */
export interface Return {
  /** From the first attempt to connect. */
  readonly fromDialMs: number;
  /** From its socket being open. */
  readonly fromOpenMs: number;
  /** From `subscribe` being sent. */
  readonly fromSubscribeMs: number;
  /** Messages that were sent before it dialed and came after. */
  readonly missed: number;
}

export interface AbsenteeOptions {
  readonly url: string;
  readonly token: string;
  readonly awayMs: number;
  /** @returns whether it was sent before this connection was dialed. */
  readonly onMessage: (text: string, receivedAt: number, dialedAt: number) => boolean;
}

export const broadcastsQuery = `subscription { messageReceived { __typename ... on BroadcastAdded { text } } }`;
const retryMs = 300;

interface Payload {
  readonly data?: {
    readonly messageReceived?: { readonly __typename: string; readonly text?: string };
  } | null;
  readonly extensions?: { readonly event?: string };
}

const toReturn = (arrival: Arrival, dialedAt: number, missed: number): Return => ({
  fromDialMs: arrival.readyAt - dialedAt,
  fromOpenMs: arrival.readyAt - arrival.openedAt,
  fromSubscribeMs: arrival.readyAt - arrival.subscribedAt,
  missed,
});

/** Keeps its cursors by itself, as edagent-client does. */
export const createLean = ({ url, token, awayMs, onMessage }: AbsenteeOptions): Absentee => {
  const returns: Return[] = [];
  const counts = { cuts: 0, failedReturns: 0, resyncs: 0, missed: 0 };
  let dialedAt = 0;
  let comingBack: Promise<void> | null = null;

  const onNext = ({ payload }: Frame): void => {
    const { data, extensions } = payload as Payload;
    if (extensions?.event === 'Resync') counts.resyncs++;
    const text = data?.messageReceived?.text;
    if (text !== undefined && onMessage(text, now(), dialedAt)) counts.missed++;
  };
  const device = createDevice({
    url,
    token,
    subscriptions: [{ query: broadcastsQuery }],
    onNext,
    // Cut by somebody else: back at once.
    onLost: () => void comeBack(),
  });

  const connectAgain = async (): Promise<void> => {
    counts.missed = 0;
    dialedAt = now();
    for (;;) {
      try {
        const arrival = await device.connect();
        returns.push(toReturn(arrival, dialedAt, counts.missed));
        return;
      } catch {
        counts.failedReturns++;
        await sleep(retryMs);
      }
    }
  };
  const comeBack = (): Promise<void> => {
    comingBack ??= connectAgain().finally(() => {
      comingBack = null;
    });
    return comingBack;
  };

  return {
    get cuts() {
      return counts.cuts;
    },
    get failedReturns() {
      return counts.failedReturns;
    },
    get resyncs() {
      return counts.resyncs;
    },
    returns,
    async begin() {
      await device.connect();
    },
    async leaveAndReturn() {
      if (!device.isPresent) return;
      counts.cuts++;
      device.cut();
      await sleep(awayMs);
      await comeBack();
    },
  };
};

/** A real edagent-client; only its wait before a retry is set, to the absence. */
export const createHelper = ({ url, token, awayMs, onMessage }: AbsenteeOptions): Absentee => {
  const returns: Return[] = [];
  const counts = { cuts: 0, resyncs: 0, missed: 0, dials: 0 };
  const times = { dialedAt: 0, openedAt: 0, subscribedAt: 0 };
  let socket: WebSocket | null = null;
  let onReady: (arrival: Arrival) => void = () => {};

  const client = createEdAgentClient({
    url,
    webSocketImpl: WebSocket,
    connectionParams: { authorization: `Bearer ${token}` },
    retryWait: () => sleep(awayMs),
    onResync: () => {
      counts.resyncs++;
    },
    on: {
      connecting() {
        counts.missed = 0;
        counts.dials++;
        times.dialedAt = now();
      },
      opened(opened) {
        socket = opened as WebSocket;
        times.openedAt = now();
      },
      // The subscribe follows in the same turn.
      connected() {
        times.subscribedAt = now();
      },
    },
  });
  const ready = (): Promise<Arrival> =>
    new Promise((resolve) => {
      onReady = resolve;
    });

  return {
    get cuts() {
      return counts.cuts;
    },
    // The first dial of each return is its own.
    get failedReturns() {
      return counts.dials - 1 - returns.length;
    },
    get resyncs() {
      return counts.resyncs;
    },
    returns,
    async begin() {
      const first = ready();
      client.subscribe(
        { query: broadcastsQuery },
        {
          next({ data, extensions }) {
            if ((extensions as Payload['extensions'])?.event === 'Ready')
              onReady({ ...times, readyAt: now() });
            const { text } = (data as Payload['data'])?.messageReceived ?? {};
            if (text !== undefined && onMessage(text, now(), times.dialedAt)) counts.missed++;
          },
          error: (error) => console.error('a subscription ended:', error),
          complete: () => {},
        },
      );
      await first;
    },
    async leaveAndReturn() {
      counts.cuts++;
      const back = ready();
      socket?.terminate();
      returns.push(toReturn(await back, times.dialedAt, counts.missed));
    },
  };
};
