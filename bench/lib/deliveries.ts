import { sleep } from '../../src/util/sleep.ts';
import type { FanOutTally } from '../loads/fan-out.ts';
import { now } from './clock.ts';
import {
  type Audience,
  type Contestant,
  type ContestantName,
  contestantNames,
  contestantTitles,
  startContestants,
} from './contestants.ts';
import { watchCpu } from './cpu-share.ts';
import { eachOf, offer } from './pace.ts';
import type { Run } from './question.ts';
import { runRounds } from './rounds.ts';
import { type Distribution, type Quartiles, toDistribution, toQuartiles } from './stats.ts';

/**
 * What a delivery costs each contestant, round by round. Delays are those at a fixed rate of events. So is the CPU where an event goes
 * to many sockets; where each goes to one, waking up for it costs more than all else and would make everyone alike, so the CPU is
 * that of bursts: the receiving process is halted while so many events are published, and then has them all to deliver.
 */
export interface DeliveryOptions {
  readonly rounds: number;
  /** Events. */
  readonly perSecond: number;
  readonly seconds: number;
  readonly textBytes: number;
  readonly warmUpSeconds: number;
  /** None: the CPU is that at the fixed rate. */
  readonly bursts?: number;
  /** Events of a burst. */
  readonly burst?: number;
}

interface Round {
  /** CPU of the server's process, in microseconds for each delivery. */
  readonly cpuMicros: number;
  /** At the fixed rate. */
  readonly pacedCpuMicros: number;
  readonly delay: Distribution;
  readonly bytes: number;
  readonly missing: number;
  /** With the sockets there and nothing to deliver. */
  readonly idleCpuPercent: number;
  readonly loadCpuPercent: number;
}

/** One contestant over all rounds. */
export interface DeliverySide {
  readonly title: string;
  readonly cpuMicros: Quartiles;
  /** To bare ws in the same round. */
  readonly ratio: Quartiles;
  /** Null where it is the same. */
  readonly pacedCpuMicros: Quartiles | null;
  readonly deliveries: number;
  readonly missing: number;
  /** Of a frame. */
  readonly bytes: number;
  readonly p50Ms: Quartiles;
  readonly p95Ms: Quartiles;
  readonly p99Ms: Quartiles;
  readonly maxMs: Quartiles;
  readonly idleCpuPercent: Quartiles;
  readonly loadCpuPercent: Quartiles;
  readonly rounds: readonly Round[];
}

export interface DeliveriesMeasured {
  readonly sockets: number;
  readonly perSecond: number;
  readonly sides: Readonly<Record<ContestantName, DeliverySide>>;
}

const drainMs = 15_000;
const idleMs = 2_000;
const publishAtOnce = 8;
/** Of bursts: code is compiled in the course of some thousand deliveries, by threads whose CPU would count. */
const warmUpTurns = 4;
const probes = 3;
const probeAttempts = 20;
const probeTimeoutMs = 2_000;

interface Stage {
  readonly audience: Audience;
  readonly options: DeliveryOptions;
  /** Of all events so far, whoever's they were. */
  readonly count: { value: number };
  /** Characters of a text, so that the frames of all are as long as EdAgent's. */
  readonly textBytes: Map<ContestantName, number>;
}

const receiversOf = ({ kind, sockets }: Audience): number => (kind === 'conversations' ? 1 : sockets);

const publishNext = (
  { options, count, textBytes }: Stage,
  name: ContestantName,
  contestant: Contestant,
): Promise<void> => {
  const length = textBytes.get(name) ?? options.textBytes;
  const number = ++count.value;
  return contestant.publish(number, `${number} ${now().toFixed(3)} `.padEnd(length, 'x'));
};

const play = async (
  stage: Stage,
  name: ContestantName,
  contestant: Contestant,
  events: number,
): Promise<FanOutTally & { readonly expected: number }> => {
  const expected = events * receiversOf(stage.audience);
  await contestant.load.call('begin', { firstNumber: stage.count.value + 1 });
  await offer({ count: events, intervalMs: 1_000 / stage.options.perSecond }, () =>
    publishNext(stage, name, contestant),
  );
  return { ...(await contestant.load.call('end', { expected, timeoutMs: drainMs })), expected };
};

const meanBytes = ({ bytes, delayMs }: FanOutTally): number =>
  Math.round(bytes / Math.max(1, delayMs.length));

/** Until an event reaches every socket: not every server says when a subscription has begun. */
const awaitAll = async (stage: Stage, name: ContestantName, contestant: Contestant): Promise<number> => {
  const { kind, sockets } = stage.audience;
  const events = Array.from({ length: kind === 'conversations' ? sockets : probes }, (_, at) => at);
  const expected = events.length * receiversOf(stage.audience);
  for (let attempt = 0; attempt < probeAttempts; attempt++) {
    await contestant.load.call('begin', { firstNumber: stage.count.value + 1 });
    await eachOf(events, publishAtOnce, () => publishNext(stage, name, contestant));
    const tally = await contestant.load.call('end', { expected, timeoutMs: probeTimeoutMs });
    if (tally.delayMs.length === expected) return meanBytes(tally);
  }
  throw new Error(`${contestantTitles[name]}: its sockets never all got an event.`);
};

const warmUp = async (stage: Stage, contestants: Readonly<Record<ContestantName, Contestant>>) => {
  const { textBytes, warmUpSeconds, perSecond } = stage.options;
  let wanted = 0;
  for (const name of contestantNames) {
    const contestant = contestants[name];
    const bytes = await awaitAll(stage, name, contestant);
    // EdAgent is the first.
    if (name === 'edagent') wanted = bytes;
    stage.textBytes.set(name, Math.max(0, textBytes + wanted - bytes));
    await play(stage, name, contestant, Math.round(warmUpSeconds * perSecond));
    if (stage.options.bursts === undefined) continue;
    for (let turn = 0; turn < warmUpTurns; turn++) await playBursts(stage, name, contestant);
  }
};

/** CPU of the receiver for each of the deliveries, none of which may be missing. */
const playBursts = async (stage: Stage, name: ContestantName, contestant: Contestant): Promise<number> => {
  const { bursts = 0, burst = 0 } = stage.options;
  const { receiver, load } = contestant;
  const events = Array.from({ length: burst }, (_, at) => at);
  let usedMs = 0;
  for (let at = 0; at < bursts; at++) {
    await load.call('begin', { firstNumber: stage.count.value + 1 });
    const before = await receiver.cpuMs();
    receiver.pause();
    try {
      await eachOf(events, publishAtOnce, () => publishNext(stage, name, contestant));
    } finally {
      receiver.resume();
    }
    const { delayMs } = await load.call('end', { expected: burst, timeoutMs: drainMs });
    if (delayMs.length < burst) {
      throw new Error(`${contestantTitles[name]}: ${delayMs.length} of a burst of ${burst} came.`);
    }
    usedMs += (await receiver.cpuMs()) - before;
  }
  return (usedMs * 1_000) / (bursts * burst);
};

const playRound = async (stage: Stage, name: ContestantName, contestant: Contestant): Promise<Round> => {
  const { perSecond, seconds, bursts } = stage.options;
  const { receiver, load } = contestant;
  const idleCpu = await watchCpu(receiver);
  await sleep(idleMs);
  const idleCpuPercent = await idleCpu();
  const loadCpu = await watchCpu(load);
  const before = await receiver.cpuMs();
  const tally = await play(stage, name, contestant, Math.round(seconds * perSecond));
  const usedMs = (await receiver.cpuMs()) - before;
  const loadCpuPercent = await loadCpu();
  const { delayMs, expected } = tally;
  const pacedCpuMicros = (usedMs * 1_000) / Math.max(1, delayMs.length);
  return {
    cpuMicros: bursts === undefined ? pacedCpuMicros : await playBursts(stage, name, contestant),
    pacedCpuMicros,
    delay: toDistribution(delayMs),
    bytes: meanBytes(tally),
    missing: expected - delayMs.length,
    idleCpuPercent,
    loadCpuPercent,
  };
};

const toSide = (
  title: string,
  rounds: readonly Round[],
  bare: readonly Round[],
  isInBursts: boolean,
): DeliverySide => {
  const over = (of: (round: Round) => number): Quartiles => toQuartiles(rounds.map(of));
  return {
    title,
    cpuMicros: over(({ cpuMicros }) => cpuMicros),
    ratio: toQuartiles(rounds.map(({ cpuMicros }, at) => cpuMicros / (bare[at]?.cpuMicros ?? Number.NaN))),
    pacedCpuMicros: isInBursts ? over(({ pacedCpuMicros }) => pacedCpuMicros) : null,
    deliveries: rounds.reduce((sum, { delay }) => sum + delay.n, 0),
    missing: rounds.reduce((sum, { missing }) => sum + missing, 0),
    bytes: Math.round(over(({ bytes }) => bytes).median),
    p50Ms: over(({ delay }) => delay.p50),
    p95Ms: over(({ delay }) => delay.p95),
    p99Ms: over(({ delay }) => delay.p99),
    maxMs: over(({ delay }) => delay.max),
    idleCpuPercent: over(({ idleCpuPercent }) => idleCpuPercent),
    loadCpuPercent: over(({ loadCpuPercent }) => loadCpuPercent),
    rounds,
  };
};

export const measureDeliveries = async (
  { options, main, random, disposers, print }: Run<DeliveryOptions>,
  audience: Audience,
): Promise<DeliveriesMeasured> => {
  const contestants = await startContestants({ main, audience, disposers, print });
  const stage: Stage = { audience, options, count: { value: 0 }, textBytes: new Map() };
  print('warming up …');
  await warmUp(stage, contestants);
  const turnOf = (name: ContestantName) => () => playRound(stage, name, contestants[name]);
  const played = await runRounds<ContestantName, Round>({
    rounds: options.rounds,
    random,
    contestants: Object.fromEntries(contestantNames.map((name) => [name, turnOf(name)])) as Record<
      ContestantName,
      () => Promise<Round>
    >,
    onMeasured: (name, round, { cpuMicros, delay, missing, bytes, loadCpuPercent }) =>
      print(
        `round ${round} ${contestantTitles[name].padEnd(10)} ${cpuMicros.toFixed(2)} µs a delivery  p50 ${delay.p50}  p99 ${delay.p99} ms  ${bytes} bytes  load ${loadCpuPercent} %${missing > 0 ? `  ${missing} MISSING` : ''}`,
      ),
  });
  return {
    sockets: audience.sockets,
    perSecond: options.perSecond,
    sides: Object.fromEntries(
      contestantNames.map((name) => [
        name,
        toSide(contestantTitles[name], played[name], played.bareWs, options.bursts !== undefined),
      ]),
    ) as Record<ContestantName, DeliverySide>,
  };
};
