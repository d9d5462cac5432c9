import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { createPacedBatch } from '../../../web/src/chat/paced-batch.ts';

beforeEach(() => {
  jest.useFakeTimers();
});

afterEach(() => {
  jest.useRealTimers();
});

const createTrial = () => {
  const flushed: { readonly at: number; readonly items: readonly number[] }[] = [];
  const startedAt = Date.now();
  const batch = createPacedBatch<number>(
    (items) => flushed.push({ at: Date.now() - startedAt, items }),
    Date.now,
  );
  return { batch, flushed };
};

test('what comes after a rest is given at once, and what comes quickly is given together', async () => {
  const { batch, flushed } = createTrial();
  for (let item = 0; item < 20; item++) {
    batch.add(item);
    await jest.advanceTimersByTimeAsync(5);
  }
  await jest.advanceTimersByTimeAsync(1_000);
  batch.add(20);
  await jest.advanceTimersByTimeAsync(0);
  expect(flushed.flatMap(({ items }) => items)).toEqual(Array.from({ length: 21 }, (_, item) => item));
  expect(flushed.map(({ at }) => at)).toEqual([0, 32, 64, 96, 1_100]);
});

test('what has not been given when it is disposed of never is', async () => {
  const { batch, flushed } = createTrial();
  batch.add(1);
  batch.dispose();
  await jest.advanceTimersByTimeAsync(1_000);
  expect(flushed).toEqual([]);
});
