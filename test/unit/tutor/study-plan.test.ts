import { describe, expect, test } from '@jest/globals';
import { composeStudyPlan, parsePlanRequest } from '../../../src/tutor/study-plan.ts';
import { ada } from './example-context.ts';

describe('request for a study plan', () => {
  test.each([
    ['Make a study plan for photosynthesis', 'photosynthesis'],
    ['Can you make me a 2 week plan for the French Revolution, please?', 'the French Revolution'],
    ['plan for algebra', 'algebra'],
    ['Give me a learning plan to learn chess.', 'chess'],
    ['Teach me about black holes!', 'black holes'],
    ['I want to learn "Rust"', 'Rust'],
    ['Help me study 学習', '学習'],
  ])('%p names %p', (text, topic) => {
    expect(parsePlanRequest(text)).toEqual({ topic });
  });

  test('may leave the topic open', () => {
    expect(parsePlanRequest('I need a study plan')).toEqual({ topic: null });
  });

  test.each(['hello', 'quiz me', 'I plan a trip for summer', 'what is light?', ''])(
    'is not read into %p',
    (text) => {
      expect(parsePlanRequest(text)).toBeNull();
    },
  );

  test('a topic is one line of bounded length, whole in its last character', () => {
    const topic = parsePlanRequest(`teach me ${'😀'.repeat(200)}\nmore`)?.topic ?? '';
    expect(topic).toBe('😀'.repeat(80));
  });
});

describe('study plan', () => {
  test('is Markdown that uses topic, name and profile', () => {
    const plan = composeStudyPlan('photosynthesis', ada.name, ada.profile);
    expect(plan).toMatch(/^## Study plan: photosynthesis$/m);
    expect(plan).toMatch(/^\*for Ada · level: beginner · 20 minutes a day · goal: pass the exam\*$/m);
    expect(plan).toContain('football');
    expect(plan.match(/^\d\. \*\*Day \d/gm)).toHaveLength(7);
  });

  test('changes with the level', () => {
    const of = (level: string) => composeStudyPlan('chess', 'Ada', { goals: '', level, interests: [] });
    expect(of('beginner')).toContain('20 minutes');
    expect(of('')).toContain('30 minutes');
    expect(of('expert')).toContain('45 minutes');
    expect(of('')).not.toMatch(/level:|goal/);
  });
});
