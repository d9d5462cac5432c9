import { createRandom, type Random } from '../support/random.ts';
import { type FaultKind, faultKinds } from './history.ts';

/**
 * Which fault strikes when: by the seed alone. Faults of one lane never overlap, because one of them would undo the other
 * (a node that is killed while it is frozen); those of different lanes do as chance wills.
 */
export interface PlannedFault {
  readonly id: number;
  readonly atMs: number;
  readonly fault: FaultKind;
  readonly target: FaultTarget;
  /** How long it is in effect; what takes no time (a kill, a flush) has 0. */
  readonly durationMs: number;
}

export type FaultTarget =
  | { readonly kind: 'node'; readonly node: number }
  /** The node that makes an answer at that moment; `node` when none does. */
  | { readonly kind: 'producer'; readonly node: number }
  | { readonly kind: 'all' };

export type FaultCounts = Record<FaultKind, number>;

export interface Plan {
  readonly seed: number;
  readonly faults: readonly PlannedFault[];
  readonly counts: FaultCounts;
}

const lanes = ['nodes', 'redis', 'store', 'model', 'network', 'clients'] as const;
type Lane = (typeof lanes)[number];

interface FaultShape {
  readonly lane: Lane;
  /** In 10 minutes. What is not counted here fills up the total. */
  readonly perTenMinutes: number;
  readonly minMs: number;
  readonly maxMs: number;
  /** Time until what it struck works again; nothing else of its lane begins before. */
  readonly restMs: number;
}

const shapes: Record<FaultKind, FaultShape> = {
  'node-kill': { lane: 'nodes', perTenMinutes: 16, minMs: 0, maxMs: 0, restMs: 6_000 },
  'node-freeze': { lane: 'nodes', perTenMinutes: 11, minMs: 1_500, maxMs: 8_000, restMs: 3_000 },
  'node-stop': { lane: 'nodes', perTenMinutes: 5, minMs: 0, maxMs: 0, restMs: 8_000 },
  'rolling-restart': { lane: 'nodes', perTenMinutes: 2, minMs: 0, maxMs: 0, restMs: 20_000 },
  'redis-restart': { lane: 'redis', perTenMinutes: 6, minMs: 200, maxMs: 3_000, restMs: 4_000 },
  'redis-freeze': { lane: 'redis', perTenMinutes: 6, minMs: 1_000, maxMs: 8_000, restMs: 3_000 },
  'redis-flush': { lane: 'redis', perTenMinutes: 6, minMs: 0, maxMs: 0, restMs: 2_000 },
  'redis-kill-pubsub': { lane: 'redis', perTenMinutes: 6, minMs: 0, maxMs: 0, restMs: 2_000 },
  'redis-link-half-open': { lane: 'redis', perTenMinutes: 5, minMs: 2_000, maxMs: 8_000, restMs: 3_000 },
  'store-restart': { lane: 'store', perTenMinutes: 4, minMs: 0, maxMs: 1_000, restMs: 6_000 },
  'store-outage': { lane: 'store', perTenMinutes: 1, minMs: 30_000, maxMs: 30_000, restMs: 8_000 },
  'store-link-cut': { lane: 'store', perTenMinutes: 3, minMs: 1_000, maxMs: 8_000, restMs: 4_000 },
  'store-link-half-open': { lane: 'store', perTenMinutes: 3, minMs: 1_000, maxMs: 8_000, restMs: 4_000 },
  'model-failure': { lane: 'model', perTenMinutes: 8, minMs: 500, maxMs: 3_000, restMs: 1_000 },
  'network-cut': { lane: 'network', perTenMinutes: 0, minMs: 0, maxMs: 1_500, restMs: 1_000 },
  'network-half-open': { lane: 'network', perTenMinutes: 0, minMs: 1_000, maxMs: 8_000, restMs: 1_000 },
  'network-slow': { lane: 'network', perTenMinutes: 0, minMs: 2_000, maxMs: 6_000, restMs: 1_000 },
  'network-flap': { lane: 'network', perTenMinutes: 0, minMs: 4_000, maxMs: 8_000, restMs: 1_000 },
  'token-expiry': { lane: 'clients', perTenMinutes: 10, minMs: 0, maxMs: 0, restMs: 500 },
  reload: { lane: 'clients', perTenMinutes: 25, minMs: 0, maxMs: 0, restMs: 500 },
  'reconnect-storm': { lane: 'clients', perTenMinutes: 6, minMs: 0, maxMs: 0, restMs: 4_000 },
  'stalled-reader': { lane: 'clients', perTenMinutes: 4, minMs: 12_000, maxMs: 15_000, restMs: 1_000 },
  'connection-flood': { lane: 'clients', perTenMinutes: 4, minMs: 1_000, maxMs: 3_000, restMs: 2_000 },
  'subscribe-churn': { lane: 'clients', perTenMinutes: 4, minMs: 1_000, maxMs: 3_000, restMs: 1_000 },
};

/** Chosen to fill up the total. */
const fillers = [
  'network-cut',
  'network-half-open',
  'network-slow',
  'network-flap',
] as const satisfies readonly FaultKind[];

const tenMinutes = 600;
const totalPerTenMinutes = 300;
/** A 30-second outage leaves nothing else of a run of one minute. */
const longestShare = 1 / 10;
/** Kills and freezes that wait for a node to be making an answer. */
const producerShare = 0.85;
const leadMs = 2_000;

export interface PlanOptions {
  readonly seed: number;
  readonly seconds: number;
  readonly nodes: number;
  /** At least so many of each kind; others by the length of the run. */
  readonly minimum?: Partial<FaultCounts>;
  /** At least so many in all. */
  readonly total?: number;
}

const emptyCounts = (): FaultCounts => Object.fromEntries(faultKinds.map((kind) => [kind, 0])) as FaultCounts;

const longestMsOf = (kind: FaultKind, seconds: number): number => {
  const { maxMs, restMs } = shapes[kind];
  return Math.min(maxMs, seconds * 1_000 * longestShare) + restMs;
};

/** A lane of a short run holds what fits into it: the kinds that take the longest are left out first. */
const leaveOutOfLane = (lane: Lane, counts: FaultCounts, seconds: number): void => {
  const kinds = faultKinds.filter((kind) => shapes[kind].lane === lane);
  const spanMs = seconds * 1_000 - leadMs;
  const taken = (): number => kinds.reduce((sum, kind) => sum + counts[kind] * longestMsOf(kind, seconds), 0);
  while (taken() > spanMs) {
    const left = kinds.filter((kind) => counts[kind] > 0);
    const longest = left.reduce((one, other) =>
      longestMsOf(other, seconds) > longestMsOf(one, seconds) ? other : one,
    );
    counts[longest] -= 1;
  }
};

/** How many of each kind a run of this length has at least: each once, as far as the time allows. */
export const minimumCounts = (seconds: number): FaultCounts => {
  const counts = emptyCounts();
  for (const kind of faultKinds) {
    const { perTenMinutes } = shapes[kind];
    counts[kind] = Math.max(1, Math.floor((perTenMinutes * seconds) / tenMinutes));
  }
  for (const lane of lanes) if (lane !== 'network') leaveOutOfLane(lane, counts, seconds);
  return counts;
};

const toCounts = (options: PlanOptions, random: Random): FaultCounts => {
  const { seconds, minimum = {} } = options;
  const counts = minimumCounts(seconds);
  for (const kind of faultKinds) counts[kind] = Math.max(counts[kind], minimum[kind] ?? 0);
  const total = options.total ?? Math.floor((totalPerTenMinutes * seconds) / tenMinutes);
  const planned = Object.values(counts).reduce((sum, count) => sum + count, 0);
  for (let missing = total - planned; missing > 0; missing--) counts[random.pick(fillers)] += 1;
  return counts;
};

type Draft = Omit<PlannedFault, 'id' | 'atMs'> & { readonly restMs: number };

const toTarget = (kind: FaultKind, nodes: number, random: Random): FaultTarget => {
  const node = random.int(nodes);
  const isAimed = random.chance(producerShare);
  if (kind === 'node-kill' || kind === 'node-freeze') return { kind: isAimed ? 'producer' : 'node', node };
  if (kind === 'node-stop' || kind.includes('-link-')) return { kind: 'node', node };
  return { kind: 'all' };
};

const toDraft = (kind: FaultKind, { seconds, nodes }: PlanOptions, random: Random): Draft => {
  const { minMs, maxMs, restMs } = shapes[kind];
  const longest = seconds * 1_000 * longestShare;
  const durationMs = Math.round(Math.min(minMs + random.next() * (maxMs - minMs), longest));
  return { fault: kind, target: toTarget(kind, nodes, random), durationMs, restMs };
};

const shuffle = <T>(values: readonly T[], random: Random): T[] => {
  const shuffled = [...values];
  for (let last = shuffled.length - 1; last > 0; last--) {
    const other = random.int(last + 1);
    [shuffled[last], shuffled[other]] = [shuffled[other] as T, shuffled[last] as T];
  }
  return shuffled;
};

const takenBy = (drafts: readonly Draft[]): number =>
  drafts.reduce((sum, { durationMs, restMs }) => sum + durationMs + restMs, 0);

/** Each network fault strikes the node that was struck the least, and all are shorter when they do not fit. */
const spreadOverNodes = (drafts: readonly Draft[], nodes: number, spanMs: number): Draft[] => {
  const busyMs = Array.from({ length: nodes }, () => 0);
  const rests = drafts.reduce((sum, { restMs }) => sum + restMs, 0);
  const longestMs = Math.max(0, 0.8 * spanMs * nodes - rests);
  const share = Math.min(1, longestMs / (takenBy(drafts) - rests || 1));
  return drafts.map((draft) => {
    const node = busyMs.indexOf(Math.min(...busyMs));
    const durationMs = Math.round(draft.durationMs * share);
    busyMs[node] = (busyMs[node] ?? 0) + durationMs + draft.restMs;
    return { ...draft, durationMs, target: { kind: 'node', node } };
  });
};

const isOfNetwork = ({ fault }: Draft): boolean => shapes[fault].lane === 'network';

/** Network faults of one node exclude each other, those of two do not. */
const laneOf = ({ fault, target }: Draft): string => {
  const { lane } = shapes[fault];
  return lane === 'network' && target.kind === 'node' ? `${lane} of node ${target.node}` : lane;
};

/** One after the other in chance order; what time is left falls between them by chance. */
const spread = (
  lane: string,
  drafts: readonly Draft[],
  spanMs: number,
  random: Random,
): Omit<PlannedFault, 'id'>[] => {
  const takenMs = takenBy(drafts);
  const freeMs = spanMs - takenMs;
  if (freeMs < 0) {
    throw new Error(
      `plan: ${lane}: ${drafts.length} faults take ${Math.ceil(takenMs / 1_000)} s and only ` +
        `${Math.floor(spanMs / 1_000)} are there; give more seconds or fewer faults`,
    );
  }
  const gaps = drafts.map(() => random.next() * freeMs).sort((one, other) => one - other);
  let before = leadMs;
  return shuffle(drafts, random).map(({ restMs, ...draft }, index) => {
    const atMs = Math.round(before + (gaps[index] ?? 0));
    before += draft.durationMs + restMs;
    return { ...draft, atMs };
  });
};

const groupBy = <T>(values: readonly T[], keyOf: (value: T) => string): Map<string, T[]> => {
  const groups = new Map<string, T[]>();
  for (const value of values) {
    const key = keyOf(value);
    groups.set(key, [...(groups.get(key) ?? []), value]);
  }
  return groups;
};

/** @throws when so many faults do not fit into so many seconds. */
export const createPlan = (options: PlanOptions): Plan => {
  const random = createRandom(options.seed);
  const counts = toCounts(options, random);
  const drafts = faultKinds.flatMap((kind) =>
    Array.from({ length: counts[kind] }, () => toDraft(kind, options, random)),
  );
  const spanMs = options.seconds * 1_000 - leadMs;
  const ofNetwork = shuffle(drafts.filter(isOfNetwork), random);
  const placed = [
    ...drafts.filter((draft) => !isOfNetwork(draft)),
    ...spreadOverNodes(ofNetwork, options.nodes, spanMs),
  ];
  const faults = [...groupBy(placed, laneOf)]
    .flatMap(([lane, ofLane]) => spread(lane, ofLane, spanMs, random))
    .sort((one, other) => one.atMs - other.atMs)
    .map((fault, index) => ({ id: index + 1, ...fault }));
  return { seed: options.seed, faults, counts };
};

const toLine = ({ id, atMs, fault, target, durationMs }: PlannedFault): string => {
  const at = `${(atMs / 1_000).toFixed(1)} s`.padStart(8);
  const where = target.kind === 'all' ? '' : ` ${target.kind} ${target.node}`;
  return `${String(id).padStart(4)} ${at}  ${fault}${where}${durationMs > 0 ? ` for ${durationMs} ms` : ''}`;
};

export const printPlan = ({ seed, faults }: Plan): string =>
  [`plan of seed ${seed}: ${faults.length} faults`, ...faults.map(toLine)].join('\n');
