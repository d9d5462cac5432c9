import { formatCompact, formatCount, formatDurationMs, formatRate, formatTime } from './format.ts';
import type { Metric, Summary } from './status-points.ts';

export interface MetricInfo {
  readonly metric: Metric;
  readonly title: string;
  /** What exactly is shown, where the title does not say it all. */
  readonly about: string | null;
  readonly format: (value: number) => string;
  readonly formatAxis: (value: number) => string;
  /** `count`: holds until the next value. `rate`: an average over an interval. `mean`: only where there was something to measure. */
  readonly kind: 'count' | 'rate' | 'mean';
}

const count = { format: formatCount, formatAxis: formatCompact, kind: 'count' } as const;
const rate = { format: formatRate, formatAxis: formatCompact, kind: 'rate' } as const;

export const metrics: readonly MetricInfo[] = [
  { metric: 'connections', title: 'Connections', about: null, ...count },
  { metric: 'users', title: 'Users', about: null, ...count },
  { metric: 'answers', title: 'Answers in progress', about: null, ...count },
  { metric: 'messages', title: 'Messages per second', about: 'sent by people', ...rate },
  {
    metric: 'deltas',
    title: 'Token deltas per second',
    about: 'pieces of answers, a few tokens each',
    ...rate,
  },
  {
    metric: 'firstToken',
    title: 'Time to first token',
    about: 'mean of the answers that began',
    format: formatDurationMs,
    formatAxis: formatDurationMs,
    kind: 'mean',
  },
];

/** Since when there are values: a server that began later knows no more. */
export const toPeriod = ({ since }: Summary, windowBegin: number): string =>
  since - windowBegin > 15_000 ? `since ${formatTime(since)}` : 'in 15 minutes';

/** The plot in words. */
export const toPlotText = (
  { title, format }: MetricInfo,
  summary: Summary | null,
  windowBegin: number,
): string => {
  if (!summary) return `${title}: nothing to show yet`;
  const { current, lowest, highest } = summary;
  const period = toPeriod(summary, windowBegin);
  return `${title}: now ${format(current)}, lowest ${format(lowest)}, highest ${format(highest)} ${period}`;
};
