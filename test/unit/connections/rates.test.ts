import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import type { RatePoint } from '../../../src/connections/port.ts';
import { createRates } from '../../../src/connections/rates.ts';

const atTime = (ms: number): string => new Date(ms).toISOString();

describe('rates', () => {
  beforeEach(() => {
    jest.useFakeTimers();
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  const start = () => {
    const points: RatePoint[] = [];
    jest.setSystemTime(12_345);
    const rates = createRates({
      now: () => new Date(),
      gauges: () => ({ connections: 7, userCount: 3, answersInProgress: 2 }),
      onPoint: (point) => points.push(point),
    });
    return { rates, points, timesOf: () => points.map(({ at }) => at) };
  };

  test('closes a point at every full 5 s', () => {
    const { rates, points, timesOf } = start();
    jest.advanceTimersByTime(2_654);
    expect(timesOf()).toEqual([]);
    jest.advanceTimersByTime(1);
    rates.countMessage();
    jest.advanceTimersByTime(10_000);
    expect(timesOf()).toEqual([10_000, 15_000, 20_000].map(atTime));
    expect(points.map(({ messages }) => messages)).toEqual([0, 1, 0]);
    expect(points).toEqual(
      points.map(() => expect.objectContaining({ connections: 7, userCount: 3, answersInProgress: 2 })),
    );
    rates.dispose();
  });

  test('closes no interval twice when a timer fires a little early', () => {
    const { rates, timesOf } = start();
    jest.setSystemTime(12_345);
    jest.advanceTimersByTime(2_654);
    // The clock has gone back by 2 ms, and the timer fires before the full second.
    jest.setSystemTime(14_997);
    jest.advanceTimersByTime(1);
    jest.advanceTimersByTime(10_010);
    expect(timesOf()).toEqual([10_000, 15_000, 20_000].map(atTime));
    rates.dispose();
  });

  test('goes on with the present interval after the process slept', () => {
    const { rates, timesOf } = start();
    jest.setSystemTime(61_000);
    jest.advanceTimersByTime(2_655);
    jest.advanceTimersByTime(5_000);
    expect(timesOf()).toEqual([atTime(10_000), atTime(60_000)]);
    rates.dispose();
  });

  test('disposed counts no more', () => {
    const { rates, timesOf } = start();
    rates.dispose();
    jest.advanceTimersByTime(60_000);
    expect(timesOf()).toEqual([]);
  });
});
