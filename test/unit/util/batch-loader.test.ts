import { describe, expect, test } from '@jest/globals';
import { createBatchLoader } from '../../../src/util/batch-loader.ts';

/** Doubles numbers, refuses 13, and keeps what each run was asked. */
const begin = (options: { maxSize?: number; isCommon?: () => boolean } = {}) => {
  const runs: (readonly number[])[] = [];
  const load = createBatchLoader<number, number>({
    maxSize: 100,
    ...options,
    async run(keys) {
      runs.push(keys);
      if (keys.includes(13)) throw new Error('13 is refused');
      return keys.map((key) => key * 2);
    },
  });
  return { runs, load };
};

describe('a batch loader', () => {
  test('gives the calls of one turn one run, and each its own value', async () => {
    const { runs, load } = begin();
    expect(await Promise.all([3, 1, 2].map(load))).toEqual([6, 2, 4]);
    expect(runs).toEqual([[3, 1, 2]]);
  });

  test('asks once for a key that is wanted twice in one turn, and again in a later one', async () => {
    const { runs, load } = begin();
    expect(await Promise.all([1, 2, 1].map(load))).toEqual([2, 4, 2]);
    await load(1);
    expect(runs).toEqual([[1, 2], [1]]);
  });

  test('never lets a call share a run that has begun before it', async () => {
    const gates: (() => void)[] = [];
    let runs = 0;
    const load = createBatchLoader<string, number>({
      maxSize: 100,
      async run(keys) {
        runs += 1;
        const run = runs;
        await new Promise<void>((resolve) => gates.push(resolve));
        return keys.map(() => run);
      },
    });
    const first = load('a');
    while (gates.length < 1) await new Promise(setImmediate);
    const second = load('a');
    while (gates.length < 2) await new Promise(setImmediate);
    for (const open of gates) open();
    expect(await Promise.all([first, second])).toEqual([1, 2]);
  });

  test('asks for no more keys in one run than it may', async () => {
    const { runs, load } = begin({ maxSize: 2 });
    expect(await Promise.all([1, 2, 3, 4, 5].map(load))).toEqual([2, 4, 6, 8, 10]);
    expect(runs).toEqual([[1, 2], [3, 4], [5]]);
  });

  test('fails the key alone that cannot be served', async () => {
    const { runs, load } = begin();
    const outcomes = await Promise.allSettled([1, 13, 2].map(load));
    expect(outcomes).toEqual([
      { status: 'fulfilled', value: 2 },
      { status: 'rejected', reason: new Error('13 is refused') },
      { status: 'fulfilled', value: 4 },
    ]);
    expect(runs).toEqual([[1, 13, 2], [1], [13], [2]]);
  });

  test('fails all keys by one run when the failure is about none of them', async () => {
    const { runs, load } = begin({ isCommon: () => true });
    const outcomes = await Promise.allSettled([1, 13].map(load));
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(runs.length).toBe(1);
  });
});
