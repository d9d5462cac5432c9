import { type RatePoint, rateIntervalMs } from './port.ts';

/** What the nodes count in an interval, and adds up. */
export const rateCounters = [
  'connections',
  'answersInProgress',
  'messages',
  'deltas',
  'answers',
  'broadcasts',
  'firstTokenMs',
  'firstTokens',
] as const satisfies readonly (keyof RatePoint)[];

export type RateCounters = Record<(typeof rateCounters)[number], number>;

/** The begin of the interval that holds a time, in milliseconds. */
export const intervalOf = (at: string | number): number =>
  Math.floor(new Date(at).getTime() / rateIntervalMs) * rateIntervalMs;

export const toRatePoint = (
  interval: number,
  userCount: number | null,
  counters: RateCounters,
): RatePoint => ({
  at: new Date(interval).toISOString(),
  userCount,
  ...counters,
});
