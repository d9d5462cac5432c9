/** Of single values: how many, and what so many of a hundred do not exceed. */
export interface Distribution {
  readonly n: number;
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  readonly max: number;
}

/** Of one figure over several rounds. */
export interface Quartiles {
  readonly rounds: number;
  readonly q1: number;
  readonly median: number;
  readonly q3: number;
}

const sorted = (values: Iterable<number>): Float64Array => Float64Array.from(values).sort();

/** The smallest of the values that so many of a hundred do not exceed; 0 of none. */
const rank = (ordered: Float64Array, hundredths: number): number =>
  ordered[Math.max(0, Math.ceil((hundredths / 100) * ordered.length) - 1)] ?? 0;

const round = (value: number): number => Math.round(value * 100) / 100;

export const toDistribution = (values: Iterable<number>): Distribution => {
  const ordered = sorted(values);
  const at = (hundredths: number): number => round(rank(ordered, hundredths));
  return { n: ordered.length, p50: at(50), p95: at(95), p99: at(99), max: at(100) };
};

/** Between two values the way from one to the other, as quartiles of few rounds need it. */
const quantile = (ordered: Float64Array, share: number): number => {
  const at = share * (ordered.length - 1);
  const below = ordered[Math.floor(at)] ?? 0;
  const above = ordered[Math.ceil(at)] ?? below;
  return below + (above - below) * (at - Math.floor(at));
};

export const toQuartiles = (values: Iterable<number>): Quartiles => {
  const ordered = sorted(values);
  const at = (share: number): number => round(quantile(ordered, share));
  return { rounds: ordered.length, q1: at(0.25), median: at(0.5), q3: at(0.75) };
};

/** Points of the cumulative distribution for a plot: [value, how many of a hundred do not exceed it]. */
export const toCumulative = (values: Iterable<number>, points = 100): [number, number][] => {
  const ordered = sorted(values);
  if (ordered.length === 0) return [];
  return Array.from({ length: points + 1 }, (_, at) => {
    const share = at / points;
    return [round(ordered[Math.round(share * (ordered.length - 1))] ?? 0), round(share * 100)];
  });
};

export const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
