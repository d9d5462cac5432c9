import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { createWholeCharacters } from '../../../src/tutor/whole-characters.ts';

const pass = (pieces: readonly string[]): string[] => {
  const characters = createWholeCharacters();
  return [...pieces.map((piece) => characters.push(piece)), characters.end()];
};

describe('whole characters', () => {
  test('a pair cut between pieces comes out in the second', () => {
    expect(pass(['a\ud83d', '\ude00b'])).toEqual(['a', '😀b', '']);
  });

  test('lone halves become the replacement character, and NUL is left out', () => {
    expect(pass(['\udc00a\ud83d', 'b\0\ud83d']).join('')).toBe('\ufffda\ufffdb\ufffd');
  });

  test('text cut anywhere comes out as it was, each piece whole', () => {
    const unit = fc.constantFrom('a', 'é', '\ud83d\ude00', '\u200d', ' ');
    fc.assert(
      fc.property(fc.array(unit), fc.array(fc.nat(40)), (units, cuts) => {
        const text = units.join('');
        const ends = [...cuts.filter((cut) => cut < text.length), text.length].sort((a, b) => a - b);
        const pieces = ends.map((end, index) => text.slice(ends[index - 1] ?? 0, end));
        const passed = pass(pieces);
        expect(passed.join('')).toBe(text);
        for (const piece of passed) expect(piece).not.toMatch(/\p{Surrogate}/u);
      }),
    );
  });
});
