import { type Fact, type FactOf, type FaultTraits, faultTraits, type History } from '../history.ts';

/**
 * What was out of order when: the bounds of PROTOCOL.md hold for a node that runs and a line that carries, and are wider
 * without Redis.
 */
export interface Conditions {
  /** Redis was away, or only just back, at some moment of this time. */
  redisAway(fromMs: number, toMs: number): boolean;
  /** For how long of this time a fault of these traits was in effect, for this client or (null) for anyone. */
  disturbedMs(of: Disturbance, fromMs: number, toMs: number): number;
  /** How late the run itself may have noticed what it received at this moment. */
  lagMs(atMs: number): number;
  faults(): readonly FaultWindow[];
  /** The nodes that the client was connected to in this time, the last one before it too. */
  nodesOf(client: string, fromMs: number, toMs: number): Set<number>;
}

export interface Disturbance {
  readonly client: string | null;
  readonly traits: readonly ('redis' | 'store' | 'node' | 'network')[];
}

export interface FaultWindow {
  readonly begin: FactOf<'fault-begin'>;
  readonly traits: FaultTraits;
  readonly beginMs: number;
  /** Infinity when it did not end. */
  readonly endMs: number;
}

/** What was held up by a fault is delivered after it, and who was struck has to notice that it is over. */
const graceMs = 1_500;
const redisGraceMs = 2_500;

const faultWindows = (history: History): FaultWindow[] => {
  const ends = new Map<number, number>();
  for (const fact of history.facts) if (fact.kind === 'fault-end') ends.set(fact.faultId, fact.atMs);
  return history.facts
    .filter((fact): fact is FactOf<'fault-begin'> => fact.kind === 'fault-begin')
    .map((begin) => ({
      begin,
      traits: faultTraits[begin.fault],
      beginMs: begin.atMs,
      endMs: ends.get(begin.faultId) ?? Number.POSITIVE_INFINITY,
    }));
};

/** How much of the time is covered by these spans, each moment once. */
const coveredMs = (spans: readonly (readonly [number, number])[], fromMs: number, toMs: number): number => {
  let covered = 0;
  let until = fromMs;
  for (const [begin, end] of [...spans].sort(([one], [other]) => one - other)) {
    const from = Math.max(begin, until);
    const to = Math.min(end, toMs);
    if (to <= from) continue;
    covered += to - from;
    until = to;
  }
  return covered;
};

const groupByClient = (facts: readonly Fact[]): Map<string, FactOf<'connected'>[]> => {
  const groups = new Map<string, FactOf<'connected'>[]>();
  for (const fact of facts) {
    if (fact.kind !== 'connected') continue;
    const ofClient = groups.get(fact.client);
    if (ofClient) ofClient.push(fact);
    else groups.set(fact.client, [fact]);
  }
  return groups;
};

export const toConditions = (history: History): Conditions => {
  const windows = faultWindows(history);
  const connections = groupByClient(history.facts);
  const lags = history.facts.filter((fact): fact is FactOf<'runner-lag'> => fact.kind === 'runner-lag');

  const nodesOf = (client: string, fromMs: number, toMs: number): Set<number> => {
    const nodes = new Set<number>();
    let last: number | undefined;
    for (const { atMs, node } of connections.get(client) ?? []) {
      if (atMs > toMs) break;
      if (atMs >= fromMs) nodes.add(node);
      else last = node;
    }
    if (last !== undefined) nodes.add(last);
    return nodes;
  };

  return {
    redisAway: (fromMs, toMs) =>
      windows.some(
        ({ traits, beginMs, endMs }) => traits.redis && beginMs <= toMs && endMs + redisGraceMs >= fromMs,
      ),
    disturbedMs({ client, traits }, fromMs, toMs) {
      const nodes = client === null ? null : nodesOf(client, fromMs, toMs);
      const strikes = ({ begin }: FaultWindow): boolean =>
        begin.node === undefined || nodes === null || nodes.has(begin.node);
      const spans = windows
        .filter((window) => traits.some((trait) => window.traits[trait]))
        // Without Redis at one node, what that node does reaches all others late.
        .filter((window) => window.traits.redis || strikes(window))
        .map(({ beginMs, endMs }) => [beginMs, endMs + graceMs] as const);
      return coveredMs(spans, fromMs, toMs);
    },
    lagMs(atMs) {
      // The lag is told after it was: the next fact that tells one covers this moment.
      const near = lags.filter((lag) => lag.atMs >= atMs - 1_000 && lag.atMs <= atMs + 3_000);
      return near.reduce((most, { lagMs }) => Math.max(most, lagMs), 0);
    },
    faults: () => windows,
    nodesOf,
  };
};
