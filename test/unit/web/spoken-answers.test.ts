import { expect, test } from '@jest/globals';
import type { ChatMessage } from '../../../web/src/chat/conversation-state.ts';
import { createSpokenAnswers } from '../../../web/src/chat/spoken-answers.ts';

type State = NonNullable<ChatMessage['answer']>['state'];

const answer = (id: string, state: State, text: string, attempt = 1): ChatMessage => ({
  id,
  createdAt: '2030-01-01T00:00:00.000Z',
  text,
  inReplyTo: null,
  retryOf: null,
  author: { id: 'tutor', kind: 'TUTOR', name: 'Tutor' },
  answer: { state, attempt, failure: null },
});

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
  expect(say(answer('a', 'STOPPED', 'The second.', 2))).toEqual([]);
});
