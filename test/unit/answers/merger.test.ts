import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import fc from 'fast-check';
import { createDeltaClock } from '../../../src/answers/delta-clock.ts';
import { createMerger } from '../../../src/answers/merger.ts';

const everyMs = 40;

const startMerger = () => {
  const deltas: { text: string; atMs: number }[] = [];
  const merger = createMerger({
    clock: createDeltaClock({ everyMs }),
    onText: (text) => deltas.push({ text, atMs: Date.now() }),
  });
  return { merger, deltas, texts: () => deltas.map(({ text }) => text) };
};

const high = '\ud83d';
const low = '\ude00';

/** Pieces as models send them, and as they do not: halves of pairs, NUL, nothing. */
const piece = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 5 }),
  fc.constantFrom(high, low, '\0', '', `${low}${high}`, 'a\0b', `x${high}`, `${low}y`),
);

describe('the merger', () => {
  beforeEach(() => {
    jest.useFakeTimers();
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  test('[N9] the first piece goes out at once, what follows in one delta after 40 ms', () => {
    const { merger, texts } = startMerger();
    merger.push('Hel');
    expect(texts()).toEqual(['Hel']);
    merger.push('lo');
    merger.push(', you');
    jest.advanceTimersByTime(everyMs - 1);
    expect(texts()).toEqual(['Hel']);
    jest.advanceTimersByTime(1);
    expect(texts()).toEqual(['Hel', 'lo, you']);
  });

  test('[N9] after a pause the next piece goes out at once again', () => {
    const { merger, texts } = startMerger();
    merger.push('one');
    jest.advanceTimersByTime(10 * everyMs);
    merger.push('two');
    expect(texts()).toEqual(['one', 'two']);
  });

  test('[N9] a piece that holds nothing to show delays no other', () => {
    const { merger, texts } = startMerger();
    for (const nothing of ['', '\0', high]) merger.push(nothing);
    expect(texts()).toEqual([]);
    merger.push(low);
    expect(texts()).toEqual([high + low]);
  });

  test('[N5] half of a pair waits for its other half', () => {
    const { merger, texts } = startMerger();
    merger.push(`a${high}`);
    expect(texts()).toEqual(['a']);
    jest.advanceTimersByTime(5 * everyMs);
    expect(texts()).toEqual(['a']);
    merger.push(`${low}b`);
    expect(texts()).toEqual(['a', `${high}${low}b`]);
  });

  test('[N5] a half that stays alone becomes U+FFFD at the end', () => {
    const { merger, texts } = startMerger();
    merger.push(`a${high}`);
    merger.flush();
    expect(texts()).toEqual(['a', '\ufffd']);
    merger.flush();
    expect(texts()).toEqual(['a', '\ufffd']);
  });

  test('after dispose nothing comes and no timer runs', () => {
    const { merger, texts } = startMerger();
    merger.push('one');
    merger.push('two');
    merger.dispose();
    expect(jest.getTimerCount()).toBe(0);
    merger.flush();
    expect(texts()).toEqual(['one']);
  });

  test('a model that is silent costs no timer', () => {
    const { merger } = startMerger();
    merger.push(`one${high}`);
    jest.advanceTimersByTime(everyMs);
    expect(jest.getTimerCount()).toBe(0);
  });

  test('[N5] [N9] whatever is pushed and whenever, the deltas are whole characters, in pace, and add up to the text', () => {
    const step = fc.record({ text: piece, waitMs: fc.integer({ min: 0, max: 60 }) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        const { merger, deltas, texts } = startMerger();
        for (const { text, waitMs } of steps) {
          merger.push(text);
          jest.advanceTimersByTime(waitMs);
        }
        const paced = deltas.length;
        merger.flush();
        expect(jest.getTimerCount()).toBe(0);
        for (const text of texts()) {
          expect(text).not.toBe('');
          expect(text.isWellFormed()).toBe(true);
          expect(text).not.toContain('\0');
        }
        const all = steps.map(({ text }) => text).join('');
        expect(texts().join('')).toBe(all.replaceAll('\0', '').toWellFormed());
        for (let at = 1; at < paced; at += 1) {
          expect((deltas[at]?.atMs ?? 0) - (deltas[at - 1]?.atMs ?? 0)).toBeGreaterThanOrEqual(everyMs);
        }
      }),
      { numRuns: 300 },
    );
  });
});
