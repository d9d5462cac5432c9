import { setMaxListeners } from 'node:events';
import { sleep } from '../../src/util/sleep.ts';
import { eventually } from '../../test/support/eventually.ts';
import { createRandom, type Random } from '../../test/support/random.ts';
import { type Absentee, broadcastsQuery, createHelper, createLean, type Return } from '../lib/absentee.ts';
import { createDevice } from '../lib/device.ts';
import { type Calls, serveLoad } from '../lib/load.ts';
import { eachOf } from '../lib/pace.ts';

/** Clients that lose their socket again and again, and note what they get. */
export interface DropsLoad extends Calls {
  /** Resolves when all are ready. */
  connect(argument: ConnectArgument): Promise<void>;
  /** One more client comes and goes while nothing else happens: what a return takes at the least, from dialing to `Ready`. */
  baseline(argument: {
    readonly url: string;
    readonly token: string;
    readonly times: number;
  }): Promise<readonly number[]>;
  /** Begins to cut. */
  play(argument: PlayArgument): Promise<void>;
  /** Cuts no more and waits until all have all messages, at most so long. */
  settle(argument: { readonly messages: number; readonly timeoutMs: number }): Promise<Tally>;
}

export interface ConnectArgument {
  readonly url: string;
  /** One for each client. */
  readonly tokens: readonly string[];
  /** So many of them are edagent-clients, the others lean ones. */
  readonly helpers: number;
  readonly awayMs: number;
}

export interface PlayArgument {
  readonly seed: number;
  readonly everyMs: number;
  /** Added at random. */
  readonly jitterMs: number;
}

export interface Tally {
  readonly received: number;
  /** Of the same message, to the same client, again. */
  readonly repeated: number;
  /** After a later one. */
  readonly disordered: number;
  readonly resyncs: number;
  readonly cuts: number;
  readonly failedReturns: number;
  /** From the sending of a message to its delivery, each delivery. */
  readonly delayMs: readonly number[];
  /** From the first attempt to connect to the delivery, each message that was sent before that. */
  readonly missedDelayMs: readonly number[];
  readonly returns: readonly (Return & { readonly isHelper: boolean })[];
}

interface Client {
  readonly absentee: Absentee;
  readonly isHelper: boolean;
  readonly received: Set<number>;
}

const connectAtOnce = 20;
const firstCutMs = 5_000;

let clients: Client[] = [];
let stopping = new AbortController();
const tally = { repeated: 0, disordered: 0 };
const delayMs: number[] = [];
const missedDelayMs: number[] = [];

const takeMessage = (received: Set<number>) => {
  let last = 0;
  return (text: string, receivedAt: number, dialedAt: number): boolean => {
    const [seq = 0, sentAt = 0] = text.split(' ').map(Number);
    if (received.has(seq)) tally.repeated++;
    else if (seq < last) tally.disordered++;
    received.add(seq);
    last = Math.max(last, seq);
    delayMs.push(receivedAt - sentAt);
    const isMissed = sentAt < dialedAt;
    if (isMissed) missedDelayMs.push(receivedAt - dialedAt);
    return isMissed;
  };
};

const cutAgainAndAgain = async (
  { absentee }: Client,
  random: Random,
  { everyMs, jitterMs }: PlayArgument,
): Promise<void> => {
  const { signal } = stopping;
  await sleep(firstCutMs + random.next() * everyMs, signal);
  while (!signal.aborted) {
    await absentee.leaveAndReturn();
    await sleep(everyMs + random.next() * jitterMs, signal);
  }
};

let playing: Promise<unknown> = Promise.resolve();

serveLoad<DropsLoad>({
  async connect({ url, tokens, helpers, awayMs }) {
    clients = tokens.map((token, at) => {
      const isHelper = at < helpers;
      const received = new Set<number>();
      const create = isHelper ? createHelper : createLean;
      const absentee = create({ url, token, awayMs, onMessage: takeMessage(received) });
      return { absentee, isHelper, received };
    });
    await eachOf(clients, connectAtOnce, ({ absentee }) => absentee.begin());
  },
  async baseline({ url, token, times }) {
    const device = createDevice({ url, token, subscriptions: [{ query: broadcastsQuery }] });
    const took: number[] = [];
    for (let at = 0; at < times; at++) {
      const { dialedAt, readyAt } = await device.connect();
      took.push(readyAt - dialedAt);
      device.cut();
    }
    return took;
  },
  async play(argument) {
    stopping = new AbortController();
    // One of every client.
    setMaxListeners(0, stopping.signal);
    playing = Promise.all(
      clients.map((client, at) =>
        cutAgainAndAgain(client, createRandom(argument.seed * 1_000_003 + at), argument),
      ),
    );
  },
  async settle({ messages, timeoutMs }) {
    stopping.abort();
    await playing;
    const isComplete = () => clients.every(({ received }) => received.size >= messages);
    // What is not there by then is reported as not delivered.
    await eventually(isComplete, { timeoutMs, intervalMs: 50 }).catch(() => {});
    const sum = (of: (client: Client) => number): number =>
      clients.reduce((total, client) => total + of(client), 0);
    return {
      ...tally,
      received: sum(({ received }) => received.size),
      resyncs: sum(({ absentee }) => absentee.resyncs),
      cuts: sum(({ absentee }) => absentee.cuts),
      failedReturns: sum(({ absentee }) => absentee.failedReturns),
      delayMs,
      missedDelayMs,
      returns: clients.flatMap(({ absentee, isHelper }) =>
        absentee.returns.map((entry) => ({ ...entry, isHelper })),
      ),
    };
  },
});
