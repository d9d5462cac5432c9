import { now } from './lib/clock.ts';
import { createLearners, type Learner } from './lib/contestants.ts';
import { filledConversationId, fillHistory } from './lib/fill-history.ts';
import { type Load, startLoad } from './lib/load.ts';
import type { Options, Question, Run } from './lib/question.ts';
import { runRounds } from './lib/rounds.ts';
import type { Server } from './lib/server.ts';
import { type Distribution, type Quartiles, toDistribution, toQuartiles } from './lib/stats.ts';
import { type Node, startSystem } from './lib/system.ts';
import type { HttpRequest, RequestersLoad } from './loads/requesters.ts';
import { barPlot } from './plot/bar-plot.ts';

/**
 * Does a page of the history take longer when there is more of it?
 *
 * Load: pages of 50 messages over HTTP, 50 a second. Two stores: in one a conversation of 1,000 messages and nothing else; in the other
 * 10 million, half of them in one conversation, half in conversations of 1,000. Asked for is the second page of the short
 * conversation, of the long one, of a random one of the others, and a page in the middle of the long one.
 *
 * Expected: each at most 1.3 times the time of the first, at the median.
 *
 * Worse: a page that takes longer the deeper it lies.
 */
const optionTable = {
  messages: { default: 10_000_000, doc: 'in the large store' },
  few: { default: 1_000, doc: 'in the small store, and in each of the other conversations of the large one' },
  rounds: { default: 5, doc: 'in which each page has one turn' },
  perSecond: { default: 50, doc: 'pages' },
  seconds: { default: 6, doc: 'of a turn' },
} as const;

type Values = Options<typeof optionTable>;

const titles = {
  small: 'small store, second page',
  long: 'large store, long conversation, second page',
  middle: 'large store, long conversation, in the middle',
  others: 'large store, any other conversation, second page',
} as const;

/** In the legend of the plot. */
const shortTitles = {
  small: 'small store',
  long: 'large: long',
  middle: 'large: long, in the middle',
  others: 'large: any other',
} as const;

type Name = keyof typeof titles;
const names = Object.keys(titles) as Name[];

interface Turn {
  readonly delay: Distribution;
  /** CPU of the server, in microseconds for each page. */
  readonly cpuMicros: number;
}

interface Side {
  readonly title: string;
  readonly pages: number;
  readonly p50Ms: Quartiles;
  readonly p95Ms: Quartiles;
  readonly p99Ms: Quartiles;
  readonly maxMs: Quartiles;
  readonly cpuMicros: Quartiles;
  /** Of the median times, to the small store in the same round. */
  readonly ratio: Quartiles;
}

export interface HistoryMeasured {
  readonly messages: number;
  readonly few: number;
  /** What it took to fill the large store. */
  readonly fillMs: number;
  readonly sides: Readonly<Record<Name, Side>>;
}

const atMost = 1.3;
const pageSize = 50;
/** Enough that what is read is not what was read a moment ago. */
const samples = 500;

const pageDocument = `query Page($id: ID!, $last: Int, $before: String) {
  conversation(id: $id) {
    messages(last: $last, before: $before) {
      cursor
      edges { cursor node { id text author { kind id name } inReplyTo createdAt answer { state } } }
      pageInfo { hasPreviousPage startCursor }
    }
  }
}`;

interface Entrant {
  readonly server: Server;
  readonly requests: readonly HttpRequest[];
}

const toRequest = (node: Node, token: string, id: string, before: string): HttpRequest => ({
  url: `${node.server.url}/graphql`,
  headers: { authorization: `Bearer ${token}` },
  body: JSON.stringify({ query: pageDocument, variables: { id, last: pageSize, before } }),
  accepted: '"hasPreviousPage":true',
});

/** As a client gets there: the first page says where the second begins. */
const secondPageOf = async (node: Node, token: string, id: string): Promise<HttpRequest> => {
  const { conversation } = await node.request(token, pageDocument, { id, last: pageSize });
  return toRequest(node, token, id, conversation.messages.pageInfo.startCursor);
};

/** No client pages that far within a run, so the place is written as the server writes it. */
const startCursorAt = (position: number): string => Buffer.from(`m.${position}`).toString('base64url');

const onlyLearner = ([learner]: readonly Learner[]): Learner => {
  if (!learner) throw new Error('nobody reads');
  return learner;
};

interface Scene {
  readonly entrants: Readonly<Record<Name, Entrant>>;
  readonly fillMs: number;
}

const prepare = async ({ options, main, random, disposers, print }: Run<Values>): Promise<Scene> => {
  const { messages, few } = options;
  const system = await startSystem({ disposers, main });
  const userId = 'learner-0';
  const { token, conversationId: short } = onlyLearner(await createLearners(system, 1));
  const none = { conversations: 0, messages: 0 };
  const { databaseUrl } = system;
  await fillHistory({ databaseUrl, userId, conversationId: short, messages: few, others: none });

  const cluster = await system.createCluster('large');
  const large = await system.startNode(cluster);
  const { conversationId: long } = onlyLearner(await createLearners({ ...system, ...large }, 1));
  const half = Math.round(messages / 2);
  const conversations = Math.max(1, Math.round(half / few));
  print(`filling ${messages.toLocaleString('en-US')} messages …`);
  const begin = now();
  await fillHistory({
    databaseUrl: cluster.DATABASE_URL,
    userId,
    conversationId: long,
    messages: half,
    others: { conversations, messages: few },
  });
  const fillMs = Math.round(now() - begin);
  print(`filled in ${Math.round(fillMs / 1_000)} s`);

  const anywhere = Array.from({ length: samples }, () => pageSize * 2 + random.int(half - pageSize * 4));
  const anyOther = Array.from({ length: samples }, () => filledConversationId(random.int(conversations)));
  const startOfSecond = startCursorAt(few - pageSize + 1);
  const largeOnes = { server: large.server };
  return {
    fillMs,
    entrants: {
      small: { server: system.server, requests: [await secondPageOf(system, token, short)] },
      long: { ...largeOnes, requests: [await secondPageOf(large, token, long)] },
      middle: {
        ...largeOnes,
        requests: anywhere.map((position) => toRequest(large, token, long, startCursorAt(position))),
      },
      others: { ...largeOnes, requests: anyOther.map((id) => toRequest(large, token, id, startOfSecond)) },
    },
  };
};

const playTurn = async (
  { server, requests }: Entrant,
  load: Load<RequestersLoad>,
  { perSecond, seconds }: Values,
): Promise<Turn> => {
  const before = await server.cpuMs();
  const took = await load.call('atRate', { requests, perSecond, seconds });
  return {
    delay: toDistribution(took),
    cpuMicros: (((await server.cpuMs()) - before) * 1_000) / took.length,
  };
};

const toSide = (title: string, turns: readonly Turn[], references: readonly Turn[]): Side => {
  const over = (of: (turn: Turn) => number): Quartiles => toQuartiles(turns.map(of));
  return {
    title,
    pages: turns.reduce((sum, { delay }) => sum + delay.n, 0),
    p50Ms: over(({ delay }) => delay.p50),
    p95Ms: over(({ delay }) => delay.p95),
    p99Ms: over(({ delay }) => delay.p99),
    maxMs: over(({ delay }) => delay.max),
    cpuMicros: over(({ cpuMicros }) => cpuMicros),
    ratio: toQuartiles(turns.map(({ delay }, at) => delay.p50 / (references[at]?.delay.p50 ?? Number.NaN))),
  };
};

const measure = async (run: Run<Values>): Promise<HistoryMeasured> => {
  const { options, random, disposers, print } = run;
  const { entrants, fillMs } = await prepare(run);
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
    onMeasured: (name, round, { delay, cpuMicros }) =>
      print(
        `round ${round} ${titles[name]}: p50 ${delay.p50}  p99 ${delay.p99} ms, ${cpuMicros.toFixed(0)} µs a page`,
      ),
  });
  const sides = names.map((name): [Name, Side] => [name, toSide(titles[name], played[name], played.small)]);
  const { messages, few } = options;
  return { messages, few, fillMs, sides: Object.fromEntries(sides) as Record<Name, Side> };
};

export const history: Question<HistoryMeasured, typeof optionTable> = {
  name: 'history',
  doc: 'A page of the history, in a small store and in a large one.',
  options: optionTable,
  limitMs: ({ messages, rounds, seconds }) =>
    120_000 + messages / 20 + (rounds + 1) * names.length * seconds * 3_000,
  measure,
  verdicts: ({ sides }) =>
    (['long', 'middle', 'others'] as const).map((name) => {
      const { title, ratio } = sides[name];
      return {
        wanted: `${title}: at most ${atMost} times the small store`,
        measured: `${ratio.median} times (quartiles ${ratio.q1} to ${ratio.q3})`,
        isMet: ratio.median <= atMost,
      };
    }),
  plots: ({ sides, messages, few }) => [
    {
      file: 'history',
      svg: barPlot({
        title: `A page of ${pageSize}: ${few.toLocaleString('en-US')} and ${messages.toLocaleString('en-US')} messages in the store`,
        x: { label: 'median of the rounds, whiskers: quartiles', unit: '' },
        y: { label: 'from the request to its answer', unit: 'ms' },
        groups: ['p50', 'p95', 'p99'],
        series: names.map((name) => {
          const { p50Ms, p95Ms, p99Ms } = sides[name];
          return {
            name: shortTitles[name],
            bars: [p50Ms, p95Ms, p99Ms].map(({ median, q1, q3 }) => ({ value: median, low: q1, high: q3 })),
          };
        }),
      }),
    },
  ],
};
