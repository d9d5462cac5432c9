import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { createReload } from '../../../examples/reload.ts';

/** Loads that are answered by hand, and those that began to follow. */
const createTrial = () => {
  const queries: { resolve(): void; reject(error: Error): void }[] = [];
  const followed: number[] = [];
  const errors: unknown[] = [];
  const reload = createReload(
    async (isLast) => {
      const turn = queries.length;
      await new Promise<void>((resolve, reject) => void queries.push({ resolve, reject }));
      if (isLast()) followed.push(turn);
    },
    (error) => void errors.push(error),
  );
  return { ...reload, queries, followed, errors };
};

beforeEach(() => {
  jest.useFakeTimers();
});

afterEach(() => {
  expect(jest.getTimerCount()).toBe(0);
  jest.useRealTimers();
});

test('of two loads close together only the last follows, whichever ends first', async () => {
  const trial = createTrial();
  const loads = [trial.reload(), trial.reload()];
  trial.queries[1]?.resolve();
  trial.queries[0]?.resolve();
  await Promise.all(loads);
  expect(trial.followed).toEqual([1]);
});

test('a load that failed is told of and tried again, until it succeeds', async () => {
  const trial = createTrial();
  const first = trial.reload();
  trial.queries[0]?.reject(new Error('no way'));
  await first;
  expect(trial.errors).toHaveLength(1);
  await jest.advanceTimersByTimeAsync(2_000);
  trial.queries[1]?.resolve();
  await jest.advanceTimersByTimeAsync(0);
  expect(trial.followed).toEqual([1]);
});

test('after the disposal nothing is followed, told or tried', async () => {
  const trial = createTrial();
  const loads = [trial.reload(), trial.reload()];
  trial.dispose();
  trial.queries[0]?.resolve();
  trial.queries[1]?.reject(new Error('no way'));
  await Promise.all(loads);
  expect(trial.followed).toEqual([]);
  expect(trial.errors).toEqual([]);
});
