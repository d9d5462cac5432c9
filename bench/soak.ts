import { sleep } from '../src/util/sleep.ts';
import { startModel } from '../test/chaos/model.ts';
import { now } from './lib/clock.ts';
import { type Load, startLoad } from './lib/load.ts';
import type { Options, Question, Run } from './lib/question.ts';
import type { Memory, Server } from './lib/server.ts';
import { mean } from './lib/stats.ts';
import { startSystem } from './lib/system.ts';
import type { VisitorCounts } from './lib/visitor.ts';
import type { SoakLoad } from './loads/soak.ts';
import { linePlot } from './plot/line-plot.ts';

/**
 * Does a node that works steadily keep its memory?
 *
 * Load: 20 learners that connect, subscribe three times, type, ask, read the answers of an OpenAI-compatible model as they stream
 * (20 to 60 tokens a second), stop some of them, complete and begin subscriptions, leave or are cut, and begin a new
 * conversation after every third visit; a broadcast to all every 15 s. Twenty times in the run the memory is read after a
 * forced collection.
 *
 * Expected: the resident memory of the last tenth is at most 1.1 times that of the third tenth (of ten minutes: the last minute and
 * minute 3), and what is shown of an answer is always the beginning of its text (N8).
 *
 * Worse: a line that rises from sample to sample, or memory that stays when the last learner has gone.
 */
const optionTable = {
  seconds: { default: 600, doc: 'of load' },
  learners: { default: 20, doc: 'who come and go' },
  broadcastSeconds: { default: 15, doc: 'between two broadcasts to all' },
} as const;

type Values = Options<typeof optionTable>;

interface Sample {
  /** Since the beginning of the load. */
  readonly atSeconds: number;
  readonly residentMb: number;
  readonly heapMb: number;
  readonly externalMb: number;
  /** Since the sample before. */
  readonly cpuPercent: number;
}

export interface SoakMeasured {
  readonly seconds: number;
  readonly learners: number;
  readonly idleMb: number;
  /** Mean of the samples between 20 % and 30 % of the time. */
  readonly referenceMb: number;
  /** Mean of the samples of the last tenth. */
  readonly lastMb: number;
  readonly ratio: number;
  readonly heapRatio: number;
  /** When all learners have gone. */
  readonly afterwardsMb: number;
  readonly cpuPercent: number;
  readonly counts: VisitorCounts;
  readonly samples: readonly Sample[];
}

const wantedRatio = 1.1;
const sampleCount = 20;
/** Until the sockets that are closed are gone from everywhere. */
const quietMs = 3_000;

const broadcastDocument = `mutation Broadcast($input: BroadcastInput!) { broadcast(input: $input) { connectionCount } }`;

const toMb = (bytes: number): number => Math.round((bytes / 1024 ** 2) * 10) / 10;
const round = (value: number): number => Math.round(value * 1_000) / 1_000;

const toMegabytes = ({ residentBytes, heapBytes, externalBytes }: Memory) => ({
  residentMb: toMb(residentBytes),
  heapMb: toMb(heapBytes),
  externalMb: toMb(externalBytes),
});

interface Watch {
  readonly server: Server;
  readonly load: Load<SoakLoad>;
  readonly seconds: number;
  print(line: string): void;
}

const takeSamples = async ({ server, load, seconds, print }: Watch): Promise<Sample[]> => {
  const begin = now();
  const samples: Sample[] = [];
  let [cpuBefore, before] = [await server.cpuMs(), begin];
  for (let at = 1; at <= sampleCount; at++) {
    await sleep(begin + (at * seconds * 1_000) / sampleCount - now());
    const [cpu, time] = [await server.cpuMs(), now()];
    const cpuPercent = Math.round(((cpu - cpuBefore) / (time - before)) * 100);
    const sample = {
      atSeconds: Math.round((time - begin) / 1_000),
      ...toMegabytes(await server.memory()),
      cpuPercent,
    };
    // What the collection itself costs belongs to no sample.
    [cpuBefore, before] = [await server.cpuMs(), now()];
    samples.push(sample);
    const { messages, failures } = await load.call('tally');
    print(`${JSON.stringify(sample)} ${messages} messages, ${failures} failures`);
  }
  return samples;
};

const between = (samples: readonly Sample[], from: number, to: number): Sample[] =>
  samples.filter((_, at) => (at + 1) / samples.length > from && (at + 1) / samples.length <= to);

const measure = async ({ options, seed, main, disposers, print }: Run<Values>): Promise<SoakMeasured> => {
  const { seconds, learners, broadcastSeconds } = options;
  const model = await startModel(seed, { began() {}, ended() {} });
  disposers.add('model', () => model.dispose());
  const { server, wsUrl, token, request } = await startSystem({
    disposers,
    main,
    env: { OPENAI_BASE_URL: model.baseUrl(0), OPENAI_API_KEY: 'none' },
  });
  const load = await startLoad<SoakLoad>('soak', disposers);
  const admin = await token('admin', 'admin');
  const broadcast = async (at: number): Promise<void> => {
    const expiresAt = new Date(Date.now() + 60_000).toISOString();
    await request(admin, broadcastDocument, {
      input: { clientBroadcastId: `b${at}`, text: `Announcement ${at}.`, expiresAt },
    });
  };
  // The first operations compile.
  await broadcast(0);
  const idle = toMegabytes(await server.memory());
  const tokens = await Promise.all(Array.from({ length: learners }, (_, at) => token(`learner-${at}`)));
  print(`${learners} learners for ${seconds} s …`);
  await load.call('begin', { url: wsUrl, tokens, seed });

  let broadcasts = 0;
  const broadcasting = setInterval(
    () => void broadcast(++broadcasts).catch((error) => print(String(error))),
    broadcastSeconds * 1_000,
  );
  disposers.add('broadcasts', () => clearInterval(broadcasting));
  const samples = await takeSamples({ server, load, seconds, print });
  clearInterval(broadcasting);
  const counts = await load.call('end');
  await sleep(quietMs);

  const of = (part: readonly Sample[], field: 'residentMb' | 'heapMb' | 'cpuPercent'): number =>
    mean(part.map((sample) => sample[field]));
  const [reference, last] = [between(samples, 0.2, 0.3), between(samples, 0.9, 1)];
  return {
    seconds,
    learners,
    idleMb: idle.residentMb,
    referenceMb: round(of(reference, 'residentMb')),
    lastMb: round(of(last, 'residentMb')),
    ratio: round(of(last, 'residentMb') / of(reference, 'residentMb')),
    heapRatio: round(of(last, 'heapMb') / of(reference, 'heapMb')),
    afterwardsMb: toMegabytes(await server.memory()).residentMb,
    cpuPercent: Math.round(of(samples, 'cpuPercent')),
    counts,
    samples,
  };
};

export const soak: Question<SoakMeasured, typeof optionTable> = {
  name: 'soak',
  doc: 'The memory of a node under steady mixed load.',
  options: optionTable,
  limitMs: ({ seconds }) => seconds * 1_100 + 120_000,
  measure,
  verdicts: ({ ratio, counts: { failures, mismatches, messages } }) => [
    {
      wanted: `resident memory of the last tenth at most ${wantedRatio} times that of the third`,
      measured: `${ratio} times`,
      isMet: ratio <= wantedRatio,
    },
    {
      wanted: 'no operation fails, and every answer shown is the beginning of its text (N8)',
      measured: `${failures} failures, ${mismatches} mismatches in ${messages} messages`,
      isMet: messages > 0 && failures === 0 && mismatches === 0,
    },
  ],
  plots: ({ samples, referenceMb, learners }) => {
    const toPoints = (of: (sample: Sample) => number): [number, number][] =>
      samples.map((sample) => [sample.atSeconds / 60, of(sample)]);
    return [
      {
        file: 'soak-memory',
        svg: linePlot({
          title: `Memory of a node under steady load (${learners} learners)`,
          x: { label: 'time', unit: 'min', from: 0 },
          y: { label: 'after a forced collection', unit: 'MB', from: 0 },
          series: [
            { name: 'resident', points: toPoints(({ residentMb }) => residentMb) },
            { name: 'heap', points: toPoints(({ heapMb }) => heapMb) },
          ],
          limits: [{ axis: 'y', at: referenceMb * wantedRatio, name: 'wanted at the end: below this' }],
        }),
      },
    ];
  },
};
