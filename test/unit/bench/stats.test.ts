import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { runRounds } from '../../../bench/lib/rounds.ts';
import { toCumulative, toDistribution, toQuartiles } from '../../../bench/lib/stats.ts';
import { createRandom } from '../../support/random.ts';

const hundred = Array.from({ length: 100 }, (_, at) => 100 - at);

describe('a distribution', () => {
  test('says which value so many of a hundred do not exceed', () => {
    expect(toDistribution(hundred)).toEqual({ n: 100, p50: 50, p95: 95, p99: 99, max: 100 });
  });

  test('of nothing is nothing', () => {
    expect(toDistribution([])).toEqual({ n: 0, p50: 0, p95: 0, p99: 0, max: 0 });
    expect(toCumulative([])).toEqual([]);
  });

  test('has values that were measured, in order, with the largest as its end', () => {
    const whole = fc.array(fc.integer({ min: 0, max: 100_000 }), { minLength: 1 });
    fc.assert(
      fc.property(whole, (values) => {
        const { p50, p95, p99, max } = toDistribution(values);
        for (const value of [p50, p95, p99, max]) expect(values).toContain(value);
        expect([p50, p95, p99, max]).toEqual([p50, p95, p99, max].sort((one, other) => one - other));
        expect(max).toBe(Math.max(...values));
        expect(toCumulative(values).at(-1)).toEqual([max, 100]);
      }),
    );
  });
});

describe('quartiles', () => {
  test('of few rounds lie between them', () => {
    expect(toQuartiles([4, 1, 3, 2])).toEqual({ rounds: 4, q1: 1.75, median: 2.5, q3: 3.25 });
    expect(toQuartiles([7])).toEqual({ rounds: 1, q1: 7, median: 7, q3: 7 });
  });
});

describe('rounds', () => {
  test('measure every contestant once in each, in an order that changes and depends on the seed alone', async () => {
    const play = async (seed: number) => {
      const order: string[] = [];
      const measure = (name: string) => async () => order.push(name);
      const contestants = { a: measure('a'), b: measure('b'), c: measure('c') };
      const results = await runRounds({ rounds: 8, random: createRandom(seed), contestants });
      return { order, results };
    };
    const { order, results } = await play(3);
    const rounds = Array.from({ length: 8 }, (_, at) => order.slice(at * 3, at * 3 + 3).join(''));
    for (const round of rounds)
      expect([...round].toSorted((one, other) => one.localeCompare(other)).join('')).toBe('abc');
    expect(new Set(rounds).size).toBeGreaterThan(1);
    expect(Object.values(results).map(({ length }) => length)).toEqual([8, 8, 8]);
    expect((await play(3)).order).toEqual(order);
  });
});
