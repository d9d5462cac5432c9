import { now } from './lib/clock.ts';
import { shareConversation, subscriptionsOf } from './lib/contestants.ts';
import { type Load, startLoad } from './lib/load.ts';
import { offer } from './lib/pace.ts';
import type { Options, Question, Run } from './lib/question.ts';
import { runRounds } from './lib/rounds.ts';
import { type Distribution, type Quartiles, toDistribution, toQuartiles } from './lib/stats.ts';
import { type Node, type System, startSystem } from './lib/system.ts';
import type { FanOutLoad, FanOutTally } from './loads/fan-out.ts';
import { barPlot } from './plot/bar-plot.ts';

/**
 * What does a second node cost?
 *
 * Load: 1,000 sockets of 10 participants follow one conversation, five messages a second; on one node, and on two that have half of
 * the sockets each and get the messages in turn. What counts is the CPU of all nodes for each delivery, with all that they do:
 * the transaction of the message, publishing, delivery, heartbeats.
 *
 * Expected: with two nodes at most 1.15 times the CPU that one takes.
 *
 * Worse: a ratio that rises with the number of sockets, for then a node does work for sockets that it does not have.
 */
const optionTable = {
  sockets: { default: 1_000, doc: 'sockets that follow the conversation, over all nodes' },
  participants: { default: 10, doc: 'whose devices they are, at most 50' },
  rounds: { default: 5, doc: 'in which each has one turn' },
  perSecond: { default: 5, doc: 'messages' },
  seconds: { default: 10, doc: 'of a turn' },
  warmUpSeconds: { default: 5, doc: 'of each, before the rounds' },
} as const;

type Values = Options<typeof optionTable>;

const titles = { one: 'one node', two: 'two nodes' } as const;
type Name = keyof typeof titles;

interface Turn {
  readonly cpuMicros: number;
  readonly delay: Distribution;
  readonly missing: number;
}

interface Side {
  readonly title: string;
  /** CPU of all nodes, in microseconds for each delivery. */
  readonly cpuMicros: Quartiles;
  /** To one node in the same round. */
  readonly ratio: Quartiles;
  readonly deliveries: number;
  readonly missing: number;
  readonly p50Ms: Quartiles;
  readonly p95Ms: Quartiles;
  readonly p99Ms: Quartiles;
  readonly maxMs: Quartiles;
}

export interface TwoNodesMeasured {
  readonly sockets: number;
  readonly perSecond: number;
  readonly sides: Readonly<Record<Name, Side>>;
}

const atMost = 1.15;
const drainMs = 15_000;
const send = `mutation Send($input: SendMessageInput!) { sendMessage(input: $input) { __typename } }`;

interface Cluster {
  readonly nodes: readonly Node[];
  /** One for each node. */
  readonly loads: readonly Load<FanOutLoad>[];
  readonly owner: string;
  readonly conversationId: string;
}

const startCluster = async (
  system: System,
  nodes: readonly Node[],
  { options, disposers }: Run<Values>,
): Promise<Cluster> => {
  const { sockets, participants } = options;
  const [first] = nodes;
  const learners = await shareConversation({ ...system, ...first }, participants);
  const { token: owner = '', conversationId = '' } = learners[0] ?? {};
  const loads: Load<FanOutLoad>[] = [];
  const share = Math.round(sockets / nodes.length);
  for (const { wsUrl } of nodes) {
    const load = await startLoad<FanOutLoad>('fan-out', disposers);
    const devices = Array.from({ length: share }, (_, at) => ({
      token: learners[at % learners.length]?.token ?? '',
      subscriptions: subscriptionsOf(conversationId),
    }));
    await load.call('connect', { url: wsUrl, devices });
    loads.push(load);
  }
  return { nodes, loads, owner, conversationId };
};

const cpuOf = async (nodes: readonly Node[]): Promise<number> => {
  const used = await Promise.all(nodes.map(({ server }) => server.cpuMs()));
  return used.reduce((sum, ms) => sum + ms, 0);
};

const playTurn = async (
  { nodes, loads, owner, conversationId }: Cluster,
  { sockets, perSecond }: Values,
  seconds: number,
  count: { value: number },
): Promise<Turn> => {
  const events = Math.round(seconds * perSecond);
  const expected = (events * sockets) / loads.length;
  await Promise.all(loads.map((load) => load.call('begin', { firstNumber: count.value + 1 })));
  const before = await cpuOf(nodes);
  await offer({ count: events, intervalMs: 1_000 / perSecond }, async () => {
    const number = ++count.value;
    const text = `${number} ${now().toFixed(3)} and so on`;
    const input = { clientMessageId: `m${number}`, conversationId, text, answer: false };
    await nodes[number % nodes.length]?.request(owner, send, { input });
  });
  const tallies: FanOutTally[] = await Promise.all(
    loads.map((load) => load.call('end', { expected, timeoutMs: drainMs })),
  );
  const usedMs = (await cpuOf(nodes)) - before;
  const delays = tallies.flatMap(({ delayMs }) => delayMs);
  return {
    cpuMicros: (usedMs * 1_000) / Math.max(1, delays.length),
    delay: toDistribution(delays),
    missing: expected * loads.length - delays.length,
  };
};

const toSide = (title: string, turns: readonly Turn[], references: readonly Turn[]): Side => {
  const over = (of: (turn: Turn) => number): Quartiles => toQuartiles(turns.map(of));
  return {
    title,
    cpuMicros: over(({ cpuMicros }) => cpuMicros),
    ratio: toQuartiles(
      turns.map(({ cpuMicros }, at) => cpuMicros / (references[at]?.cpuMicros ?? Number.NaN)),
    ),
    deliveries: turns.reduce((sum, { delay }) => sum + delay.n, 0),
    missing: turns.reduce((sum, { missing }) => sum + missing, 0),
    p50Ms: over(({ delay }) => delay.p50),
    p95Ms: over(({ delay }) => delay.p95),
    p99Ms: over(({ delay }) => delay.p99),
    maxMs: over(({ delay }) => delay.max),
  };
};

const measure = async (run: Run<Values>): Promise<TwoNodesMeasured> => {
  const { options, main, random, disposers, print } = run;
  print(`${options.sockets} sockets connect, twice …`);
  const system = await startSystem({ disposers, main });
  const env = await system.createCluster('two');
  const [second, third] = [await system.startNode(env), await system.startNode(env)];
  const clusters: Record<Name, Cluster> = {
    one: await startCluster(system, [system], run),
    two: await startCluster(system, [second, third], run),
  };
  const count = { value: 0 };
  const play = (name: Name) => () => playTurn(clusters[name], options, options.seconds, count);
  for (const cluster of Object.values(clusters))
    await playTurn(cluster, options, options.warmUpSeconds, count);
  const { one, two } = await runRounds<Name, Turn>({
    rounds: options.rounds,
    random,
    contestants: { one: play('one'), two: play('two') },
    onMeasured: (name, round, { cpuMicros, delay, missing }) =>
      print(
        `round ${round} ${titles[name].padEnd(9)} ${cpuMicros.toFixed(2)} µs a delivery  p50 ${delay.p50}  p99 ${delay.p99} ms${missing > 0 ? `  ${missing} MISSING` : ''}`,
      ),
  });
  return {
    sockets: options.sockets,
    perSecond: options.perSecond,
    sides: { one: toSide(titles.one, one, one), two: toSide(titles.two, two, one) },
  };
};

export const twoNodes: Question<TwoNodesMeasured, typeof optionTable> = {
  name: 'two-nodes',
  doc: 'CPU of all nodes for each delivery, with two of them and with one.',
  options: optionTable,
  limitMs: ({ rounds, seconds, warmUpSeconds, sockets }) =>
    90_000 + sockets * 60 + 2 * 3_000 * (rounds * seconds + warmUpSeconds),
  measure,
  verdicts: ({ sides: { one, two } }) => [
    {
      wanted: `CPU a delivery with two nodes at most ${atMost} times that with one`,
      measured: `${two.ratio.median} times (quartiles ${two.ratio.q1} to ${two.ratio.q3})`,
      isMet: two.ratio.median <= atMost,
    },
    {
      wanted: 'nothing lost',
      measured: `${one.missing + two.missing} deliveries missing`,
      isMet: one.missing + two.missing === 0,
    },
  ],
  plots: ({ sides, sockets }) => [
    {
      file: 'two-nodes',
      svg: barPlot({
        title: `A message to ${sockets} sockets, on one node and on two`,
        x: { label: 'median of the rounds, whiskers: quartiles', unit: '' },
        y: { label: 'CPU of all nodes a delivery', unit: 'µs' },
        groups: [titles.one, titles.two],
        series: [
          {
            name: 'CPU',
            bars: [sides.one, sides.two].map(({ cpuMicros: { median, q1, q3 } }) => ({
              value: median,
              low: q1,
              high: q3,
            })),
          },
        ],
      }),
    },
  ],
};
