import { describe, expect, test } from '@jest/globals';
import { type FaultKind, faultKinds } from '../../chaos/history.ts';
import { createPlan, minimumCounts, type PlannedFault, printPlan } from '../../chaos/plan.ts';

const seeds = Array.from({ length: 40 }, (_, index) => index * 7_919 + 1);
const tenMinutes = { seconds: 600, nodes: 3 };

const countOf = (faults: readonly PlannedFault[], kind: FaultKind): number =>
  faults.filter(({ fault }) => fault === kind).length;

describe('the plan of a run', () => {
  test('is the same for the same seed and another for another', () => {
    expect(createPlan({ seed: 5, ...tenMinutes })).toEqual(createPlan({ seed: 5, ...tenMinutes }));
    expect(createPlan({ seed: 5, ...tenMinutes }).faults).not.toEqual(
      createPlan({ seed: 6, ...tenMinutes }).faults,
    );
  });

  test.each(seeds)('of ten minutes has what the guarantee is shown with, seed %p', (seed) => {
    const { faults } = createPlan({ seed, ...tenMinutes });
    const least: Partial<Record<FaultKind, number>> = {
      'node-kill': 15,
      'node-freeze': 10,
      'redis-restart': 5,
      'redis-freeze': 5,
      'redis-flush': 5,
      'redis-kill-pubsub': 5,
      'store-restart': 3,
      'store-outage': 1,
    };
    for (const [kind, count] of Object.entries(least)) {
      expect(countOf(faults, kind as FaultKind)).toBeGreaterThanOrEqual(count);
    }
    expect(faults.length).toBeGreaterThanOrEqual(300);
    expect(faults.find(({ fault }) => fault === 'store-outage')?.durationMs).toBe(30_000);
    const strikes = faults.filter(({ fault }) => fault === 'node-kill' || fault === 'node-freeze');
    const aimed = strikes.filter(({ target }) => target.kind === 'producer');
    expect(aimed.length).toBeGreaterThan(strikes.length / 2);
  });

  test.each(seeds)('of one minute has every kind, in time, seed %p', (seed) => {
    const { faults, counts } = createPlan({ seed, seconds: 60, nodes: 3 });
    for (const kind of faultKinds) {
      expect(countOf(faults, kind)).toBe(counts[kind]);
      expect(counts[kind]).toBeGreaterThanOrEqual(minimumCounts(60)[kind]);
    }
    expect(faultKinds.filter((kind) => counts[kind] === 0)).toEqual([]);
    for (const { atMs, durationMs } of faults) {
      expect(atMs).toBeGreaterThanOrEqual(2_000);
      expect(atMs + durationMs).toBeLessThanOrEqual(60_000);
    }
  });

  test.each(seeds)('strikes one node, one Redis and one store at a time, seed %p', (seed) => {
    const { faults } = createPlan({ seed, ...tenMinutes });
    for (const prefix of ['node-', 'redis-', 'store-']) {
      const ofLane = faults.filter(({ fault }) => fault.startsWith(prefix));
      for (const [index, { atMs }] of ofLane.entries()) {
        const before = ofLane[index - 1];
        if (before) expect(atMs).toBeGreaterThanOrEqual(before.atMs + before.durationMs);
      }
    }
  });

  test.each([1, 2, 5])('fits on %p nodes', (nodes) => {
    for (const seed of seeds) {
      for (const seconds of [60, 600]) {
        const { faults } = createPlan({ seed, seconds, nodes });
        const struck = faults.flatMap(({ target }) => (target.kind === 'all' ? [] : [target.node]));
        expect(new Set(struck)).toEqual(new Set(Array.from({ length: nodes }, (_, node) => node)));
      }
    }
  });

  test('keeps the minimum it is given, and fills up to the total', () => {
    const { counts, faults } = createPlan({
      seed: 1,
      seconds: 120,
      nodes: 2,
      minimum: { 'node-kill': 7, 'redis-flush': 9 },
      total: 75,
    });
    expect(counts).toMatchObject({ 'node-kill': 7, 'redis-flush': 9 });
    expect(faults).toHaveLength(75);
  });

  test.each([5, 12, 20, 30])('of %p seconds leaves out what takes the longest', (seconds) => {
    for (const seed of seeds) {
      const { faults } = createPlan({ seed, seconds, nodes: 3 });
      expect(faults.length).toBeGreaterThan(0);
      for (const { atMs, durationMs } of faults)
        expect(atMs + durationMs).toBeLessThanOrEqual(seconds * 1_000);
    }
  });

  test('says so when the faults do not fit', () => {
    const tooMany = { seed: 1, seconds: 30, nodes: 1, minimum: { 'node-kill': 20 } };
    expect(() => createPlan(tooMany)).toThrow(/plan: nodes: .* give more seconds or fewer faults/);
  });

  test('prints a line for each fault', () => {
    const plan = createPlan({ seed: 9, seconds: 60, nodes: 3 });
    expect(printPlan(plan).split('\n')).toHaveLength(plan.faults.length + 1);
  });
});
