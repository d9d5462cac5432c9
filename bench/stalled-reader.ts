import { now } from './lib/clock.ts';
import { watchCpu } from './lib/cpu-share.ts';
import type { Subscription } from './lib/device.ts';
import { type Load, startLoad } from './lib/load.ts';
import { offer } from './lib/pace.ts';
import type { Options, Question, Run } from './lib/question.ts';
import { runRounds } from './lib/rounds.ts';
import { createStallingPeer, type StallCounts } from './lib/stalling-peer.ts';
import { type Distribution, type Quartiles, toDistribution, toQuartiles } from './lib/stats.ts';
import { type System, startSystem } from './lib/system.ts';
import type { FanOutLoad } from './loads/fan-out.ts';
import { barPlot } from './plot/bar-plot.ts';

/**
 * What does one socket that stops reading cost a thousand others that follow the same conversation?
 *
 * Load: 1,000 sockets of 10 learners follow one conversation; two messages of 16 kB come each second. In the rounds with it, one
 * more socket subscribes 100 times and then reads nothing, so that within seconds all buffers on its way are full, with more
 * than 1 MB in the server (C8); when the server cuts it, it comes back and does the same. Rounds with and without it follow each
 * other in a random order.
 *
 * Expected: the 99th of a hundred delays of the others is the same with it and without it, within what rounds differ; at most 1.5
 * times.
 *
 * Worse: any delay that comes and goes with the reader, or the time of its being cut.
 */
const optionTable = {
  sockets: { default: 1_000, doc: 'sockets that follow the conversation' },
  learners: { default: 10, doc: 'participants whose devices they are' },
  rounds: { default: 5, doc: 'with the reader, and as many without' },
  perSecond: { default: 2, doc: 'messages' },
  textBytes: { default: 16_000, doc: 'length of a message' },
  settleSeconds: { default: 5, doc: 'messages before those that count, while the buffers fill' },
  seconds: { default: 15, doc: 'of messages that count, in each round' },
  subscriptions: { default: 100, doc: 'of the reader that stalls; enough for more than 1 MB to wait for it' },
} as const;

type Values = Options<typeof optionTable>;

interface Round {
  readonly delay: Distribution;
  /** The longest delay of each message, in their order. */
  readonly slowestMs: readonly number[];
  readonly serverCpuPercent: number;
  readonly loadCpuPercent: number;
  readonly stall: StallCounts | null;
}

interface Side {
  readonly p50Ms: Quartiles;
  readonly p95Ms: Quartiles;
  readonly p99Ms: Quartiles;
  readonly maxMs: Quartiles;
  readonly serverCpuPercent: Quartiles;
  readonly loadCpuPercent: Quartiles;
  readonly rounds: readonly Round[];
}

export interface StalledReaderMeasured {
  readonly sockets: number;
  readonly deliveriesPerRound: number;
  readonly missingDeliveries: number;
  readonly lostSockets: number;
  readonly without: Side;
  readonly with: Side;
  /** Of the medians over rounds. */
  readonly p99Ratio: number;
  /** Rounds in which the reader's queues filled up, and those in which the server cut it. */
  readonly stalledRounds: number;
  readonly cutRounds: number;
  readonly cuts: number;
  /** The least of all rounds with it. */
  readonly queuedBytes: number;
}

const wantedRatio = 1.5;
const drainMs = 20_000;
/** Less is not stalled: the buffers of a loopback connection hold more. */
const stalledBytes = 100_000;

const follow = `subscription Follow($id: ID!) {
  messageReceived(conversationId: $id) { __typename ... on MessageAdded { message { text } } }
}`;
const send = `mutation Send($input: SendMessageInput!) { sendMessage(input: $input) { __typename } }`;
const create = `mutation Create($id: ID!) { createConversation(input: { clientConversationId: $id }) { id } }`;
const add = `mutation Add($id: ID!, $userId: ID!) { addParticipant(conversationId: $id, userId: $userId) { id } }`;

interface Scene {
  readonly system: System;
  readonly load: Load<FanOutLoad>;
  readonly owner: string;
  readonly conversationId: string;
  readonly subscription: Subscription;
}

const prepare = async ({ options, main, disposers, print }: Run<Values>): Promise<Scene> => {
  const { sockets, learners, textBytes, subscriptions } = options;
  const system = await startSystem({
    disposers,
    main,
    env: {
      EDAGENT_MAX_MESSAGE_LENGTH: `${Math.max(8_000, textBytes + 100)}`,
      EDAGENT_SUBSCRIPTIONS_PER_CONNECTION: `${subscriptions + 1}`,
    },
  });
  const load = await startLoad<FanOutLoad>('fan-out', disposers);
  const tokens = await Promise.all(
    Array.from({ length: learners }, (_, at) => system.token(`learner-${at}`)),
  );
  for (const token of tokens) await system.request(token, '{ viewer { user { id } } }');
  const owner = tokens[0] ?? '';
  const { createConversation } = await system.request(owner, create, { id: 'the-one' });
  const conversationId: string = createConversation.id;
  for (let at = 1; at < learners; at++) {
    await system.request(owner, add, { id: conversationId, userId: `learner-${at}` });
  }
  const subscription = { query: follow, variables: { id: conversationId } };
  print(`${sockets} sockets connect …`);
  const devices = Array.from({ length: sockets }, (_, at) => ({
    token: tokens[at % learners] ?? '',
    subscriptions: [subscription],
  }));
  await load.call('connect', { url: system.wsUrl, devices });
  return { system, load, owner, conversationId, subscription };
};

const measure = async (run: Run<Values>): Promise<StalledReaderMeasured> => {
  const { options, random, print } = run;
  const { sockets, rounds, perSecond, textBytes, settleSeconds, seconds, subscriptions } = options;
  const { system, load, owner, conversationId, subscription } = await prepare(run);
  const filler = 'x'.repeat(textBytes);
  const counted = Math.round(seconds * perSecond);
  let number = 0;
  let missing = 0;
  let lostSockets = 0;

  const offerFor = (count: number): Promise<void> =>
    offer({ count, intervalMs: 1_000 / perSecond }, async () => {
      const mine = ++number;
      const text = `${mine} ${now()} ${filler}`.slice(0, textBytes);
      const input = { clientMessageId: `m${mine}`, conversationId, text, answer: false };
      await system.request(owner, send, { input });
    });

  const playRound = async (isStalling: boolean): Promise<Round> => {
    const peer = isStalling
      ? createStallingPeer({
          url: system.wsUrl,
          token: owner,
          subscriptions: Array.from({ length: subscriptions }, () => subscription),
        })
      : null;
    try {
      await offerFor(Math.round(settleSeconds * perSecond));
      await load.call('begin', { firstNumber: number + 1 });
      const [serverCpu, loadCpu] = [await watchCpu(system.server), await watchCpu(load)];
      await offerFor(counted);
      const { delayMs, slowestMs, lost } = await load.call('end', {
        expected: counted * sockets,
        timeoutMs: drainMs,
      });
      const [serverCpuPercent, loadCpuPercent] = [await serverCpu(), await loadCpu()];
      missing += counted * sockets - delayMs.length;
      lostSockets = lost;
      return {
        delay: toDistribution(delayMs),
        slowestMs: slowestMs.map(Math.round),
        serverCpuPercent,
        loadCpuPercent,
        stall: peer ? { ...peer.counts } : null,
      };
    } finally {
      await peer?.dispose();
    }
  };

  // The first messages after the start compile: no round should bear that.
  await offerFor(Math.round(settleSeconds * perSecond));
  const played = await runRounds({
    rounds,
    random,
    contestants: { without: () => playRound(false), with: () => playRound(true) },
    onMeasured: (name, round, { delay, stall }) =>
      print(
        `round ${round} ${name.padEnd(8)} p50 ${delay.p50}  p99 ${delay.p99}  max ${delay.max} ms  ${stall ? JSON.stringify(stall) : ''}`,
      ),
  });
  return toMeasured(options, played, {
    deliveriesPerRound: counted * sockets,
    missingDeliveries: missing,
    lostSockets,
  });
};

const toSide = (rounds: readonly Round[]): Side => {
  const over = (of: (delay: Distribution) => number): Quartiles =>
    toQuartiles(rounds.map(({ delay }) => of(delay)));
  return {
    p50Ms: over(({ p50 }) => p50),
    p95Ms: over(({ p95 }) => p95),
    p99Ms: over(({ p99 }) => p99),
    maxMs: over(({ max }) => max),
    serverCpuPercent: toQuartiles(rounds.map(({ serverCpuPercent }) => serverCpuPercent)),
    loadCpuPercent: toQuartiles(rounds.map(({ loadCpuPercent }) => loadCpuPercent)),
    rounds,
  };
};

const toMeasured = (
  { sockets }: Values,
  rounds: Readonly<Record<'without' | 'with', readonly Round[]>>,
  counts: Pick<StalledReaderMeasured, 'deliveriesPerRound' | 'missingDeliveries' | 'lostSockets'>,
): StalledReaderMeasured => {
  const without = toSide(rounds.without);
  const withIt = toSide(rounds.with);
  const stalls = rounds.with.flatMap(({ stall }) => (stall ? [stall] : []));
  return {
    sockets,
    ...counts,
    without,
    with: withIt,
    p99Ratio: Math.round((withIt.p99Ms.median / without.p99Ms.median) * 100) / 100,
    stalledRounds: stalls.filter(({ queuedBytes }) => queuedBytes >= stalledBytes).length,
    cutRounds: stalls.filter(({ cuts }) => cuts > 0).length,
    cuts: stalls.reduce((sum, { cuts }) => sum + cuts, 0),
    queuedBytes: Math.min(...stalls.map(({ queuedBytes }) => queuedBytes)),
  };
};

export const stalledReader: Question<StalledReaderMeasured, typeof optionTable> = {
  name: 'stalled-reader',
  doc: 'What one socket that stops reading costs the others.',
  options: optionTable,
  limitMs: ({ rounds, settleSeconds, seconds, sockets }) =>
    (rounds * 2 + 1) * (settleSeconds + seconds) * 2_000 + sockets * 50 + 60_000,
  measure,
  verdicts: ({ p99Ratio, missingDeliveries, lostSockets, stalledRounds, cutRounds, with: { rounds } }) => [
    {
      wanted: `p99 of the others at most ${wantedRatio} times what it is without the reader`,
      measured: `${p99Ratio} times`,
      isMet: p99Ratio <= wantedRatio,
    },
    {
      wanted: 'nothing lost by the others',
      measured: `${missingDeliveries} deliveries missing, ${lostSockets} sockets lost`,
      isMet: missingDeliveries === 0 && lostSockets === 0,
    },
    {
      wanted: 'the reader stalls, and is cut, in every round with it',
      measured: `stalls in ${stalledRounds}, is cut in ${cutRounds} of ${rounds.length}`,
      isMet: stalledRounds === rounds.length && cutRounds === rounds.length,
    },
  ],
  plots: ({ without, with: withIt, sockets }) => {
    const toBars = (side: Side) =>
      [side.p50Ms, side.p95Ms, side.p99Ms, side.maxMs].map(({ median, q1, q3 }) => ({
        value: median,
        low: q1,
        high: q3,
      }));
    return [
      {
        file: 'stalled-reader',
        svg: barPlot({
          title: `One reader that stalls beside ${sockets} others: their delays`,
          x: { label: 'median of the rounds, whiskers: quartiles', unit: '' },
          y: { label: 'from sending to delivery', unit: 'ms' },
          groups: ['p50', 'p95', 'p99', 'max'],
          series: [
            { name: 'without it', bars: toBars(without) },
            { name: 'with it', bars: toBars(withIt) },
          ],
        }),
      },
    ];
  },
};
