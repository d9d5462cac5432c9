import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { createAnswerTexts } from 'edagent-client';
import WebSocket from 'ws';
import type { MessageReceivedSubscription } from '../../../examples/generated/graphql.ts';
import { follow } from '../../../examples/plain/graphql-ws.ts';
import { stream } from '../../../examples/plain/server-sent-events.ts';
import { sendDocument } from '../../support/documents.ts';
import { eventually } from '../../support/eventually.ts';
import { createScriptedTutor, type TutorCall } from '../../support/scripted-tutor.ts';
import { createTcpProxy } from '../../support/tcp-proxy.ts';
import { newUserId, startTestApp, type TestApp } from '../../support/test-app.ts';

type MessageEvent = MessageReceivedSubscription['messageReceived'];

const tutor = createScriptedTutor();
let app: TestApp;
let asked: () => Promise<TutorCall>;
let token: string;
let sent: { conversation: { id: string }; cursor: string; answer: { id: string } };

beforeAll(async () => {
  app = await startTestApp({ tutor });
});

afterAll(() => app.dispose());

beforeEach(async () => {
  const calls = tutor.calls.length;
  asked = () => tutor.call(calls);
  token = await app.token(newUserId('ada'));
  const input = { clientMessageId: 'first', text: 'How do fractions add?' };
  sent = (await app.query(token, sendDocument, { input })).data.sendMessage;
});

describe('the example with plain graphql-ws', () => {
  test('resumes after a cut and puts the whole answer together', async () => {
    const proxy = await createTcpProxy({ host: '127.0.0.1', port: Number(new URL(app.url).port) });
    const events: MessageEvent[] = [];
    const texts = createAnswerTexts();
    const failures: unknown[] = [];
    const stop = follow({
      url: `ws://127.0.0.1:${proxy.port}/graphql`,
      token: () => token,
      webSocketImpl: WebSocket,
      id: sent.conversation.id,
      cursor: sent.cursor,
      onEvent: (event) => {
        events.push(event);
        texts.apply(event);
      },
      onResync: () => failures.push('Resync'),
      onError: (error) => failures.push(error),
    });
    const call = await asked();
    call.say('Find a ');
    await eventually(() => texts.get(sent.answer.id)?.text === 'Find a ');
    proxy.cut();
    call.say('common denominator.');
    call.finish();
    proxy.mend();
    await eventually(() => texts.get(sent.answer.id)?.state === 'FINISHED');
    expect(texts.get(sent.answer.id)?.text).toBe('Find a common denominator.');
    expect(events.filter(({ __typename }) => __typename === 'MessageAdded')).toHaveLength(2);
    expect(failures).toEqual([]);
    await stop();
    await proxy.dispose();
  });
});

describe('the example with server-sent events', () => {
  test('brings the whole answer', async () => {
    const controller = new AbortController();
    const texts = createAnswerTexts();
    const call = await asked();
    call.say('Find a common ');
    const { signal } = controller;
    const after = [sent.cursor];
    for await (const { data, errors } of stream({
      url: app.url,
      token,
      id: sent.conversation.id,
      after,
      signal,
    })) {
      expect(errors).toBeUndefined();
      const answer = data ? texts.apply(data.messageReceived) : null;
      if (answer?.text === 'Find a common ') {
        call.say('denominator.');
        call.finish();
      }
      if (answer?.state === 'FINISHED') break;
    }
    controller.abort();
    expect(texts.get(sent.answer.id)).toMatchObject({
      text: 'Find a common denominator.',
      state: 'FINISHED',
    });
  });
});
