import { type RatePoint, rateIntervalMs } from './port.ts';

/** What is counted in an interval. */
export const rateCounters = [
  'connections',
  'messages',
  'deltas',
  'answers',
  'firstTokenMs',
  'firstTokens',
] as const satisfies readonly (keyof RatePoint)[];

export type RateCounters = Record<(typeof rateCounters)[number], number>;

/** The begin of the interval that holds a time, in milliseconds. */
export const intervalOf = (at: string | number): number =>
  Math.floor(new Date(at).getTime() / rateIntervalMs) * rateIntervalMs;

export const toRatePoint = (interval: number, counters: RateCounters): RatePoint => ({
  at: new Date(interval).toISOString(),
  ...counters,
});
