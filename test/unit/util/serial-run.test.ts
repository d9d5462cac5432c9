import { describe, expect, test } from '@jest/globals';
import { createSerialRun } from '../../../src/util/serial-run.ts';

const setup = () => {
  const finishers: (() => void)[] = [];
  let running = 0;
  let most = 0;
  const call = createSerialRun(async () => {
    running += 1;
    most = Math.max(most, running);
    await new Promise<void>((resolve) => finishers.push(resolve));
    running -= 1;
  });
  return { call, finishers, most: () => most };
};

describe('a serial run', () => {
  test('calls during a run are served by one more run that begins after it', async () => {
    const { call, finishers, most } = setup();
    const first = call();
    const during = [call(), call(), call()];
    expect(finishers).toHaveLength(1);
    finishers[0]?.();
    await Promise.resolve();
    await Promise.resolve();
    expect(finishers).toHaveLength(2);
    finishers[1]?.();
    await Promise.all([first, ...during]);
    expect(finishers).toHaveLength(2);
    expect(most()).toBe(1);
  });

  test('a call right after the end begins a run of its own', async () => {
    const { call, finishers } = setup();
    const first = call();
    finishers[0]?.();
    await first;
    const second = call();
    expect(finishers).toHaveLength(2);
    finishers[1]?.();
    await second;
  });

  test('no call is lost, in whichever turn it comes', async () => {
    let runs = 0;
    let seen = 0;
    let now = 0;
    const call = createSerialRun(async () => {
      runs += 1;
      seen = now;
      await Promise.resolve();
    });
    const calls: Promise<void>[] = [];
    for (let turn = 1; turn <= 50; turn++) {
      now = turn;
      calls.push(call());
      for (let wait = 0; wait < turn % 7; wait++) await Promise.resolve();
    }
    await Promise.all(calls);
    expect(seen).toBe(50);
    expect(runs).toBeLessThanOrEqual(51);
  });
});
