import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type OpenAiReply, type OpenAiServer, startOpenAiServer } from '../../support/openai-server.ts';
import { startTestApp, type TestApp } from '../../support/test-app.ts';
import { createLearner } from './app-world.ts';

interface Case {
  readonly what: string;
  readonly reply: OpenAiReply;
  readonly code: string;
  readonly temporary: boolean;
  /** What of the answer is kept. */
  readonly text: string;
}

const secret = 'a word that no learner may read';
const half = ['Half ', 'of it'];

const cases: readonly Case[] = [
  {
    what: 'refuses the key',
    reply: { status: 401, body: { error: { message: secret } } },
    code: 'TUTOR_REFUSED',
    temporary: false,
    text: '',
  },
  {
    what: 'has too many calls',
    reply: { status: 429, body: { error: { message: secret } } },
    code: 'TUTOR_RATE_LIMITED',
    temporary: true,
    text: '',
  },
  {
    what: 'finds the conversation too long',
    reply: { status: 400, body: { error: { message: secret, code: 'context_length_exceeded' } } },
    code: 'CONTEXT_TOO_LONG',
    temporary: false,
    text: '',
  },
  {
    what: 'breaks the line without a word',
    reply: { ending: 'break' },
    code: 'TUTOR_UNREACHABLE',
    temporary: true,
    text: '',
  },
  {
    what: 'hangs from the beginning',
    reply: { ending: 'hang' },
    code: 'TUTOR_TIMEOUT',
    temporary: true,
    text: '',
  },
  {
    what: 'hangs in the middle',
    reply: { tokens: half, ending: 'hang' },
    code: 'TUTOR_TIMEOUT',
    temporary: true,
    text: 'Half of it',
  },
  {
    what: 'breaks off in the middle',
    reply: { tokens: half, ending: 'break' },
    code: 'TUTOR_INTERRUPTED',
    temporary: true,
    text: 'Half of it',
  },
  {
    what: 'ends in the middle',
    reply: { tokens: half, ending: 'end' },
    code: 'TUTOR_INTERRUPTED',
    temporary: true,
    text: 'Half of it',
  },
];

describe('an answer of a model over HTTP', () => {
  let app: TestApp;
  let model: OpenAiServer;
  let reply: OpenAiReply;

  beforeAll(async () => {
    model = await startOpenAiServer({ script: () => reply });
    app = await startTestApp({
      tutor: 'configured',
      env: {
        OPENAI_BASE_URL: model.url,
        OPENAI_API_KEY: 'key',
        OPENAI_MODEL: 'test-model',
        // What does not hang is quicker than that on a busy machine too.
        EDAGENT_FIRST_TOKEN_TIMEOUT: '3s',
        EDAGENT_TOKEN_TIMEOUT: '3s',
        EDAGENT_LEASE: '600ms',
      },
    });
  });
  afterAll(async () => {
    await app.dispose();
    await model.dispose();
  });

  test.each(cases)(
    '[N17] of one that $what fails as $code, keeps its text, and can be retried',
    async ({ reply: failing, code, temporary, text }) => {
      const ada = await createLearner(app);
      reply = failing;
      const asked = await ada.ask(app);
      const viewer = ada.watch(app, asked);
      const end = await viewer.end(asked.answerId);
      expect(end).toMatchObject({ __typename: 'AnswerFailed', text, failure: { code, temporary } });
      expect(end.failure.message).not.toBe('');
      const failed = await ada.closed(app, asked);
      expect(failed).toMatchObject({ text, answer: { state: 'FAILED', attempt: 1, failure: { code } } });

      reply = { tokens: ['Whole', ' answer.'] };
      const retried = await ada.retry(app, asked.answerId);
      const again = retried.answer.id;
      expect(await viewer.end(again)).toMatchObject({ __typename: 'AnswerFinished', text: 'Whole answer.' });
      expect(await ada.answers(app, asked.conversationId)).toMatchObject([
        { id: asked.answerId, text, answer: { state: 'FAILED', failure: { code } } },
        {
          id: again,
          retryOf: asked.answerId,
          answer: { state: 'FINISHED', failure: null, usage: { inputTokens: 11, outputTokens: 7 } },
        },
      ]);
      viewer.stop();
      expect(viewer.violations).toEqual([]);
      expect(JSON.stringify([viewer.events, failed])).not.toContain(secret);
    },
  );

  test('[N12] a stop closes the call of the model', async () => {
    const ada = await createLearner(app);
    reply = { tokens: half, ending: 'hang' };
    const before = model.requests.length;
    const asked = await ada.ask(app);
    const viewer = ada.watch(app, asked);
    await viewer.shows(asked.answerId, 'Half of it');
    await ada.stop(app, asked.answerId);
    expect(await viewer.end(asked.answerId)).toMatchObject({
      __typename: 'AnswerStopped',
      text: 'Half of it',
    });
    expect(model.requests).toHaveLength(before + 1);
    expect(model.requests[before]).toMatchObject({ open: false, aborted: true });
    viewer.stop();
  });
});
