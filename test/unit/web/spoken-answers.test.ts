import { expect, test } from '@jest/globals';
import type { ChatMessage } from '../../../web/src/chat/conversation-state.ts';
import { createSpokenAnswers } from '../../../web/src/chat/spoken-answers.ts';

type Answer = NonNullable<ChatMessage['answer']>;

const answer = (
  id: string,
  state: Answer['state'],
  text: string,
  attempt = 1,
  failure: Answer['failure'] = null,
): ChatMessage => ({
  id,
  createdAt: '2030-01-01T00:00:00.000Z',
  text,
  inReplyTo: null,
  retryOf: null,
  author: { id: 'tutor', kind: 'TUTOR', name: 'Tutor' },
  answer: { state, attempt, failure },
});

const failed = (id: string, text: string): ChatMessage =>
  answer(id, 'FAILED', text, 1, { code: 'TUTOR_TIMEOUT', message: 'It took too long.', temporary: true });

const createTrial = () => {
  const answers = createSpokenAnswers();
  return (...messages: ChatMessage[]) => answers.next(messages).map(({ text }) => text);
};

test('an answer is said in whole sentences as it grows, and the rest at its end', () => {
  const say = createTrial();
  expect(say()).toEqual([]);
  expect(say(answer('a', 'WAITING', ''))).toEqual([]);
  expect(say(answer('a', 'GENERATING', 'One is done. Two is'))).toEqual(['One is done.']);
  expect(say(answer('a', 'GENERATING', 'One is done. Two is not'))).toEqual([]);
  expect(say(answer('a', 'FINISHED', 'One is done. Two is not'))).toEqual(['Two is not']);
  expect(say(answer('a', 'FINISHED', 'One is done. Two is not'))).toEqual([]);
});

test.each([1, 3, 10])('code that grows by %d characters is named once, and what follows is said', (step) => {
  const text = 'Try:\n```python\ndef f(x):\n\n    return x\n```\nDone. Next comes more.';
  const say = createTrial();
  say();
  const said: string[] = [];
  for (let end = 0; end < text.length; end += step)
    said.push(...say(answer('a', 'GENERATING', text.slice(0, end))));
  said.push(...say(answer('a', 'FINISHED', text)));
  expect(said.join(' ')).toBe('Try: Code. Done. Next comes more.');
});

test('one that is first seen in the middle is said from its beginning', () => {
  const say = createTrial();
  expect(say(answer('a', 'GENERATING', 'One is done. Two is'))).toEqual(['One is done.']);
  expect(say(answer('a', 'FINISHED', 'One is done. Two is too.'))).toEqual(['Two is too.']);
});

test('one that was complete before is not said, nor are older ones that come later', () => {
  const say = createTrial();
  const last = answer('c', 'FINISHED', 'There before.');
  expect(say(last)).toEqual([]);
  expect(say(answer('b', 'FINISHED', 'Older.'), last)).toEqual([]);
});

test('one that is complete when it comes is said', () => {
  const say = createTrial();
  say(answer('a', 'FINISHED', 'There before.'));
  expect(say(answer('a', 'FINISHED', 'There before.'), answer('b', 'FINISHED', 'Quick.'))).toEqual([
    'Quick.',
  ]);
});

test('another attempt is said from its beginning, and a stop takes nothing back', () => {
  const say = createTrial();
  say();
  expect(say(answer('a', 'GENERATING', 'The first. And'))).toEqual(['The first.']);
  expect(say(answer('a', 'GENERATING', 'The sec', 2))).toEqual([]);
  expect(say(answer('a', 'GENERATING', 'The second. And', 2))).toEqual(['The second.']);
  expect(say(answer('a', 'STOPPED', 'The second.', 2))).toEqual(['Stopped.']);
});

test('that an answer failed is said once, after the rest of it', () => {
  const say = createTrial();
  say();
  expect(say(answer('a', 'GENERATING', 'One is done. Two is'))).toEqual(['One is done.']);
  expect(say(failed('a', 'One is done. Two is'))).toEqual(['Two is', 'It took too long.']);
  expect(say(failed('a', 'One is done. Two is'))).toEqual([]);
});

test('that an answer failed or was stopped is said when it has no text, or none that was not said', () => {
  const say = createTrial();
  expect(say(answer('a', 'WAITING', ''))).toEqual([]);
  expect(say(failed('a', ''))).toEqual(['It took too long.']);
  expect(say(failed('a', ''), answer('b', 'GENERATING', 'Done.\n\n'))).toEqual(['Done.']);
  expect(say(failed('a', ''), answer('b', 'STOPPED', 'Done.\n\n'))).toEqual(['Stopped.']);
  expect(say(failed('a', ''), answer('b', 'STOPPED', 'Done.\n\n'))).toEqual([]);
});

test('that an answer failed without a reason is said of one that comes so', () => {
  const say = createTrial();
  say();
  expect(say(answer('a', 'FAILED', 'One is'))).toEqual(['One is', 'The answer failed.']);
});

test('that an answer failed or was stopped before is not said, nor of older ones that come later', () => {
  const say = createTrial();
  const last = answer('c', 'STOPPED', 'There');
  expect(say(failed('b', 'There before'), last)).toEqual([]);
  expect(say(failed('b', 'There before'), answer('c', 'STOPPED', 'There'))).toEqual([]);
  expect(say(failed('a', 'Older'), failed('b', 'There before'), last)).toEqual([]);
});
