import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import fc from 'fast-check';
import { createRetry, isRetryable, retryDelayMs } from '../../../client/src/retry.ts';

describe('retryDelayMs', () => {
  test('the first retry comes within 300 ms', () => {
    expect(retryDelayMs(0, () => 0)).toBe(0);
    expect(retryDelayMs(0, () => 0.999)).toBeLessThan(300);
  });

  test('the longest delay doubles up to 5 s, and jitter takes at most half of it', () => {
    const longest = [1, 2, 3, 4, 5, 6, 2_000].map((retries) => retryDelayMs(retries, () => 1));
    expect(longest).toEqual([600, 1_200, 2_400, 4_800, 5_000, 5_000, 5_000]);
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 5_000 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (retries, r) => {
          const most = retryDelayMs(retries, () => 1);
          const delay = retryDelayMs(retries, () => r);
          expect(delay).toBeGreaterThanOrEqual(most / 2);
          expect(delay).toBeLessThanOrEqual(most);
        },
      ),
    );
  });
});

describe('createRetry', () => {
  beforeEach(() => {
    jest.useFakeTimers();
    jest.spyOn(Math, 'random').mockReturnValue(1);
  });

  afterEach(() => {
    jest.useRealTimers();
  });

  const measure = async (wait: Promise<void>) => {
    const before = performance.now();
    await jest.advanceTimersToNextTimerAsync();
    await wait;
    return Math.round(performance.now() - before);
  };

  test('waits grow while connections end as soon as they are acknowledged', async () => {
    const retry = createRetry();
    const waits: number[] = [];
    for (let round = 0; round < 4; round++) {
      retry.connected();
      await jest.advanceTimersByTimeAsync(10);
      waits.push(await measure(retry.wait()));
    }
    expect(waits).toEqual([300, 600, 1_200, 2_400]);
  });

  test('a connection that lived for a while begins them again', async () => {
    const retry = createRetry();
    await measure(retry.wait());
    await measure(retry.wait());
    retry.connected();
    await jest.advanceTimersByTimeAsync(5_000);
    expect(await measure(retry.wait())).toBe(300);
    expect(await measure(retry.wait())).toBe(600);
  });

  test('counts waits of another kind too, and begins again after what held for a while', async () => {
    const asked: number[] = [];
    const retry = createRetry(async (retries) => {
      asked.push(retries);
    });
    await retry.wait();
    await retry.wait();
    await jest.advanceTimersByTimeAsync(10);
    retry.connected();
    await jest.advanceTimersByTimeAsync(600);
    // Not a new begin: it has held all the time.
    retry.connected();
    expect(retry.retries()).toBe(2);
    await jest.advanceTimersByTimeAsync(600);
    expect(retry.retries()).toBe(0);
    await retry.wait();
    expect(asked).toEqual([0, 1, 0]);
    expect(retry.retries()).toBe(1);
  });

  test('wake ends the wait in progress and leaves no timer', async () => {
    const retry = createRetry();
    const wait = retry.wait();
    retry.wake();
    await wait;
    expect(jest.getTimerCount()).toBe(0);
  });
});

describe('isRetryable', () => {
  const closeEvent = Object.assign(new Error('4499: Terminated'), { code: 4499, reason: 'Terminated' });

  test.each([
    ['a close event', { code: 1006, reason: '' }, true],
    ['a terminated socket', closeEvent, true],
    ['an error event of a socket', { type: 'error' }, true],
    ['an error in what the peer sent', new SyntaxError('unexpected token'), false],
  ])('%s: %#', (_, failure, retryable) => {
    expect(isRetryable(failure)).toBe(retryable);
  });
});
