import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { messageReceivedDocument, sendDocument } from '../support/documents.ts';
import { eventually } from '../support/eventually.ts';
import { collect, newUserId, startTestApp, type TestApp } from '../support/test-app.ts';

describe('a conversation', () => {
  let app: TestApp;
  beforeAll(async () => {
    app = await startTestApp();
  });
  afterAll(() => app.dispose());

  test('a message gets an answer, streamed as deltas that add up to the finished text', async () => {
    const token = await app.token(newUserId());
    const sent = await app.query(token, sendDocument, {
      input: { clientMessageId: 'm1', text: 'Hello!' },
    });
    expect(sent.errors).toBeUndefined();
    const { conversation, cursor, answer } = sent.data.sendMessage;
    const received = collect(app.stockClient(token), messageReceivedDocument, {
      conversationId: conversation.id,
      after: [cursor],
    });
    const typeOf = (result: (typeof received.results)[number]) =>
      (result.data as { messageReceived: { __typename: string; text: string; messageId: string } })
        .messageReceived;
    const finished = await eventually(() =>
      received.results.map(typeOf).find((event) => event.__typename === 'AnswerFinished'),
    );
    expect(finished.messageId).toBe(answer.id);
    expect(finished.text).toContain('Hello');
    received.stop();
  });
});
