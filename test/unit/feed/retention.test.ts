import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { createRetention } from '../../../src/feed/retention.ts';
import type { Store } from '../../../src/store/port.ts';
import { silentLog } from '../../../src/util/log.ts';

const setup = () => {
  const calls: string[] = [];
  let failures = 0;
  const store = {
    log: {
      trim: async ({ maxAgeMs, maxPerTopic }: { maxAgeMs: number; maxPerTopic: number }) => {
        calls.push(`trim ${maxAgeMs} ${maxPerTopic}`);
        failures -= 1;
        if (failures >= 0) throw new Error('away');
        return 1;
      },
    },
    nodes: {
      prune: async () => {
        calls.push('prune');
      },
    },
  } as unknown as Store;
  const retention = createRetention({ store, log: silentLog, maxAgeMs: 7, maxPerTopic: 9, everyMs: 1_000 });
  return {
    calls,
    retention,
    fail: (times: number) => {
      failures = times;
    },
  };
};

describe('retention', () => {
  beforeEach(() => {
    jest.useFakeTimers();
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  test('[L8] deletes what is kept no longer, now and then, and goes on after a failure', async () => {
    const { calls, retention, fail } = setup();
    await jest.advanceTimersByTimeAsync(1_000);
    expect(calls).toEqual(['trim 7 9', 'prune']);
    fail(1);
    await jest.advanceTimersByTimeAsync(2_000);
    expect(calls.slice(2)).toEqual(['trim 7 9', 'trim 7 9', 'prune']);
    await retention.dispose();
    await jest.advanceTimersByTimeAsync(5_000);
    expect(calls).toHaveLength(5);
  });
});
