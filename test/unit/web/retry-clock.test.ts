import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { createRetryClock } from '../../../web/src/graphql/retry-clock.ts';

beforeEach(() => {
  jest.useFakeTimers();
});

afterEach(() => {
  jest.useRealTimers();
});

const createTrial = () => {
  const waits: number[] = [];
  const clock = createRetryClock({
    onWait: (until) => waits.push(until - Date.now()),
    now: Date.now,
    random: () => 1,
  });
  return { clock, waits };
};

test('a socket that was live for a while is tried again at once, however long subscriptions waited on it', async () => {
  const { clock, waits } = createTrial();
  clock.connected();
  for (const retries of [0, 1, 2, 3, 4, 5]) {
    const wait = clock.waitForSubscription(retries);
    await jest.advanceTimersByTimeAsync(5_000);
    await wait;
  }
  expect(waits).toEqual([]);
  void clock.waitForSocket();
  expect(waits).toEqual([300]);
  clock.wake();
});

test('a socket that is closed as soon as it is acknowledged waits longer each time', async () => {
  const { clock, waits } = createTrial();
  for (let round = 0; round < 4; round++) {
    clock.connected();
    void clock.waitForSocket();
    await jest.advanceTimersToNextTimerAsync();
  }
  expect(waits).toEqual([300, 600, 1_200, 2_400]);
});

test('a wake ends every wait', async () => {
  const { clock } = createTrial();
  const waits = [clock.waitForSocket(), clock.waitForSubscription(9), clock.waitForSubscription(9)];
  clock.wake();
  await Promise.all(waits);
  expect(jest.getTimerCount()).toBe(0);
});
