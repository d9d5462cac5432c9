import { describe, expect, test } from '@jest/globals';
import type { ChatEvent, ChatMessage } from '../../../src/commands/chat-documents.ts';
import type { ChatView } from '../../../src/commands/chat-screen.ts';
import { createTranscript } from '../../../src/commands/chat-transcript.ts';

const createView = () => {
  const lines: string[] = [];
  const view: ChatView = {
    message: (name, text) => lines.push(`${name}: ${text}`),
    answerText: (_name, text) => lines.push(`+${text}`),
    answerAgain: () => lines.push('again'),
    answerEnded: (end, reason) => lines.push(reason === null ? end : `${end} ${reason}`),
    announcement: (text) => lines.push(`! ${text}`),
    typing() {},
    note() {},
  };
  return { lines, transcript: createTranscript('ada', view) };
};

const byPerson = (id: string, user: string): ChatMessage => ({
  id,
  text: `text of ${id}`,
  author: { kind: 'LEARNER', id: user, name: user },
  answer: null,
});

const byTutor = (id: string, state: NonNullable<ChatMessage['answer']>['state'], text = ''): ChatMessage => ({
  id,
  text,
  author: { kind: 'TUTOR', id: 'tutor', name: 'Tutor' },
  answer: { state, failure: state === 'FAILED' ? { message: 'gone' } : null },
});

const added = (message: ChatMessage): ChatEvent => ({ __typename: 'MessageAdded', message });
const delta = (attempt: number, offset: number, text: string): ChatEvent => ({
  __typename: 'AnswerDelta',
  messageId: 'a1',
  attempt,
  offset,
  text,
});
const finished = (text: string): ChatEvent => ({ __typename: 'AnswerFinished', messageId: 'a1', text });

describe('a transcript', () => {
  test('shows each piece of an answer once, however deltas overlap, and its end', () => {
    const { lines, transcript } = createView();
    transcript.event(added(byTutor('a1', 'WAITING')));
    transcript.event(delta(1, 0, 'one '));
    transcript.event(delta(1, 0, 'one two'));
    transcript.event(delta(1, 7, ' three'));
    transcript.event(finished('one two three four'));
    transcript.event(finished('one two three four'));
    expect(lines).toEqual(['+one ', '+two', '+ three', '+ four', 'FINISHED']);
  });

  test('a later attempt that writes the same goes on where the one before was', () => {
    const { lines, transcript } = createView();
    transcript.event(delta(1, 0, 'one two'));
    transcript.event(delta(2, 0, 'one'));
    transcript.event(delta(2, 3, ' two three'));
    transcript.event(finished('one two three'));
    expect(lines).toEqual(['+one two', '+ three', 'FINISHED']);
  });

  test('a later attempt that writes something else is shown from its begin', () => {
    const { lines, transcript } = createView();
    transcript.event(delta(1, 0, 'one two'));
    transcript.event(delta(2, 0, 'one'));
    transcript.event(delta(2, 3, ' three'));
    transcript.event(finished('one three'));
    expect(lines).toEqual(['+one two', 'again', '+one three', 'FINISHED']);
  });

  test('an end with less text than was shown is shown as it is', () => {
    const { lines, transcript } = createView();
    transcript.event(delta(1, 0, 'one two'));
    transcript.event({
      __typename: 'AnswerFailed',
      messageId: 'a1',
      text: 'one',
      failure: { message: 'gone' },
    });
    expect(lines).toEqual(['+one two', 'again', '+one', 'FAILED gone']);
    expect(transcript.failures).toBe(1);
  });

  test('what this terminal sent is not shown when it comes back, whichever comes first', async () => {
    const { lines, transcript } = createView();
    await transcript.sending(async () => {
      transcript.event(added(byPerson('m1', 'ada')));
      transcript.event(added(byPerson('m2', 'ada')));
      return { messageId: 'm1', answerId: null };
    });
    transcript.event(added(byPerson('m1', 'ada')));
    transcript.event(added(byPerson('m3', 'ben')));
    expect(lines).toEqual(['ada: text of m2', 'ben: text of m3']);
  });

  test('a page read after a Resync adds what was missed and ends what was open', async () => {
    const { lines, transcript } = createView();
    transcript.page([byPerson('m0', 'ben'), byTutor('a0', 'FINISHED', 'earlier')]);
    transcript.event(added(byTutor('a1', 'WAITING')));
    transcript.event(delta(1, 0, 'one'));
    const idle = transcript.idle();
    transcript.page([
      byPerson('m0', 'ben'),
      byTutor('a0', 'FINISHED', 'earlier'),
      byTutor('a1', 'FAILED', 'one two'),
      byPerson('m2', 'ben'),
    ]);
    await idle;
    expect(lines).toEqual([
      'ben: text of m0',
      'Tutor: earlier',
      '+one',
      '+ two',
      'FAILED gone',
      'ben: text of m2',
    ]);
    expect(transcript.lastAnswer).toBe('a1');
  });

  test('is idle only when nothing is being sent and the answers to what was sent are closed', async () => {
    const { transcript } = createView();
    let isIdle = false;
    await transcript.sending(async () => ({ messageId: 'm1', answerId: 'a1' }));
    const idle = transcript.idle().then(() => {
      isIdle = true;
    });
    transcript.event(delta(1, 0, 'one'));
    await Promise.resolve();
    expect([isIdle, transcript.openAnswer]).toEqual([false, 'a1']);
    transcript.event(finished('one'));
    await idle;
    expect(transcript.openAnswer).toBeNull();
  });

  test('an answer that ended before its send returned is not waited for', async () => {
    const { transcript } = createView();
    await transcript.sending(async () => {
      transcript.event(finished('one'));
      return { messageId: 'm1', answerId: 'a1' };
    });
    await transcript.idle();
    expect(transcript.openAnswer).toBeNull();
  });

  test('when it is disposed nobody waits for it any more and nothing is shown', async () => {
    const { lines, transcript } = createView();
    transcript.event(added(byTutor('a1', 'WAITING')));
    const idle = transcript.idle();
    transcript.dispose();
    await idle;
    transcript.event(delta(1, 0, 'one'));
    expect(lines).toEqual([]);
  });
});
