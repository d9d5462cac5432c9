import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  hasHoleBefore,
  intervalMs,
  latestOf,
  noPoints,
  type Rates,
  type Status,
  samplesOf,
  summarize,
  toColumns,
  windowMs,
  withHistory,
  withStatus,
} from '../../../web/src/admin/status-points.ts';
import { toRates } from './admin-samples.ts';

const begin = Date.parse('2030-01-31T12:00:00.000Z');
const iso = (ms: number): string => new Date(ms).toISOString();

const rates = (interval: number, change: Partial<Rates> = {}): Rates =>
  toRates(iso(begin + interval * intervalMs), change);

const node = (answersInProgress: number): Status['nodes'][number] => ({
  id: 'n',
  version: '1',
  startedAt: iso(begin),
  connectionCount: 1,
  userCount: 1,
  answersInProgress,
  residentBytes: 1,
  isDraining: false,
});

const status = (ms: number, change: Partial<Status> = {}): Status => ({
  at: iso(begin + ms),
  connectionCount: 1,
  userCount: 1,
  nodes: [node(0)],
  rates: rates(Math.floor(ms / intervalMs) - 1),
  ...change,
});

const valuesOf = (samples: readonly { readonly value: number | null }[]) => samples.map(({ value }) => value);

describe('the points of the plots', () => {
  test('an interval stands at its end, and what is told of it later counts', () => {
    const early = withStatus(noPoints, status(10_000, { rates: rates(1, { messages: 2 }) }));
    const late = withStatus(early, status(11_000, { rates: rates(1, { messages: 3 }) }));
    expect(samplesOf('messages', late)).toEqual([{ at: begin + 10_000, value: 3 }]);
  });

  test('history and statuses give the same points in whatever order they come', () => {
    const intervals = [...Array(20).keys()].map((interval) => rates(interval, { deltas: interval }));
    const statuses = [12, 13, 14, 15].map((interval) =>
      status((interval + 1) * intervalMs, {
        connectionCount: interval,
        rates: rates(interval, { deltas: interval }),
      }),
    );
    const inOrder = statuses.reduce(withStatus, withHistory(noPoints, intervals));
    fc.assert(
      fc.property(fc.shuffledSubarray(statuses, { minLength: 4 }), fc.nat(4), (shuffled, position) => {
        const before = shuffled.slice(0, position).reduce(withStatus, noPoints);
        const all = shuffled.slice(position).reduce(withStatus, withHistory(before, intervals));
        expect(samplesOf('deltas', all)).toEqual(samplesOf('deltas', inOrder));
        expect(samplesOf('connections', all)).toEqual(samplesOf('connections', inOrder));
      }),
    );
  });

  test('nothing older than 15 minutes before the latest is kept', () => {
    const old = withStatus(withHistory(noPoints, [rates(-1)]), status(0, { rates: rates(-1) }));
    const points = withStatus(old, status(windowMs + 1_000));
    expect(latestOf(points)).toBe(begin + windowMs + 1_000);
    expect(points.gauges).toHaveLength(1);
    expect(points.rates).toHaveLength(1);
  });

  test('near a status, its number of connections counts, not that of the interval', () => {
    const history = [
      rates(0, { connections: 7 }),
      rates(1, { connections: 8 }),
      rates(2, { connections: 2 }),
    ];
    const points = withStatus(withHistory(noPoints, history), status(16_000, { connectionCount: 9 }));
    expect(valuesOf(samplesOf('connections', points))).toEqual([7, 8, 9]);
  });

  test('answers in progress are those of all nodes', () => {
    const points = withStatus(noPoints, status(0, { nodes: [node(2), node(3)], userCount: 4 }));
    expect(valuesOf(samplesOf('answers', points))).toEqual([5]);
    expect(valuesOf(samplesOf('users', points))).toEqual([4]);
  });

  test('users and answers in progress of before the first status are those of the intervals', () => {
    const history = [
      rates(0, { userCount: 3, answersInProgress: 2 }),
      rates(1, { userCount: 4, answersInProgress: 1 }),
    ];
    const points = withStatus(withHistory(noPoints, history), status(16_000, { userCount: 5 }));
    expect(valuesOf(samplesOf('users', points))).toEqual([3, 4, 5]);
    expect(valuesOf(samplesOf('answers', points))).toEqual([2, 1, 0]);
  });

  test('an interval whose users have not been counted shows none, but its connections', () => {
    const points = withHistory(noPoints, [rates(0, { userCount: 3 }), rates(1, { userCount: null })]);
    expect(valuesOf(samplesOf('users', points))).toEqual([3, null]);
    expect(valuesOf(samplesOf('connections', points))).toEqual([1, 1]);
  });

  test('an interval without a first token has no time to it', () => {
    const history = [rates(0, { timeToFirstTokenMs: 310 }), rates(1), rates(2, { timeToFirstTokenMs: 290 })];
    expect(valuesOf(samplesOf('firstToken', withHistory(noPoints, history)))).toEqual([310, null, 290]);
  });
});

describe('a hole', () => {
  test('is there before the first, and when an interval was not heard of', () => {
    expect(hasHoleBefore(noPoints, rates(0))).toBe(true);
    const points = withStatus(noPoints, status(5_000));
    expect(hasHoleBefore(points, rates(0))).toBe(false);
    expect(hasHoleBefore(points, rates(1))).toBe(false);
    expect(hasHoleBefore(points, rates(2))).toBe(true);
  });

  test('breaks the line', () => {
    const history = [rates(0), rates(1), rates(5)];
    expect(toColumns(samplesOf('connections', withHistory(noPoints, history)))).toEqual([
      [begin / 1_000 + 5, begin / 1_000 + 10, begin / 1_000 + 10.001, begin / 1_000 + 30],
      [1, 1, null, 1],
    ]);
  });
});

describe('the summary of a plot', () => {
  test('tells the latest, the lowest and the highest value, and since when', () => {
    const samples = [null, 4, 9, 2, 5, null].map((value, index) => ({ at: begin + index, value }));
    expect(summarize(samples)).toEqual({ current: 5, lowest: 2, highest: 9, since: begin + 1 });
  });

  test('is not there without a value', () => {
    expect(summarize([])).toBeNull();
    expect(summarize([{ at: begin, value: null }])).toBeNull();
  });
});
