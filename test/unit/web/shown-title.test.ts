import { expect, test } from '@jest/globals';
import { titleLength } from '../../../src/domain/entities.ts';
import { toShownTitle } from '../../../web/src/chat/shown-title.ts';

test('a title that the server cut says so', () => {
  expect(toShownTitle('Fractions')).toBe('Fractions');
  expect(toShownTitle('𝒳'.repeat(titleLength))).toBe(`${'𝒳'.repeat(titleLength)}…`);
  expect(toShownTitle(`${'a'.repeat(titleLength - 1)} `)).toBe(`${'a'.repeat(titleLength - 1)}…`);
});

test('a conversation without a title has a name', () => {
  expect(toShownTitle('')).toBe('Untitled');
});
