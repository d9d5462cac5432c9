import type { AdminHistoryQuery, AdminStatusSubscription } from '../generated/graphql.ts';

export type Status = AdminStatusSubscription['connectionStatusChanged'];
export type NodeStatus = Status['nodes'][number];
/** One interval of 5 s; `at` is its begin. */
export type Rates = AdminHistoryQuery['connectionStatus']['history'][number];

/** What was so at one moment. */
interface Gauges {
  readonly at: number;
  readonly connections: number;
  readonly users: number;
  readonly answers: number;
}

/** All that the plots are drawn from, oldest first: intervals as told by history and statuses, and the statuses themselves. */
export interface StatusPoints {
  readonly rates: readonly Rates[];
  readonly gauges: readonly Gauges[];
}

/** One point of a plot; null: there was nothing to measure. */
export interface Sample {
  readonly at: number;
  readonly value: number | null;
}

type Gauge = Exclude<keyof Gauges, 'at'>;
export type Metric = Gauge | 'messages' | 'deltas' | 'firstToken';

export const windowMs = 15 * 60_000;
export const intervalMs = 5_000;
/** A status comes at least once an interval; where two are missing, nothing is known. */
const gapMs = 2.5 * intervalMs;

export const noPoints: StatusPoints = { rates: [], gauges: [] };

const beginOf = ({ at }: Rates): number => Date.parse(at);
/** Averages and counts of an interval are known at its end. */
const endOf = (rates: Rates): number => beginOf(rates) + intervalMs;

/** The time of the latest point, by the server's clock: the right edge of the plots. */
export const latestOf = ({ rates, gauges }: StatusPoints): number | null => {
  const times = [rates.at(-1), gauges.at(-1)].flatMap((last) =>
    last === undefined ? [] : [typeof last.at === 'number' ? last.at : Date.parse(last.at) + intervalMs],
  );
  return times.length === 0 ? null : Math.max(...times);
};

/** One for each moment, the later told in place of the earlier: an interval grows until every node has told of it. */
const mergeBy = <T>(timeOf: (point: T) => number, known: readonly T[], told: readonly T[]): T[] => {
  const byTime = new Map([...known, ...told].map((point) => [timeOf(point), point]));
  return [...byTime.entries()].sort(([a], [b]) => a - b).map(([, point]) => point);
};

const trim = (points: StatusPoints): StatusPoints => {
  const begin = (latestOf(points) ?? 0) - windowMs;
  return {
    rates: points.rates.filter((rates) => endOf(rates) >= begin),
    gauges: points.gauges.filter(({ at }) => at >= begin),
  };
};

export const withHistory = (points: StatusPoints, history: readonly Rates[]): StatusPoints =>
  trim({ ...points, rates: mergeBy(beginOf, points.rates, history) });

export const withStatus = (points: StatusPoints, status: Status): StatusPoints => {
  const gauges: Gauges = {
    at: Date.parse(status.at),
    connections: status.connectionCount,
    users: status.userCount,
    answers: status.nodes.reduce((sum, node) => sum + node.answersInProgress, 0),
  };
  return trim({
    rates: mergeBy(beginOf, points.rates, [status.rates]),
    gauges: mergeBy(({ at }) => at, points.gauges, [gauges]),
  });
};

/** Whether intervals are missing just before this one, because nothing was heard for a while: the history has them. */
export const hasHoleBefore = ({ rates }: StatusPoints, next: Rates): boolean => {
  const last = rates.at(-1);
  return last === undefined || beginOf(next) - beginOf(last) > intervalMs;
};

const gaugesOf = ({ connections, userCount, answersInProgress }: Rates): Record<Gauge, number | null> => ({
  connections,
  users: userCount ?? null,
  answers: answersInProgress,
});

/**
 * What was so at a moment comes from both sources. Where a status is near, its word counts: the latest interval of the
 * history may lack nodes that had not told of it yet.
 */
const gaugeSamples = (metric: Gauge, { rates, gauges }: StatusPoints): Sample[] => {
  const live = gauges.map((point) => ({ at: point.at, value: point[metric] }));
  const told = rates
    .map((point) => ({ at: endOf(point), value: gaugesOf(point)[metric] }))
    .filter(({ at }) => !live.some((sample) => Math.abs(sample.at - at) <= intervalMs));
  return mergeBy(({ at }) => at, told, live);
};

export const samplesOf = (metric: Metric, points: StatusPoints): readonly Sample[] => {
  switch (metric) {
    case 'connections':
    case 'users':
    case 'answers':
      return gaugeSamples(metric, points);
    case 'messages':
    case 'deltas':
      return points.rates.map((rates) => ({ at: endOf(rates), value: rates[metric] }));
    case 'firstToken':
      return points.rates.map((rates) => ({ at: endOf(rates), value: rates.timeToFirstTokenMs ?? null }));
  }
};

/** Times in seconds and values, for the plot. A null where nothing is known breaks the line. */
export const toColumns = (samples: readonly Sample[]): [number[], (number | null)[]] => {
  const times: number[] = [];
  const values: (number | null)[] = [];
  let previous: number | undefined;
  for (const { at, value } of samples) {
    if (previous !== undefined && at - previous > gapMs) {
      times.push((previous + 1) / 1_000);
      values.push(null);
    }
    times.push(at / 1_000);
    values.push(value);
    previous = at;
  }
  return [times, values];
};

export interface Summary {
  /** The latest value. */
  readonly current: number;
  readonly lowest: number;
  readonly highest: number;
  /** When the first value was so. */
  readonly since: number;
}

/** Null while there is no value. */
export const summarize = (samples: readonly Sample[]): Summary | null => {
  const known = samples.flatMap(({ at, value }) => (value === null ? [] : [{ at, value }]));
  const first = known[0];
  const last = known.at(-1);
  if (!first || !last) return null;
  const values = known.map(({ value }) => value);
  return {
    current: last.value,
    lowest: Math.min(...values),
    highest: Math.max(...values),
    since: first.at,
  };
};
