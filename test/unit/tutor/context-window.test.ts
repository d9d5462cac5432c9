import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { estimateTokens, fitTurns } from '../../../src/tutor/context-window.ts';
import { TutorError } from '../../../src/tutor/port.ts';

const turns = (...texts: string[]) => texts.map((text) => ({ text }));
const costOf = (...texts: string[]) => texts.reduce((sum, text) => sum + estimateTokens(text), 0);

describe('estimate of tokens', () => {
  test('is one for every three bytes and four for the message', () => {
    expect(estimateTokens('')).toBe(4);
    expect(estimateTokens('abcdef')).toBe(6);
    expect(estimateTokens('学習')).toBe(6);
    expect(estimateTokens('🧮')).toBe(6);
  });
});

describe('context window', () => {
  test('keeps all turns that just fit', () => {
    expect(fitTurns('system', turns('one', 'two', 'three'), costOf('system', 'one', 'two', 'three'))).toEqual(
      turns('one', 'two', 'three'),
    );
  });

  test('drops the oldest turns first', () => {
    expect(
      fitTurns('system', turns('one', 'two', 'three'), costOf('system', 'one', 'two', 'three') - 1),
    ).toEqual(turns('two', 'three'));
  });

  test('leaves no hole: a small turn before one that does not fit is dropped too', () => {
    const long = 'x'.repeat(600);
    expect(fitTurns('', turns('a', long, 'b'), costOf('', 'a', 'b') + 20)).toEqual(turns('b'));
  });

  test('leaves out turns without text', () => {
    expect(fitTurns('', turns('a', ' ', '', 'b'), 1_000)).toEqual(turns('a', 'b'));
  });

  test('keeps the last turn alone when nothing else fits', () => {
    expect(fitTurns('system', turns('one', 'last'), costOf('system', 'last'))).toEqual(turns('last'));
  });

  test('throws CONTEXT_TOO_LONG when not even the last turn fits', () => {
    const fit = () => fitTurns('system', turns('one', 'last'), costOf('system', 'last') - 1);
    expect(fit).toThrow(TutorError);
    expect(fit).toThrow(expect.objectContaining({ code: 'CONTEXT_TOO_LONG' }));
  });

  test('the turns kept are the end of the conversation, within the budget, and no more would fit', () => {
    const text = fc.string({ minLength: 1, maxLength: 30 }).filter((candidate) => candidate.trim() !== '');
    fc.assert(
      fc.property(fc.array(text, { minLength: 1 }), fc.integer({ min: 30, max: 200 }), (texts, budget) => {
        const kept = fitTurns('', turns(...texts), budget).map((turn) => turn.text);
        expect(kept).toEqual(texts.slice(-kept.length));
        expect(costOf('', ...kept)).toBeLessThanOrEqual(budget);
        const next = texts.at(-kept.length - 1);
        if (kept.length < texts.length) expect(costOf('', ...kept, next ?? '')).toBeGreaterThan(budget);
      }),
    );
  });
});
