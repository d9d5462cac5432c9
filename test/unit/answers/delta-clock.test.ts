import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import fc from 'fast-check';
import { createDeltaClock } from '../../../src/answers/delta-clock.ts';

describe('the clock of the deltas', () => {
  beforeEach(() => {
    jest.useFakeTimers();
  });
  afterEach(() => {
    jest.restoreAllMocks();
    jest.useRealTimers();
  });

  test('gathers what is due at about the same time', () => {
    const clock = createDeltaClock({ everyMs: 40, tickMs: 10 });
    const atMs: number[] = [];
    for (let ms = 0; ms < 10; ms += 1) {
      jest.advanceTimersByTime(1);
      clock.schedule(() => atMs.push(performance.now()));
      expect(jest.getTimerCount()).toBe(1);
    }
    jest.advanceTimersByTime(60);
    expect(atMs).toHaveLength(10);
    expect(new Set(atMs).size).toBe(1);
    expect(jest.getTimerCount()).toBe(0);
  });

  test('what follows in a turn keeps the beat', () => {
    const clock = createDeltaClock({ everyMs: 40, tickMs: 10 });
    const atMs: number[] = [];
    const again = (): void => {
      atMs.push(performance.now());
      clock.schedule(again);
    };
    jest.advanceTimersByTime(7);
    clock.schedule(again);
    jest.advanceTimersByTime(400);
    const [first = 0] = atMs;
    expect(atMs).toEqual(Array.from({ length: 9 }, (_, turn) => first + turn * 40));
  });

  test.each([
    { lateMs: 5, nextMs: 40, what: 'a little late keeps the beat' },
    { lateMs: 15, nextMs: 60, what: 'later than that begins a new one' },
  ])('a turn that comes $what', ({ lateMs, nextMs }) => {
    const clock = createDeltaClock({ everyMs: 40, tickMs: 10 });
    const onTime = performance.now.bind(performance);
    let late = 0;
    jest.spyOn(performance, 'now').mockImplementation(() => onTime() + late);
    const tick = Math.ceil((onTime() + 40) / 10) * 10;
    let next: number | undefined;
    clock.schedule(() => {
      clock.schedule(() => {
        next = performance.now();
      });
    });
    // The event loop is held up just before the tick.
    late = lateMs;
    jest.advanceTimersByTime(tick - onTime());
    late = 0;
    jest.advanceTimersByTime(100);
    expect((next ?? 0) - tick).toBeGreaterThanOrEqual(nextMs);
    expect((next ?? 0) - tick).toBeLessThan(nextMs + 1);
  });

  test('one that is taken back is not called, and leaves no timer behind', () => {
    const clock = createDeltaClock();
    const called: string[] = [];
    const undos = ['a', 'b'].map((name) => clock.schedule(() => called.push(name)));
    undos[0]?.();
    undos[0]?.();
    expect(jest.getTimerCount()).toBe(1);
    jest.advanceTimersByTime(100);
    expect(called).toEqual(['b']);
    clock.schedule(() => called.push('c'))();
    expect(jest.getTimerCount()).toBe(0);
  });

  test('one that is taken back by another of its turn is not called', () => {
    const clock = createDeltaClock();
    const called: string[] = [];
    const undos: (() => void)[] = [];
    for (const name of ['a', 'b']) {
      undos.push(
        clock.schedule(() => {
          called.push(name);
          for (const undo of undos) undo();
        }),
      );
    }
    jest.advanceTimersByTime(100);
    expect(called).toEqual(['a']);
  });

  test('whenever it is scheduled, it comes after a period and before the tick after that', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 90 }), { maxLength: 30 }), (waits) => {
        const clock = createDeltaClock({ everyMs: 40, tickMs: 10 });
        const lateMs: number[] = [];
        for (const wait of waits) {
          jest.advanceTimersByTime(wait);
          const at = performance.now();
          clock.schedule(() => lateMs.push(performance.now() - at));
        }
        jest.advanceTimersByTime(60);
        expect(lateMs).toHaveLength(waits.length);
        for (const late of lateMs) {
          expect(late).toBeGreaterThanOrEqual(40);
          expect(late).toBeLessThan(50);
        }
        expect(jest.getTimerCount()).toBe(0);
      }),
    );
  });
});
