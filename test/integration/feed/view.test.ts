import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { TutorError } from '../../../src/tutor/port.ts';
import { eventually } from '../../support/eventually.ts';
import { createScriptedTutor } from '../../support/scripted-tutor.ts';
import { newUserId, startTestApp, type TestApp } from '../../support/test-app.ts';
import { followView } from '../../support/verify-view.ts';
import { change, meet, say } from './sockets.ts';

let app: TestApp;

const tutor = createScriptedTutor((call) => {
  call.say('A ', 'short ', 'answer');
  if (call.question.startsWith('fail')) call.fail(new TutorError('TUTOR_INTERRUPTED', 'broke off'));
  else if (!call.question.startsWith('wait')) call.finish();
});

beforeAll(async () => {
  app = await startTestApp({ tutor });
});

afterAll(() => app.dispose());

describe('a page and the events after its cursor', () => {
  test('[L12] equal a fresh page after every change', async () => {
    const token = await meet(app, newUserId('ada'));
    const bob = newUserId('bob');
    const bobs = await meet(app, bob);
    const { conversationId } = await say(app, token, 'Hello');
    const view = await followView(app, token, conversationId);
    const then = async (work: Promise<unknown>): Promise<void> => {
      await work;
      await view.matches();
    };
    await view.matches();
    await then(say(app, token, 'no answer', { conversationId }));
    await then(say(app, token, 'a question', { conversationId, answer: true }));
    await then(change(app, token, `renameConversation(id: "${conversationId}", title: "Groups") { id }`));
    await then(
      change(app, token, `addParticipant(conversationId: "${conversationId}", userId: "${bob}") { id }`),
    );
    await then(say(app, bobs, 'Me too', { conversationId, answer: true }));
    await then(say(app, token, 'fail here', { conversationId, answer: true }));
    const failed = view.events.findLast(({ __typename }) => __typename === 'AnswerFailed');
    await then(
      change(
        app,
        token,
        `retryAnswer(input: { clientRetryId: "r1", messageId: "${failed?.messageId}" }) { __typename }`,
      ),
    );

    // It fails again, as it is the same question.
    const slow = await say(app, token, 'wait for it', { conversationId, answer: true });
    const waiting = await say(app, bobs, 'and then', { conversationId, answer: true });
    await eventually(() => view.events.some((event) => event.messageId === slow.answerId && event.text));
    await change(app, token, `stopAnswer(messageId: "${waiting.answerId}") { id }`);
    await then(change(app, token, `stopAnswer(messageId: "${slow.answerId}") { id }`));
    await then(
      change(app, token, `removeParticipant(conversationId: "${conversationId}", userId: "${bob}") { id }`),
    );
    await then(say(app, token, 'Bye', { conversationId }));

    const types = new Set(view.events.map(({ __typename }) => __typename));
    for (const type of [
      'MessageAdded',
      'AnswerFinished',
      'AnswerStopped',
      'AnswerFailed',
      'ConversationUpdated',
    ]) {
      expect(types).toContain(type);
    }
    view.stop();
  });

  test('[L12] [N6] equal a fresh page although the client joins in the middle of an answer', async () => {
    const token = await meet(app, newUserId('ada'));
    const asked = await say(app, token, 'wait for it', { answer: true });
    const early = await followView(app, token, asked.conversationId);
    await eventually(() => early.events.some(({ text }) => text !== undefined));
    const late = await followView(app, token, asked.conversationId);
    tutor.calls.findLast(({ question }) => question === 'wait for it')?.finish();
    await early.matches();
    await late.matches();
    early.stop();
    late.stop();
  });
});
