import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { splitIntoTokens } from '../../../src/tutor/tokens.ts';

describe('tokens of the offline tutor', () => {
  test('are words with their spaces, now and then one in two', () => {
    expect(splitIntoTokens('One of the photographs\n\nis ready. ')).toEqual([
      'One',
      ' of',
      ' the',
      ' photo',
      'graphs',
      '\n\nis',
      ' ready.',
      ' ',
    ]);
  });

  test('concatenate to the text, none empty and none with half a character', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const tokens = splitIntoTokens(text);
        expect(tokens.join('')).toBe(text);
        expect(tokens).not.toContain('');
        for (const token of tokens) expect(token).not.toMatch(/\p{Surrogate}/u);
      }),
    );
  });
});
