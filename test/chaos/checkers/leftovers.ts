import type { Gauges } from '../history.ts';
import { createChecker } from './judge.ts';

type Gauge = keyof Gauges;

/** What may be more at the end than at the beginning: a process that has worked is larger than one that has not. */
const allowed: Record<Gauge, (baseline: number) => number> = {
  connections: (baseline) => baseline,
  sockets: (baseline) => baseline,
  // Some belong to work that comes and goes by itself; what a connection leaves behind comes by the hundred.
  timers: (baseline) => baseline + 10,
  redisChannels: (baseline) => baseline,
  heapBytes: (baseline) => 1.5 * baseline + 30 * 2 ** 20,
  residentBytes: (baseline) => 1.5 * baseline + 100 * 2 ** 20,
};

const gaugeNames = Object.keys(allowed) as Gauge[];

/** Once all clients are gone, every node and Redis hold what they held before the first came. */
export const checkLeftovers = createChecker('leftovers', (judge, history) => {
  const baselines = new Map<number | null, Gauges>();
  const ends = new Map<number | null, Gauges>();
  for (const fact of history.facts) {
    if (fact.kind !== 'measured') continue;
    (fact.when === 'baseline' ? baselines : ends).set(fact.node, fact.gauges);
  }
  for (const [node, baseline] of baselines) {
    const where = node === null ? 'the cluster' : `node ${node}`;
    const end = ends.get(node);
    if (!end) judge.complain(`${where} was not measured at the end`, {});
    for (const gauge of end ? gaugeNames : []) {
      const before = baseline[gauge];
      const after = end?.[gauge];
      if (before === undefined) continue;
      judge.count();
      if (after === undefined) judge.complain(`${where}: ${gauge} was not measured at the end`, {});
      else if (after > allowed[gauge](before)) {
        judge.complain(`${where}: ${gauge} went from ${before} to ${after}`, {});
      }
    }
  }
});
