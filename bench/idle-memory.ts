import { sleep } from '../src/util/sleep.ts';
import {
  type ContestantName,
  contestantNames,
  contestantTitles,
  createLearners,
  peerKinds,
  subscriptionsOf,
  topicsOf,
  toSocketUrl,
} from './lib/contestants.ts';
import { type Load, startLoad } from './lib/load.ts';
import { startPeer } from './lib/peer.ts';
import type { Options, Question, Run } from './lib/question.ts';
import { runRounds } from './lib/rounds.ts';
import type { Server } from './lib/server.ts';
import { type Quartiles, toQuartiles } from './lib/stats.ts';
import { startSystem } from './lib/system.ts';
import type { FanOutDevice, FanOutLoad } from './loads/fan-out.ts';
import { barPlot } from './plot/bar-plot.ts';

/**
 * What memory does a connection take on which nothing happens?
 *
 * Load: in every turn a fresh process of the server; 100 sockets, so that all code is loaded; then 2,000 more, each with one
 * `messageReceived` and one `typing` of a conversation of its own (topics where there is no GraphQL). Resident memory after a
 * forced collection, before and after those 2,000, divided by them. EdAgent knows the user of each; the others know none.
 *
 * Expected: at most 2.5 times that of bare ws; wanted is 2.0.
 *
 * Worse: a figure that rises with the number of sockets.
 */
const optionTable = {
  sockets: { default: 2_000, doc: 'sockets that are counted' },
  first: { default: 100, doc: 'sockets before them' },
  rounds: { default: 5, doc: 'in which each contestant has one turn' },
} as const;

type Values = Options<typeof optionTable>;

interface Turn {
  readonly bytes: number;
  readonly heapBytes: number;
  /** Of the process before the sockets that are counted. */
  readonly processMb: number;
}

interface Side {
  readonly title: string;
  /** Of a connection. */
  readonly kilobytes: Quartiles;
  readonly heapKilobytes: Quartiles;
  /** To bare ws in the same round. */
  readonly ratio: Quartiles;
  readonly processMb: Quartiles;
}

export interface IdleMemoryMeasured {
  readonly sockets: number;
  readonly sides: Readonly<Record<ContestantName, Side>>;
}

const atMost = 2.5;
/** Until what began with the acknowledgement of the last socket is done. */
const settleMs = 2_000;

interface Place {
  readonly server: Server;
  readonly url: string;
}

/** Who has a turn: how its server is started, and what its sockets ask. */
interface Entrant {
  start(): Promise<Place>;
  readonly dialect: 'edagent' | 'graphql' | 'bare' | 'socket.io';
  readonly devices: readonly FanOutDevice[];
}

const createEntrants = async ({
  options,
  main,
  disposers,
  print,
}: Run<Values>): Promise<Record<ContestantName, Entrant>> => {
  const system = await startSystem({ disposers, main });
  const count = options.sockets + options.first;
  print(`${count} conversations …`);
  const learners = await createLearners(system, count);
  const devices = learners.map(({ token, conversationId }) => ({
    token,
    subscriptions: subscriptionsOf(conversationId, true),
    topics: topicsOf(conversationId, true),
  }));
  const peers = Object.entries(peerKinds).map(([name, { program, dialect, path }]): [string, Entrant] => [
    name,
    {
      dialect,
      devices,
      async start() {
        const env = { REDIS_URL: system.redisUrl, TOPIC_PREFIX: `${program}:` };
        const server = await startPeer(program, env, disposers);
        return { server, url: toSocketUrl(server, path) };
      },
    },
  ]);
  const edagent: Entrant = {
    dialect: 'edagent',
    devices,
    async start() {
      const { server, wsUrl } = await system.startNode();
      return { server, url: wsUrl };
    },
  };
  return { edagent, ...Object.fromEntries(peers) } as Record<ContestantName, Entrant>;
};

const playTurn = async (
  load: Load<FanOutLoad>,
  entrant: Entrant,
  { sockets, first }: Values,
): Promise<Turn> => {
  const { dialect, devices } = entrant;
  const { server, url } = await entrant.start();
  try {
    await load.call('connect', { url, dialect, devices: devices.slice(0, first) });
    await sleep(settleMs);
    const before = await server.memory();
    await load.call('connect', { url, dialect, devices: devices.slice(first) });
    await sleep(settleMs);
    const after = await server.memory();
    const { lost } = await load.call('end', { expected: 0, timeoutMs: 0 });
    if (lost > 0) throw new Error(`${lost} sockets were lost: what is left cannot be divided by all.`);
    return {
      bytes: (after.residentBytes - before.residentBytes) / sockets,
      heapBytes: (after.heapBytes - before.heapBytes) / sockets,
      processMb: before.residentBytes / 1024 ** 2,
    };
  } finally {
    await load.call('cut');
    await server.dispose();
  }
};

const measure = async (run: Run<Values>): Promise<IdleMemoryMeasured> => {
  const { options, random, disposers, print } = run;
  const entrants = await createEntrants(run);
  const load = await startLoad<FanOutLoad>('fan-out', disposers);
  const played = await runRounds<ContestantName, Turn>({
    rounds: options.rounds,
    random,
    contestants: Object.fromEntries(
      contestantNames.map((name) => [name, () => playTurn(load, entrants[name], options)]),
    ) as Record<ContestantName, () => Promise<Turn>>,
    onMeasured: (name, round, { bytes, heapBytes, processMb }) =>
      print(
        `round ${round} ${contestantTitles[name].padEnd(10)} ${(bytes / 1024).toFixed(1)} kB a connection (heap ${(heapBytes / 1024).toFixed(1)}), process ${processMb.toFixed(0)} MB`,
      ),
  });
  const toSide = (name: ContestantName): Side => {
    const turns = played[name];
    return {
      title: contestantTitles[name],
      kilobytes: toQuartiles(turns.map(({ bytes }) => bytes / 1024)),
      heapKilobytes: toQuartiles(turns.map(({ heapBytes }) => heapBytes / 1024)),
      ratio: toQuartiles(turns.map(({ bytes }, at) => bytes / (played.bareWs[at]?.bytes ?? Number.NaN))),
      processMb: toQuartiles(turns.map(({ processMb }) => processMb)),
    };
  };
  return {
    sockets: options.sockets,
    sides: Object.fromEntries(contestantNames.map((name) => [name, toSide(name)])) as Record<
      ContestantName,
      Side
    >,
  };
};

export const idleMemory: Question<IdleMemoryMeasured, typeof optionTable> = {
  name: 'idle-memory',
  doc: 'Resident memory of a connection on which nothing happens.',
  options: optionTable,
  limitMs: ({ rounds, sockets }) =>
    120_000 + sockets * 30 + rounds * contestantNames.length * (30_000 + sockets * 20),
  measure,
  verdicts: ({ sides: { edagent } }) => [
    {
      wanted: `resident memory of a connection at most ${atMost} times that of bare ws`,
      measured: `${edagent.ratio.median} times (${edagent.kilobytes.median} kB)`,
      isMet: edagent.ratio.median <= atMost,
    },
  ],
  plots: ({ sides, sockets }) => {
    const all = contestantNames.map((name) => sides[name]);
    const bars = all.map(({ kilobytes: { median, q1, q3 } }) => ({ value: median, low: q1, high: q3 }));
    return [
      {
        file: 'idle-memory',
        svg: barPlot({
          title: `Resident memory of an idle connection (${sockets} sockets)`,
          x: { label: 'median of the rounds, whiskers: quartiles', unit: '' },
          y: { label: 'a connection', unit: 'kB' },
          groups: all.map(({ title }) => title),
          series: [{ name: 'resident', bars }],
        }),
      },
    ];
  },
};
