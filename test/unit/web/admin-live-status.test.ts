import { describe, expect, test } from '@jest/globals';
import { createLiveStatus, type StatusSource } from '../../../web/src/admin/live-status.ts';
import type { Outcome, Refusal } from '../../../web/src/admin/refusal.ts';
import type { Rates, Status } from '../../../web/src/admin/status-points.ts';
import { eventually } from '../../support/eventually.ts';
import { toRates } from './admin-samples.ts';

const rates = (second: number): Rates => toRates(new Date(second * 1_000).toISOString());

const status = (second: number, connectionCount = 1): Status => ({
  at: new Date(second * 1_000).toISOString(),
  connectionCount,
  userCount: 1,
  nodes: [],
  rates: rates(Math.floor(second / 5) * 5 - 5),
});

const refusal: Refusal = { code: 'FORBIDDEN', message: 'Admins only.', field: null, isUnsure: false };

const createFakeSource = (history: Outcome<readonly Rates[]> = { kind: 'done', value: [] }) => {
  const sinks = new Set<Parameters<StatusSource['watchStatus']>[0]>();
  const fake = {
    history,
    loads: 0,
    sinks,
    next: (told: Status) => {
      for (const sink of sinks) sink.next(told);
    },
    failed: () => {
      for (const sink of sinks) sink.failed(refusal);
    },
    watchStatus: (sink: Parameters<StatusSource['watchStatus']>[0]) => {
      sinks.add(sink);
      return () => {
        sinks.delete(sink);
      };
    },
    loadHistory: async () => {
      fake.loads += 1;
      return fake.history;
    },
  };
  return fake;
};

const ignore = (): void => {};

describe('the live status', () => {
  test('is subscribed to while someone reads it', () => {
    const source = createFakeSource();
    const live = createLiveStatus(source);
    expect(source.sinks.size).toBe(0);
    const first = live.subscribe(ignore);
    const second = live.subscribe(ignore);
    expect(source.sinks.size).toBe(1);
    first();
    expect(source.sinks.size).toBe(1);
    second();
    expect(source.sinks.size).toBe(0);
    const again = live.subscribe(ignore);
    expect(source.sinks.size).toBe(1);
    again();
  });

  test('asks for the history at the begin and after a hole, and never in between', async () => {
    const source = createFakeSource({ kind: 'done', value: [rates(1_000), rates(1_005)] });
    const live = createLiveStatus(source);
    const end = live.subscribe(ignore);
    source.next(status(1_016));
    await eventually(() => live.get().points.rates.length === 3);
    for (const second of [1_017, 1_020, 1_025, 1_030]) source.next(status(second));
    expect(source.loads).toBe(1);
    source.history = { kind: 'done', value: [rates(1_030), rates(1_035), rates(1_040)] };
    source.next(status(1_061));
    expect(source.loads).toBe(2);
    await eventually(() => live.get().points.rates.some(({ at }) => at === rates(1_040).at));
    end();
  });

  test('lives without a history, and says so', async () => {
    const source = createFakeSource({ kind: 'refused', refusal });
    const live = createLiveStatus(source);
    const end = live.subscribe(ignore);
    source.next(status(1_016, 7));
    await eventually(() => live.get().historyRefusal);
    expect(live.get().status?.connectionCount).toBe(7);
    expect(live.get().refusal).toBeNull();
    source.history = { kind: 'done', value: [rates(1_000)] };
    live.retry();
    await eventually(() => live.get().points.rates.length === 2);
    expect(live.get().historyRefusal).toBeNull();
    end();
  });

  test('keeps what it knows when it is refused, and begins again when asked', () => {
    const source = createFakeSource();
    const live = createLiveStatus(source);
    const end = live.subscribe(ignore);
    source.next(status(1_016, 7));
    source.failed();
    expect(live.get()).toMatchObject({ refusal, status: { connectionCount: 7 } });
    live.retry();
    expect(source.sinks.size).toBe(1);
    source.next(status(1_017, 8));
    expect(live.get()).toMatchObject({ refusal: null, status: { connectionCount: 8 } });
    end();
  });
});
