import { describe, expect, test } from '@jest/globals';
import { toLevel } from '../../../src/tutor/level.ts';
import { formatQuestion, makeQuestion, parseAnswer, parseQuestion, solve } from '../../../src/tutor/quiz.ts';

describe('quiz', () => {
  test.each(['beginner', 'intermediate', 'advanced'] as const)(
    'questions for %s are whole, positive, varied and readable again',
    (level) => {
      const questions = Array.from({ length: 300 }, (_, index) => makeQuestion(level, `ada:${index}`));
      for (const question of questions) {
        expect(Number.isInteger(solve(question))).toBe(true);
        expect(solve(question)).toBeGreaterThanOrEqual(0);
        expect(parseQuestion(`Well.\n\n${formatQuestion(question)}`)).toEqual(question);
      }
      expect(new Set(questions.map(formatQuestion)).size).toBeGreaterThan(50);
    },
  );

  test('the same seed gives the same question', () => {
    expect(makeQuestion('advanced', 'ada:1')).toEqual(makeQuestion('advanced', 'ada:1'));
  });

  test('only a question at the end of a turn is open', () => {
    expect(parseQuestion('**What is 7 × 8?** I asked before.')).toBeNull();
    expect(parseQuestion('What is light?')).toBeNull();
  });

  test.each([
    ['56', 56],
    ['It is 56.', 56],
    ['7 times 8 is 56!', 56],
    ['=56', 56],
    ['7-3', 3],
    ['-4', -4],
    ['2,5', 2.5],
  ])('reads %p as %p', (text, value) => {
    expect(parseAnswer(text)).toEqual({ kind: 'number', value });
  });

  test.each([
    ["I don't know", 'pass'],
    ['skip', 'pass'],
    ['for 8th grade', 'none'],
    ['what?', 'none'],
  ])('reads %p as %s', (text, kind) => {
    expect(parseAnswer(text)).toEqual({ kind });
  });
});

describe('level', () => {
  test.each([
    ['beginner', 'beginner'],
    ['A2', 'beginner'],
    ['Advanced, C1', 'advanced'],
    ['', 'intermediate'],
    ['grade 9', 'intermediate'],
  ])('reads %p as %s', (level, expected) => {
    expect(toLevel({ goals: '', level, interests: [] })).toBe(expected);
  });
});
