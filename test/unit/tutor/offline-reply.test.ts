import { describe, expect, test } from '@jest/globals';
import { composeOfflineReply } from '../../../src/tutor/offline-reply.ts';
import type { TutorTurn } from '../../../src/tutor/port.ts';
import { parseQuestion, solve } from '../../../src/tutor/quiz.ts';
import { exampleContext, learnerTurn, tutorTurn } from './example-context.ts';

const question = '**What is 7 × 8?**';
const reply = (text: string, before: readonly TutorTurn[] = []) =>
  composeOfflineReply(exampleContext(text, before));
const replyTo = (tutorText: string, text: string) =>
  reply(text, [learnerTurn('quiz me'), tutorTurn(tutorText)]);

describe('offline reply', () => {
  test('greets by name and says what it can do', () => {
    expect(reply('Hello!')).toMatch(/^Hello Ada! I am EdAgent, the offline tutor\./);
    expect(reply('Hello!')).toContain('study plan');
    expect(reply('Hello!')).toContain('quiz');
  });

  test('calls itself as it is told', () => {
    expect(composeOfflineReply(exampleContext('hi'), 'Sage')).toContain('I am Sage');
  });

  test('says that it is the offline tutor and how to connect a model', () => {
    const text = reply('Why is the sky blue?');
    for (const part of ['Hello Ada!', 'offline tutor', 'OPENAI_BASE_URL', 'OPENAI_API_KEY', 'OPENAI_MODEL']) {
      expect(text).toContain(part);
    }
  });

  test('greets only once', () => {
    expect(reply('Why is the sky blue?', [learnerTurn('hi'), tutorTurn('Hello Ada!')])).not.toContain(
      'Hello',
    );
  });

  test('answers thanks', () => {
    expect(reply('Thanks a lot', [learnerTurn('hi'), tutorTurn('Hello Ada!')])).toContain(
      'You are welcome, Ada',
    );
  });

  describe('study plan', () => {
    test('is laid out for a named topic', () => {
      expect(reply('Make a study plan for photosynthesis')).toMatch(/^## Study plan: photosynthesis/);
    });

    test('asks for the topic, and takes the next turn for it', () => {
      const asked = reply('I need a study plan');
      expect(asked).toBe('Gladly, Ada. Which topic is the plan for?');
      expect(replyTo(asked, 'photosynthesis, please')).toMatch(/^## Study plan: photosynthesis$/m);
      expect(parseQuestion(replyTo(asked, 'quiz me'))).not.toBeNull();
    });

    test('interrupts a quiz', () => {
      expect(replyTo(question, 'Make a study plan for 3 topics of algebra')).toContain('## Study plan');
    });
  });

  describe('quiz', () => {
    test('begins with a question', () => {
      expect(parseQuestion(reply('Quiz me'))).not.toBeNull();
    });

    test('a right answer is confirmed, and another question follows', () => {
      const text = replyTo(question, 'It is 56');
      expect(text).toMatch(/^Correct: 7 × 8 = 56\./);
      expect(parseQuestion(text)).not.toBeNull();
    });

    test.each([
      ['54', 'more than 54'],
      ['60', 'less than 60'],
    ])('a wrong answer %s gets a hint and the same question', (answer, hint) => {
      const text = replyTo(question, answer);
      expect(text).toContain(hint);
      expect(parseQuestion(text)).toEqual(parseQuestion(question));
    });

    test('a second wrong answer gets the solution and another question', () => {
      const text = replyTo(replyTo(question, '54'), '55');
      expect(text).toContain('7 × 8 = 56');
      expect(parseQuestion(text)).not.toEqual(parseQuestion(question));
    });

    test('passing gets the solution and another question', () => {
      const text = replyTo(question, "I don't know");
      expect(text).toContain('7 × 8 = 56');
      expect(parseQuestion(text)).not.toBeNull();
    });

    test('ends when the learner has had enough', () => {
      const text = replyTo(question, 'stop');
      expect(text).toContain('7 × 8 = 56');
      expect(parseQuestion(text)).toBeNull();
    });

    test('is over once the tutor has said something else', () => {
      const before = [
        learnerTurn('quiz me'),
        tutorTurn(question),
        learnerTurn('hi'),
        tutorTurn('Hello Ada!'),
      ];
      expect(reply('56', before)).not.toContain('Correct');
    });

    test('goes on over many turns, each question another', () => {
      const turns: TutorTurn[] = [learnerTurn('quiz me'), tutorTurn(reply('quiz me'))];
      const asked = new Set<string>();
      for (let round = 0; round < 10; round += 1) {
        const open = parseQuestion(turns.at(-1)?.text ?? '');
        if (!open) throw new Error('the quiz ended');
        asked.add(JSON.stringify(open));
        const answer = String(solve(open));
        const text = reply(answer, turns);
        expect(text).toMatch(/^Correct/);
        turns.push(learnerTurn(answer), tutorTurn(text));
      }
      expect(asked.size).toBeGreaterThan(7);
    });
  });
});
