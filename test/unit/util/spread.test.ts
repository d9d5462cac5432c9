import { describe, expect, test } from '@jest/globals';
import { spread } from '../../../src/util/spread.ts';

describe('spread', () => {
  test('runs each in order, none before its own share of the time', async () => {
    const begin = performance.now();
    const ran: { index: number; atMs: number }[] = [];
    const actions = Array.from({ length: 10 }, (_, index) => () => {
      ran.push({ index, atMs: performance.now() - begin });
    });
    await spread(actions, 200);
    expect(ran.map(({ index }) => index)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    // Timers fire up to a millisecond early.
    for (const { index, atMs } of ran) expect(atMs).toBeGreaterThanOrEqual(index * 20 - 2);
  });

  test('more than there are milliseconds do not take longer', async () => {
    const begin = performance.now();
    let ran = 0;
    const actions = Array.from({ length: 20_000 }, () => () => {
      ran++;
    });
    await spread(actions, 100);
    expect(ran).toBe(20_000);
    // One timer each would take 20 s.
    expect(performance.now() - begin).toBeLessThan(2_000);
  });

  test('without time they run at once, and nothing to do takes none', async () => {
    let ran = 0;
    const action = () => {
      ran++;
    };
    const done = spread([action, action], 0);
    expect(ran).toBe(2);
    await done;
    await spread([], 60_000);
  });
});
