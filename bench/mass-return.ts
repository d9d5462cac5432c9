import { sleep } from '../src/util/sleep.ts';
import { toSocketUrl } from './lib/contestants.ts';
import { type Load, startLoad } from './lib/load.ts';
import { eachOf } from './lib/pace.ts';
import { startPeer } from './lib/peer.ts';
import type { Options, Question, Run } from './lib/question.ts';
import { runRounds } from './lib/rounds.ts';
import type { Server } from './lib/server.ts';
import { type Distribution, type Quartiles, toDistribution, toQuartiles } from './lib/stats.ts';
import { jwtSecret, startSystem } from './lib/system.ts';
import type { ReturnersLoad } from './loads/returners.ts';
import { barPlot } from './plot/bar-plot.ts';

/**
 * How soon are all there again when thousands of sockets are cut at once, as when a balancer is restarted?
 *
 * Load: 5,000 clients, each a learner who follows all of its own conversations and the broadcasts. All sockets are cut without a
 * close frame; three broadcasts go out while nobody is there; after two seconds all dial, 500 at a time, with the
 * cursors they have. Live is who has been told `Ready`, by which all that it missed has come (L5). The reference is a bare ws
 * server, which verifies the same token, subscribes to as many topics in Redis, and has nothing to replay.
 *
 * Expected: nothing lost, and at most 2.0 times the time that the bare sockets take. Needs some 5,100 file descriptors in each of
 * two processes (`ulimit -n`).
 *
 * Worse: a ratio that rises with the number of clients; a statement of the store for each.
 */
const optionTable = {
  clients: { default: 5_000, doc: 'clients, each a learner of its own' },
  atOnce: { default: 500, doc: 'that dial at a time' },
  missed: { default: 3, doc: 'broadcasts while they are away' },
  awayMs: { default: 2_000, doc: 'how long that is' },
  rounds: { default: 5, doc: 'in which each has one turn' },
} as const;

type Values = Options<typeof optionTable>;

const titles = { edagent: 'EdAgent', bareWs: 'bare ws' } as const;
type Name = keyof typeof titles;

interface Turn {
  readonly allMs: number;
  readonly each: Distribution;
  /** Of the server, from the first dialing until all are live. */
  readonly cpuMs: number;
  readonly missing: number;
  readonly repeated: number;
}

interface Side {
  readonly title: string;
  readonly allMs: Quartiles;
  readonly ratio: Quartiles;
  readonly cpuMs: Quartiles;
  readonly cpuRatio: Quartiles;
  readonly p50Ms: Quartiles;
  readonly p95Ms: Quartiles;
  readonly p99Ms: Quartiles;
  readonly maxMs: Quartiles;
  /** Of the last round, which counts all before it. */
  readonly missing: number;
  readonly repeated: number;
}

export interface MassReturnMeasured {
  readonly clients: number;
  readonly missed: number;
  readonly sides: Readonly<Record<Name, Side>>;
}

const atMost = 2;
const deliveryTimeoutMs = 20_000;
const signAtOnce = 50;

const broadcast = `mutation Broadcast($input: BroadcastInput!) { broadcast(input: $input) { connectionCount } }`;

interface Entrant {
  readonly server: Server;
  readonly load: Load<ReturnersLoad>;
  /** Those of EdAgent keep what is sent while nobody is there. */
  readonly isKept: boolean;
  publish(number: number): Promise<void>;
}

const startEntrants = async ({
  options,
  main,
  disposers,
  print,
}: Run<Values>): Promise<Record<Name, Entrant>> => {
  const system = await startSystem({ disposers, main });
  const env = { REDIS_URL: system.redisUrl, TOPIC_PREFIX: 'bare-ws:', JWT_SECRET: jwtSecret };
  const bare = await startPeer('bare-ws', env, disposers);
  const users = Array.from({ length: options.clients }, (_, at) => `learner-${at}`);
  const clients: { token: string; topics: string[] }[] = [];
  await eachOf(users, signAtOnce, async (user) => {
    clients.push({ token: await system.token(user), topics: [`user:${user}`, 'broadcast'] });
  });
  const admin = await system.token('admin', 'admin');
  const connect = async (dialect: 'edagent' | 'bare', url: string): Promise<Load<ReturnersLoad>> => {
    print(`${clients.length} clients connect …`);
    const load = await startLoad<ReturnersLoad>('returners', disposers);
    await load.call('connect', { url, dialect, clients });
    return load;
  };
  return {
    edagent: {
      server: system.server,
      load: await connect('edagent', system.wsUrl),
      isKept: true,
      async publish(number) {
        const input = { clientBroadcastId: `m${number}`, text: `${number} and so on` };
        await system.request(admin, broadcast, { input });
      },
    },
    bareWs: {
      server: bare,
      load: await connect('bare', toSocketUrl(bare, '/')),
      isKept: false,
      async publish(number) {
        const body = JSON.stringify({ conversation: null, text: `${number} and so on` });
        await fetch(`${bare.url}/publish`, { method: 'POST', body });
      },
    },
  };
};

const playTurn = async (
  { server, load, isKept, publish }: Entrant,
  { atOnce, missed, awayMs }: Values,
  count: { value: number },
): Promise<Turn> => {
  await load.call('cut');
  if (isKept) for (let at = 0; at < missed; at++) await publish(++count.value);
  await sleep(awayMs);
  const before = await server.cpuMs();
  const { allMs, eachMs } = await load.call('comeBack', { atOnce });
  const cpuMs = (await server.cpuMs()) - before;
  // That they are live shows in one that is sent now.
  await publish(++count.value);
  const received = await load.call('awaitAll', { number: count.value, timeoutMs: deliveryTimeoutMs });
  return { allMs, each: toDistribution(eachMs), cpuMs, ...received };
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
  const last = turns.at(-1);
  return {
    title,
    allMs: over(({ allMs }) => allMs),
    ratio: ratio(({ allMs }) => allMs),
    cpuMs: over(({ cpuMs }) => cpuMs),
    cpuRatio: ratio(({ cpuMs }) => cpuMs),
    p50Ms: over(({ each }) => each.p50),
    p95Ms: over(({ each }) => each.p95),
    p99Ms: over(({ each }) => each.p99),
    maxMs: over(({ each }) => each.max),
    missing: last?.missing ?? 0,
    repeated: last?.repeated ?? 0,
  };
};

const measure = async (run: Run<Values>): Promise<MassReturnMeasured> => {
  const { options, random, print } = run;
  const entrants = await startEntrants(run);
  const counts: Record<Name, { value: number }> = { edagent: { value: 0 }, bareWs: { value: 0 } };
  const play = (name: Name) => () => playTurn(entrants[name], options, counts[name]);
  print('warming up …');
  for (const name of ['edagent', 'bareWs'] as const) await play(name)();
  const { edagent, bareWs } = await runRounds<Name, Turn>({
    rounds: options.rounds,
    random,
    contestants: { edagent: play('edagent'), bareWs: play('bareWs') },
    onMeasured: (name, round, { allMs, each, cpuMs, missing, repeated }) =>
      print(
        `round ${round} ${titles[name].padEnd(8)} all live after ${allMs.toFixed(0)} ms, each p50 ${each.p50}  p99 ${each.p99} ms, CPU ${cpuMs.toFixed(0)} ms, ${missing} missing, ${repeated} repeated`,
      ),
  });
  return {
    clients: options.clients,
    missed: options.missed,
    sides: {
      edagent: toSide(titles.edagent, edagent, bareWs),
      bareWs: toSide(titles.bareWs, bareWs, bareWs),
    },
  };
};

export const massReturn: Question<MassReturnMeasured, typeof optionTable> = {
  name: 'mass-return',
  doc: 'Thousands of clients cut at once and resuming, beside as many bare sockets.',
  options: optionTable,
  limitMs: ({ clients, awayMs, rounds }) =>
    90_000 + clients * 40 + (rounds + 1) * 2 * (awayMs + 30_000 + clients * 4),
  measure,
  verdicts: ({ sides: { edagent } }) => [
    {
      wanted: `all live again within ${atMost} times what bare sockets take`,
      measured: `${edagent.ratio.median} times (quartiles ${edagent.ratio.q1} to ${edagent.ratio.q3})`,
      isMet: edagent.ratio.median <= atMost,
    },
    {
      wanted: 'nothing lost, nothing twice',
      measured: `${edagent.missing} missing, ${edagent.repeated} twice`,
      isMet: edagent.missing === 0 && edagent.repeated === 0,
    },
  ],
  plots: ({ sides, clients }) => {
    const all = [sides.edagent, sides.bareWs];
    return [
      {
        file: 'mass-return',
        svg: barPlot({
          title: `${clients} clients cut at once: until all are live again`,
          x: { label: 'median of the rounds, whiskers: quartiles', unit: '' },
          y: { label: 'from the first dialing', unit: 'ms' },
          groups: ['all are live', 'CPU of the server'],
          series: all.map(({ title, allMs, cpuMs }) => ({
            name: title,
            bars: [allMs, cpuMs].map(({ median, q1, q3 }) => ({ value: median, low: q1, high: q3 })),
          })),
        }),
      },
    ];
  },
};
