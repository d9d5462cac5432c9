import { sleep } from '../src/util/sleep.ts';
import { now } from './lib/clock.ts';
import { createLearners, type Learner } from './lib/contestants.ts';
import { watchCpu } from './lib/cpu-share.ts';
import { type Load, startLoad } from './lib/load.ts';
import { offer } from './lib/pace.ts';
import { startPeer } from './lib/peer.ts';
import type { Options, Question, Run } from './lib/question.ts';
import { runRounds } from './lib/rounds.ts';
import type { Server } from './lib/server.ts';
import { type Distribution, type Quartiles, toDistribution, toQuartiles } from './lib/stats.ts';
import { startSystem } from './lib/system.ts';
import type { ModelLoad } from './loads/model.ts';
import type { TokenReadersLoad } from './loads/token-readers.ts';
import { barPlot } from './plot/bar-plot.ts';

/**
 * How much later than the model says it does a learner see a token?
 *
 * Load: 200 answers at once, each asked of an OpenAI-compatible model that says 50 tokens a second, every one the time at which it
 * is sent; one node, PostgreSQL, Redis; each answer followed on one socket. Tokens of a window in which all 200 are being made. Beside
 * it: readers of the model itself, the least that is possible; resumable-stream, the first reader of each stream, and
 * in further turns a second reader, who gets it through Redis as every subscriber of EdAgent may; and all of that with
 * one answer alone. EdAgent keeps an answer (store, lease, takeover) and merges tokens to at most one delta every 40 ms; the
 * others pass every token on and keep nothing.
 *
 * Expected: p50 under 25 ms and p99 under 80 ms, merging included, which alone makes 20 ms of p50 and 40 ms of p99.
 *
 * Worse: tokens that get older in the course of an answer.
 */
const optionTable = {
  answers: { default: 200, doc: 'answers at once' },
  tokensPerSecond: { default: 50, doc: 'of each answer' },
  rounds: { default: 5, doc: 'in which each contestant has one turn' },
  seconds: { default: 10, doc: 'that count, of a turn' },
  rampSeconds: { default: 3, doc: 'at least, before them, over which the answers begin' },
} as const;

type Values = Options<typeof optionTable>;

const titles = {
  edagent: 'EdAgent',
  model: 'the model itself',
  resumableFirst: 'resumable-stream, first reader',
  resumable: 'resumable-stream, second reader',
  edagentOne: 'EdAgent, one answer',
  resumableOne: 'resumable-stream, second reader, one answer',
} as const;

type Name = keyof typeof titles;
const names = Object.keys(titles) as Name[];

interface Turn {
  readonly delay: Distribution;
  readonly missing: number;
  /** Null for the model itself. */
  readonly cpuMicros: number | null;
  readonly loadCpuPercent: number;
  readonly modelCpuPercent: number;
}

interface Side {
  readonly title: string;
  readonly tokens: number;
  readonly missing: number;
  readonly p50Ms: Quartiles;
  readonly p95Ms: Quartiles;
  readonly p99Ms: Quartiles;
  readonly maxMs: Quartiles;
  /** CPU of the server, in microseconds for each token. */
  readonly cpuMicros: Quartiles | null;
  readonly loadCpuPercent: Quartiles;
  readonly modelCpuPercent: Quartiles;
}

export interface TokenDelayMeasured {
  readonly answers: number;
  readonly tokensPerSecond: number;
  readonly sides: Readonly<Record<Name, Side>>;
}

const wantedP50Ms = 25;
const wantedP99Ms = 80;
const beginTimeoutMs = 30_000;
/** From the last answer's begin to the window. */
const settleMs = 500;
/** After the window, so that the last of its tokens arrive while all go on. */
const tailMs = 1_000;
const endTimeoutMs = 30_000;

const send = `mutation Send($input: SendMessageInput!) { sendMessage(input: $input) { __typename } }`;

/** Begins one answer. */
type Ask = (at: number, turn: number) => Promise<void>;

interface Entrant {
  readonly server: Server | null;
  readonly readers: Load<TokenReadersLoad>;
  readonly answers: number;
  readonly ask: Ask;
}

const startEntrants = async (
  { options, main, disposers }: Run<Values>,
  baseUrl: string,
): Promise<Record<Name, Entrant>> => {
  const system = await startSystem({
    disposers,
    main,
    env: {
      OPENAI_BASE_URL: baseUrl,
      OPENAI_API_KEY: 'none',
      EDAGENT_ANSWERS_PER_NODE: `${options.answers + 10}`,
    },
  });
  const learners: Learner[] = await createLearners(system, options.answers);
  const startReaders = () => startLoad<TokenReadersLoad>('token-readers', disposers);
  const [followers, readers] = [await startReaders(), await startReaders()];
  await followers.call('follow', { url: system.wsUrl, learners });
  const resumable = await startPeer(
    'resumable-stream',
    { REDIS_URL: system.redisUrl, MODEL_URL: baseUrl },
    disposers,
  );
  // Whose stream it is reads too, but nobody counts that.
  const owners = await startReaders();

  const askEdAgent: Ask = async (at, turn) => {
    const { token = '', conversationId = '' } = learners[at] ?? {};
    const input = { clientMessageId: `t${turn}-${at}`, conversationId, text: 'Go on.' };
    await system.request(token, send, { input });
  };
  const askModel: Ask = () => readers.call('read', { url: `${baseUrl}/chat/completions`, method: 'POST' });
  const newStream = (at: number, turn: number) => `${resumable.url}/new/${turn}-${at}`;
  const askFirst: Ask = (at, turn) => readers.call('read', { url: newStream(at, turn), method: 'GET' });
  const askSecond: Ask = async (at, turn) => {
    await owners.call('read', { url: newStream(at, turn), method: 'GET' });
    await readers.call('read', { url: `${resumable.url}/resume/${turn}-${at}`, method: 'GET' });
  };
  const { answers } = options;
  return {
    edagent: { server: system.server, readers: followers, answers, ask: askEdAgent },
    model: { server: null, readers, answers, ask: askModel },
    resumableFirst: { server: resumable, readers, answers, ask: askFirst },
    resumable: { server: resumable, readers, answers, ask: askSecond },
    edagentOne: { server: system.server, readers: followers, answers: 1, ask: askEdAgent },
    resumableOne: { server: resumable, readers, answers: 1, ask: askSecond },
  };
};

const playTurn = async (
  { server, readers, answers, ask }: Entrant,
  model: Load<ModelLoad>,
  { tokensPerSecond, seconds, rampSeconds }: Values,
  turn: number,
): Promise<Turn> => {
  await model.call('begin', { tokensPerSecond });
  await readers.call('begin');
  const begin = now();
  await offer({ count: answers, intervalMs: (rampSeconds * 1_000) / (answers + 1) }, (at) => ask(at, turn));
  await model.call('awaitOpen', { count: answers, timeoutMs: beginTimeoutMs });
  const from = Math.max(begin + rampSeconds * 1_000, now() + settleMs);
  const to = from + seconds * 1_000;
  await sleep(Math.max(0, from - now()));
  const before = await server?.cpuMs();
  const [loadCpu, modelCpu] = [await watchCpu(readers), await watchCpu(model)];
  await sleep(Math.max(0, to - now()));
  const after = await server?.cpuMs();
  const [loadCpuPercent, modelCpuPercent] = [await loadCpu(), await modelCpu()];
  await sleep(tailMs);
  await model.call('finish');
  // What is late counts too: until all have ended.
  await readers.call('awaitEnds', { count: answers, timeoutMs: endTimeoutMs });
  const ages = await readers.call('tally', { from, to });
  const sent = await model.call('countSent', { from, to });
  return {
    delay: toDistribution(ages),
    missing: sent - ages.length,
    cpuMicros:
      before === undefined || after === undefined ? null : ((after - before) * 1_000) / Math.max(1, sent),
    loadCpuPercent,
    modelCpuPercent,
  };
};

const toSide = (title: string, turns: readonly Turn[]): Side => {
  const over = (of: (turn: Turn) => number): Quartiles => toQuartiles(turns.map(of));
  const cpu = turns.flatMap(({ cpuMicros }) => (cpuMicros === null ? [] : [cpuMicros]));
  return {
    title,
    tokens: turns.reduce((sum, { delay }) => sum + delay.n, 0),
    missing: turns.reduce((sum, { missing }) => sum + missing, 0),
    p50Ms: over(({ delay }) => delay.p50),
    p95Ms: over(({ delay }) => delay.p95),
    p99Ms: over(({ delay }) => delay.p99),
    maxMs: over(({ delay }) => delay.max),
    cpuMicros: cpu.length > 0 ? toQuartiles(cpu) : null,
    loadCpuPercent: over(({ loadCpuPercent }) => loadCpuPercent),
    modelCpuPercent: over(({ modelCpuPercent }) => modelCpuPercent),
  };
};

const measure = async (run: Run<Values>): Promise<TokenDelayMeasured> => {
  const { options, random, disposers, print } = run;
  const model = await startLoad<ModelLoad>('model', disposers);
  const { baseUrl } = await model.call('listen');
  const entrants = await startEntrants(run, baseUrl);
  let turns = 0;
  const play = (name: Name) => playTurn(entrants[name], model, options, ++turns);
  print('warming up …');
  for (const name of ['edagent', 'resumable'] as const) await play(name);
  const played = await runRounds<Name, Turn>({
    rounds: options.rounds,
    random,
    contestants: Object.fromEntries(names.map((name) => [name, () => play(name)])) as Record<
      Name,
      () => Promise<Turn>
    >,
    onMeasured: (name, round, { delay, missing, cpuMicros, loadCpuPercent, modelCpuPercent }) =>
      print(
        `round ${round} ${titles[name]}: p50 ${delay.p50}  p99 ${delay.p99}  max ${delay.max} ms of ${delay.n}, ${missing} missing, ${cpuMicros === null ? '' : `${cpuMicros.toFixed(1)} µs a token, `}readers ${loadCpuPercent} %, model ${modelCpuPercent} %`,
      ),
  });
  const sides = names.map((name): [Name, Side] => [name, toSide(titles[name], played[name])]);
  return {
    answers: options.answers,
    tokensPerSecond: options.tokensPerSecond,
    sides: Object.fromEntries(sides) as Record<Name, Side>,
  };
};

export const tokenDelay: Question<TokenDelayMeasured, typeof optionTable> = {
  name: 'token-delay',
  doc: "What is added between the model's token and the subscriber's socket.",
  options: optionTable,
  limitMs: ({ rounds, seconds, rampSeconds, answers }) =>
    60_000 + answers * 100 + (rounds * names.length + 2) * ((seconds + rampSeconds) * 1_500 + 30_000),
  measure,
  verdicts: ({ sides: { edagent } }) => [
    {
      wanted: `half of the tokens within ${wantedP50Ms} ms`,
      measured: `p50 ${edagent.p50Ms.median} ms`,
      isMet: edagent.tokens > 0 && edagent.p50Ms.median < wantedP50Ms,
    },
    {
      wanted: `99 of a hundred within ${wantedP99Ms} ms`,
      measured: `p99 ${edagent.p99Ms.median} ms`,
      isMet: edagent.tokens > 0 && edagent.p99Ms.median < wantedP99Ms,
    },
    {
      wanted: 'nothing lost',
      measured: `${edagent.missing} tokens missing`,
      isMet: edagent.missing === 0,
    },
  ],
  plots: ({ sides, answers, tokensPerSecond }) => {
    const shown = [
      ['EdAgent', sides.edagent],
      ['resumable-stream, through Redis', sides.resumable],
      ['at once', sides.resumableFirst],
      ['the model', sides.model],
    ] as const;
    return [
      {
        file: 'token-delay',
        svg: barPlot({
          title: `Age of a token at the reader: ${answers} answers of ${tokensPerSecond} tokens a second`,
          x: { label: 'median of the rounds, whiskers: quartiles', unit: '' },
          y: { label: 'since the model sent it', unit: 'ms' },
          groups: ['p50', 'p95', 'p99'],
          series: shown.map(([name, { p50Ms, p95Ms, p99Ms }]) => ({
            name,
            bars: [p50Ms, p95Ms, p99Ms].map(({ median, q1, q3 }) => ({ value: median, low: q1, high: q3 })),
          })),
        }),
      },
    ];
  },
};
