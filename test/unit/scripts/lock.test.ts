import { describe, expect, test } from '@jest/globals';
import { withLock } from '../../../scripts/lib/lock.mjs';

describe('a lock', () => {
  const name = `test-${process.pid}`;

  test('lets one work at a time', async () => {
    let working = 0;
    let most = 0;
    const work = async () => {
      working += 1;
      most = Math.max(most, working);
      await new Promise(setImmediate);
      working -= 1;
      return working;
    };
    const outcomes = await Promise.all(Array.from({ length: 8 }, () => withLock(name, work)));
    expect(most).toBe(1);
    expect(outcomes).toEqual(Array(8).fill(0));
  });

  test('is free again after a failure', async () => {
    const failure = new Error('no');
    await expect(withLock(name, () => Promise.reject(failure))).rejects.toBe(failure);
    await expect(withLock(name, async () => 'done')).resolves.toBe('done');
  });
});
