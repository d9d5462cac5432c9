import { createLearners, type Learner } from './lib/contestants.ts';
import { type Load, startLoad } from './lib/load.ts';
import { startPeer } from './lib/peer.ts';
import type { Options, Question, Run } from './lib/question.ts';
import { runRounds } from './lib/rounds.ts';
import type { Server } from './lib/server.ts';
import { type Distribution, type Quartiles, toDistribution, toQuartiles } from './lib/stats.ts';
import { startSystem } from './lib/system.ts';
import type { HttpRequest, RequestersLoad } from './loads/requesters.ts';
import { barPlot } from './plot/bar-plot.ts';

/**
 * What does `sendMessage` cost, from the request to its acknowledgement, beside a handler that only writes the same rows?
 *
 * Load: messages without an answer over HTTP with kept connections, by 200 users in a conversation of their own each: first 100 a
 * second, whatever the server does, then 16 at a time, each as soon as the one before it is answered. The
 * handlers are of a bare Fastify server with pg and prepared statements, on tables of the same definition in a database
 * of their own: one with as few statements as the locks allow, each awaited, against which the ratios are, and one with a
 * statement a table. What EdAgent does besides: token, limits, GraphQL, idempotence, publishing.
 *
 * Expected: at most 1.6 times, of the time to the acknowledgement, of the time a message takes at saturation, and of CPU.
 *
 * Worse: a ratio that rises with the number of messages in the store.
 */
const optionTable = {
  users: { default: 200, doc: 'users, each in a conversation of its own' },
  rounds: { default: 5, doc: 'in which each contestant has one turn' },
  perSecond: { default: 100, doc: 'messages of the first part of a turn' },
  atOnce: { default: 16, doc: 'messages at a time, in the second part' },
  seconds: { default: 6, doc: 'of each part' },
} as const;

type Values = Options<typeof optionTable>;

const titles = {
  edagent: 'EdAgent',
  fastify: 'Fastify, fewest statements',
  fastifyByTable: 'Fastify, a statement a table',
} as const;

type Name = keyof typeof titles;
const names = Object.keys(titles) as Name[];

interface Turn {
  readonly delay: Distribution;
  readonly perSecond: number;
  /** CPU of the server, in microseconds for each message, at the fixed rate and at saturation. */
  readonly cpuMicros: number;
  readonly saturatedCpuMicros: number;
}

interface Side {
  readonly title: string;
  readonly messages: number;
  readonly p50Ms: Quartiles;
  readonly p95Ms: Quartiles;
  readonly p99Ms: Quartiles;
  readonly maxMs: Quartiles;
  /** At saturation. */
  readonly perSecond: Quartiles;
  readonly cpuMicros: Quartiles;
  readonly saturatedCpuMicros: Quartiles;
  /** To the handler with the fewest statements, in the same round. */
  readonly p50Ratio: Quartiles;
  readonly paceRatio: Quartiles;
  readonly cpuRatio: Quartiles;
}

export interface SendMessageMeasured {
  readonly perSecond: number;
  readonly atOnce: number;
  readonly sides: Readonly<Record<Name, Side>>;
}

const atMost = 1.6;
const text = 'How do I add two fractions whose denominators are not the same? I got stuck at 1/3 + 1/4.';
const accepted = '"SendMessageSuccess"';
const send = `mutation Send($input: SendMessageInput!) {
  sendMessage(input: $input) { __typename ... on SendMessageSuccess { message { id createdAt } } }
}`;

interface Entrant {
  readonly server: Server;
  readonly requests: readonly HttpRequest[];
}

const askEdAgent = (url: string, learners: readonly Learner[]): HttpRequest[] =>
  learners.map(({ token, conversationId }) => {
    const input = { clientMessageId: '{{id}}', conversationId, text, answer: false };
    return {
      url: `${url}/graphql`,
      headers: { authorization: `Bearer ${token}` },
      body: JSON.stringify({ query: send, variables: { input } }),
      accepted,
    };
  });

const askFastify = (url: string, learners: readonly Learner[]): HttpRequest[] =>
  learners.map(({ conversationId }, at) => ({
    url,
    headers: {},
    body: JSON.stringify({ clientMessageId: '{{id}}', conversationId, userId: `learner-${at}`, text }),
    accepted,
  }));

const startEntrants = async ({ options, main, disposers }: Run<Values>): Promise<Record<Name, Entrant>> => {
  const system = await startSystem({ disposers, main });
  const learners = await createLearners(system, options.users);
  // A further cluster makes the tables and the conversations, and goes.
  const cluster = await system.createCluster('fastify');
  const node = await system.startNode(cluster);
  const others = await createLearners({ ...system, ...node }, options.users);
  await node.server.dispose();
  const { DATABASE_URL } = cluster;
  const fastify = await startPeer('fastify-send', { DATABASE_URL }, disposers);
  return {
    edagent: { server: system.server, requests: askEdAgent(system.server.url, learners) },
    fastify: { server: fastify, requests: askFastify(`${fastify.url}/send`, others) },
    fastifyByTable: { server: fastify, requests: askFastify(`${fastify.url}/send-by-table`, others) },
  };
};

const playTurn = async (
  { server, requests }: Entrant,
  load: Load<RequestersLoad>,
  { perSecond, atOnce, seconds }: Values,
): Promise<Turn> => {
  const begin = await server.cpuMs();
  const took = await load.call('atRate', { requests, perSecond, seconds });
  const middle = await server.cpuMs();
  const saturated = await load.call('atOnce', { requests, atOnce, seconds });
  const end = await server.cpuMs();
  return {
    delay: toDistribution(took),
    perSecond: saturated.perSecond,
    cpuMicros: ((middle - begin) * 1_000) / took.length,
    saturatedCpuMicros: ((end - middle) * 1_000) / saturated.count,
  };
};

const toSide = (title: string, turns: readonly Turn[], references: readonly Turn[]): Side => {
  const over = (of: (turn: Turn) => number): Quartiles => toQuartiles(turns.map(of));
  const ratio = (of: (turn: Turn) => number): Quartiles =>
    toQuartiles(
      turns.map((turn, at) => {
        const reference = references[at];
        return reference ? of(turn) / of(reference) : Number.NaN;
      }),
    );
  return {
    title,
    messages: turns.reduce((sum, { delay }) => sum + delay.n, 0),
    p50Ms: over(({ delay }) => delay.p50),
    p95Ms: over(({ delay }) => delay.p95),
    p99Ms: over(({ delay }) => delay.p99),
    maxMs: over(({ delay }) => delay.max),
    perSecond: over(({ perSecond }) => perSecond),
    cpuMicros: over(({ cpuMicros }) => cpuMicros),
    saturatedCpuMicros: over(({ saturatedCpuMicros }) => saturatedCpuMicros),
    p50Ratio: ratio(({ delay }) => delay.p50),
    paceRatio: ratio(({ perSecond }) => 1 / perSecond),
    cpuRatio: ratio(({ saturatedCpuMicros }) => saturatedCpuMicros),
  };
};

const measure = async (run: Run<Values>): Promise<SendMessageMeasured> => {
  const { options, random, disposers, print } = run;
  const entrants = await startEntrants(run);
  const load = await startLoad<RequestersLoad>('requesters', disposers);
  const play = (name: Name) => () => playTurn(entrants[name], load, options);
  print('warming up …');
  for (const name of names) await play(name)();
  const played = await runRounds<Name, Turn>({
    rounds: options.rounds,
    random,
    contestants: Object.fromEntries(names.map((name) => [name, play(name)])) as Record<
      Name,
      () => Promise<Turn>
    >,
    onMeasured: (name, round, { delay, perSecond, cpuMicros, saturatedCpuMicros }) =>
      print(
        `round ${round} ${titles[name].padEnd(28)} p50 ${delay.p50}  p99 ${delay.p99} ms, ${cpuMicros.toFixed(0)} µs; at saturation ${perSecond.toFixed(0)} a second, ${saturatedCpuMicros.toFixed(0)} µs`,
      ),
  });
  const sides = names.map((name): [Name, Side] => [name, toSide(titles[name], played[name], played.fastify)]);
  return {
    perSecond: options.perSecond,
    atOnce: options.atOnce,
    sides: Object.fromEntries(sides) as Record<Name, Side>,
  };
};

export const sendMessage: Question<SendMessageMeasured, typeof optionTable> = {
  name: 'send-message',
  doc: '`sendMessage` over HTTP, acknowledged, beside a bare Fastify handler that writes the same rows.',
  options: optionTable,
  limitMs: ({ rounds, seconds, users }) =>
    60_000 + users * 100 + (rounds + 1) * names.length * seconds * 4_000,
  measure,
  verdicts: ({ sides: { edagent } }) => {
    const judge = (what: string, { median, q1, q3 }: Quartiles) => ({
      wanted: `${what} at most ${atMost} times that of a bare Fastify handler`,
      measured: `${median} times (quartiles ${q1} to ${q3})`,
      isMet: median <= atMost,
    });
    return [
      judge('time to the acknowledgement at a fixed rate, p50,', edagent.p50Ratio),
      judge('time a message takes at saturation', edagent.paceRatio),
      judge('CPU of the server a message at saturation', edagent.cpuRatio),
    ];
  },
  plots: ({ sides, perSecond }) => [
    {
      file: 'send-message',
      svg: barPlot({
        title: `sendMessage acknowledged, ${perSecond} a second`,
        x: { label: 'median of the rounds, whiskers: quartiles', unit: '' },
        y: { label: 'from the request to its answer', unit: 'ms' },
        groups: ['p50', 'p95', 'p99'],
        series: names
          .map((name) => sides[name])
          .map(({ title, p50Ms, p95Ms, p99Ms }) => ({
            name: title,
            bars: [p50Ms, p95Ms, p99Ms].map(({ median, q1, q3 }) => ({ value: median, low: q1, high: q3 })),
          })),
      }),
    },
  ],
};
