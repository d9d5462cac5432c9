import { describe, expect, test } from '@jest/globals';
import { createVerifiedTokens } from '../../../src/server/verified-tokens.ts';

const verified = { userId: 'ada', name: 'Ada', role: 'LEARNER', expiresAt: new Date(1_000) } as const;

const begin = (max = 10) => {
  const world: { now: number; keys: unknown } = { now: 0, keys: 'first' };
  const tokens = createVerifiedTokens({ now: () => world.now, keys: () => world.keys, max });
  return { world, tokens };
};

describe('verified tokens', () => {
  test('are found until they expire, and no other token is', () => {
    const { world, tokens } = begin();
    tokens.add('a.b.c', verified, 'first');
    expect(tokens.find('a.b.c')).toBe(verified);
    expect(tokens.find('a.b.d')).toBeNull();
    world.now = 1_000;
    expect(tokens.find('a.b.c')).toBeNull();
  });

  test('are not believed once the keys are others, or have to be read again', () => {
    const { world, tokens } = begin();
    tokens.add('a.b.c', verified, 'first');
    world.keys = 'second';
    expect(tokens.find('a.b.c')).toBeNull();
    tokens.add('a.b.c', verified, 'second');
    world.keys = null;
    expect(tokens.find('a.b.c')).toBeNull();
    tokens.add('a.b.c', verified, null);
    expect(tokens.find('a.b.c')).toBeNull();
  });

  test('are bounded; the one not asked for longest goes', () => {
    const { tokens } = begin(2);
    for (const token of ['a', 'b']) tokens.add(token, verified, 'first');
    tokens.find('a');
    tokens.add('c', verified, 'first');
    expect(['a', 'b', 'c'].map((token) => tokens.find(token) !== null)).toEqual([true, false, true]);
  });
});
