import { sleep } from '../src/util/sleep.ts';
import { now } from './lib/clock.ts';
import { watchCpu } from './lib/cpu-share.ts';
import { startLoad } from './lib/load.ts';
import { offer } from './lib/pace.ts';
import type { Options, Question, Run } from './lib/question.ts';
import { type Distribution, toCumulative, toDistribution } from './lib/stats.ts';
import { startSystem } from './lib/system.ts';
import type { DropsLoad, Tally } from './loads/drops.ts';
import { linePlot } from './plot/line-plot.ts';

/**
 * Does anything get lost when sockets are cut all the time, and how soon has a client that comes back what it missed?
 *
 * Load: that of the public benchmark of AnyCable for Node.js ("delivery under jitter"). Clients that are each a learner follow the
 * broadcasts to all; 120 messages go out, one every 500 ms; each client's socket is cut after 5 s to 20 s and then 15 s to
 * 20 s after each return, without a close frame, and the client stays away for 2 s.
 *
 * Expected: all delivered, once and in order; caught up within 500 ms of the first attempt to connect, at the 99th of a hundred
 * returns. Counted as that benchmark does (from sending to delivery, the absence included) the 99th of a hundred deliveries
 * cannot be much below the absence of 2 s.
 *
 * Worse: one delivery missing; catching up that takes longer the more clients return at once.
 */
const optionTable = {
  clients: { default: 1_000, doc: 'clients, each a user of its own' },
  helpers: { default: 50, doc: 'how many of them are edagent-clients; the others are lean ones' },
  messages: { default: 120, doc: 'broadcasts to all' },
  intervalMs: { default: 500, doc: 'between two of them' },
  cutEveryMs: { default: 15_000, doc: 'shortest time from a return to the next cut' },
  cutJitterMs: { default: 5_000, doc: 'added to that at random' },
  awayMs: { default: 2_000, doc: 'how long a client stays away' },
} as const;

type Values = Options<typeof optionTable>;

interface CatchUp {
  readonly returns: number;
  readonly fromDialMs: Distribution;
  readonly fromOpenMs: Distribution;
  readonly fromSubscribeMs: Distribution;
}

export interface DropsMeasured {
  readonly clients: number;
  readonly helpers: number;
  readonly awayMs: number;
  /** The longest time from a return to the next cut. */
  readonly cutLatestMs: number;
  readonly expected: number;
  readonly delivered: number;
  readonly deliveredPercent: number;
  readonly repeated: number;
  readonly disordered: number;
  readonly resyncs: number;
  readonly cuts: number;
  readonly failedReturns: number;
  /** One client on the idle server, from dialing to `Ready`. */
  readonly baselineMs: Distribution;
  /** Returns of clients that had missed something. */
  readonly catchUp: CatchUp;
  readonly catchUpOfHelpers: CatchUp;
  /** Each missed message, from the first attempt to connect to its delivery. */
  readonly missedDelayMs: Distribution;
  /** As the public benchmark counts: each delivery, from sending, absence included. */
  readonly delayMs: Distribution;
  readonly serverCpuPercent: number;
  readonly loadCpuPercent: number;
  readonly catchUpCumulative: readonly [number, number][];
}

const wantedP99Ms = 500;
const settleMs = 15_000;
const settleAfterRampMs = 2_000;
const baselineReturns = 30;

const broadcastDocument = `mutation Broadcast($input: BroadcastInput!) { broadcast(input: $input) { connectionCount } }`;

const toCatchUp = (returns: Tally['returns']): CatchUp => ({
  returns: returns.length,
  fromDialMs: toDistribution(returns.map(({ fromDialMs }) => fromDialMs)),
  fromOpenMs: toDistribution(returns.map(({ fromOpenMs }) => fromOpenMs)),
  fromSubscribeMs: toDistribution(returns.map(({ fromSubscribeMs }) => fromSubscribeMs)),
});

interface Surroundings {
  readonly baselineMs: Distribution;
  readonly serverCpuPercent: number;
  readonly loadCpuPercent: number;
}

const toMeasured = (values: Values, tally: Tally, surroundings: Surroundings): DropsMeasured => {
  const { delayMs, missedDelayMs, returns, received, ...counts } = tally;
  const expected = values.clients * values.messages;
  const late = returns.filter(({ missed }) => missed > 0);
  return {
    clients: values.clients,
    helpers: values.helpers,
    awayMs: values.awayMs,
    cutLatestMs: values.cutEveryMs + values.cutJitterMs,
    expected,
    delivered: received,
    // Rounded down, otherwise one that is missing would look like none.
    deliveredPercent: Math.floor((received / expected) * 100_000) / 1_000,
    ...counts,
    ...surroundings,
    catchUp: toCatchUp(late),
    catchUpOfHelpers: toCatchUp(late.filter(({ isHelper }) => isHelper)),
    missedDelayMs: toDistribution(missedDelayMs),
    delayMs: toDistribution(delayMs),
    catchUpCumulative: toCumulative(late.map(({ fromDialMs }) => fromDialMs)),
  };
};

const measure = async ({ options, seed, main, disposers, print }: Run<Values>): Promise<DropsMeasured> => {
  const { clients, helpers, messages, intervalMs, cutEveryMs, cutJitterMs, awayMs } = options;
  const { server, wsUrl, token, request } = await startSystem({ disposers, main });
  const load = await startLoad<DropsLoad>('drops', disposers);
  const admin = await token('admin', 'admin');
  const tokens = await Promise.all(Array.from({ length: clients }, (_, at) => token(`learner-${at}`)));
  print(`${clients} clients connect …`);
  await load.call('connect', { url: wsUrl, tokens, helpers, awayMs });
  await sleep(settleAfterRampMs);
  const baseline = await load.call('baseline', { url: wsUrl, token: admin, times: baselineReturns });

  print(`${messages} messages, one every ${intervalMs} ms, and sockets are cut …`);
  const [serverCpu, loadCpu] = [await watchCpu(server), await watchCpu(load)];
  await load.call('play', { seed, everyMs: cutEveryMs, jitterMs: cutJitterMs });
  await offer({ count: messages, intervalMs }, async (at) => {
    const input = { clientBroadcastId: `m${at + 1}`, text: `${at + 1} ${now()}` };
    await request(admin, broadcastDocument, { input });
  });
  const [serverCpuPercent, loadCpuPercent] = [await serverCpu(), await loadCpu()];
  const tally = await load.call('settle', { messages, timeoutMs: settleMs });
  return toMeasured(options, tally, {
    baselineMs: toDistribution(baseline),
    serverCpuPercent,
    loadCpuPercent,
  });
};

export const drops: Question<DropsMeasured, typeof optionTable> = {
  name: 'drops',
  doc: 'Clients whose sockets are cut all the time: what is delivered, and how soon.',
  options: optionTable,
  limitMs: ({ messages, intervalMs, clients, cutEveryMs }) =>
    messages * intervalMs + clients * 50 + cutEveryMs + 120_000,
  measure,
  verdicts: ({ expected, delivered, repeated, disordered, catchUp }) => [
    {
      wanted: 'every message to every client, once and in order',
      measured: `${delivered} of ${expected}, ${repeated} twice, ${disordered} out of order`,
      isMet: delivered === expected && repeated === 0 && disordered === 0,
    },
    {
      wanted: `caught up within ${wantedP99Ms} ms of the first attempt to connect, p99`,
      measured: `${catchUp.fromDialMs.p99} ms over ${catchUp.returns} returns`,
      isMet: catchUp.returns > 0 && catchUp.fromDialMs.p99 < wantedP99Ms,
    },
  ],
  plots: ({ catchUpCumulative, clients, awayMs }) => [
    {
      file: 'drops-catch-up',
      svg: linePlot({
        title: `Caught up after an absence of ${awayMs / 1_000} s (${clients} clients)`,
        x: { label: 'since the first attempt to connect', unit: 'ms', from: 0 },
        y: { label: 'returns that have caught up', unit: '%', from: 0, to: 100 },
        series: [{ name: 'EdAgent', points: catchUpCumulative }],
        limits: [{ axis: 'x', at: wantedP99Ms, name: `wanted for 99 %: ${wantedP99Ms} ms` }],
      }),
    },
  ],
};
