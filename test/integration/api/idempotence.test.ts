import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { sendDocument } from '../../support/documents.ts';
import { eventually } from '../../support/eventually.ts';
import { createScriptedTutor, type ScriptedTutor } from '../../support/scripted-tutor.ts';
import { newUserId } from '../../support/test-app.ts';
import { type Api, codeOf, type Result, startApi } from './harness.ts';

const documents = {
  sendMessage: sendDocument,
  createConversation:
    'mutation ($input: CreateConversationInput!) { createConversation(input: $input) { id title createdAt } }',
  broadcast:
    'mutation ($input: BroadcastInput!) { broadcast(input: $input) { broadcast { id text at expiresAt } } }',
  retryAnswer: `mutation ($input: RetryAnswerInput!) {
    retryAnswer(input: $input) { ... on RetryAnswerSuccess { answer { id retryOf } conversation { id } } ... on Error { code reason } }
  }`,
};

describe('a repeat', () => {
  let api: Api;
  let tutor: ScriptedTutor;
  beforeAll(async () => {
    tutor = createScriptedTutor((call) => {
      call.say(`Answer ${call.index}.`);
      call.finish();
    });
    api = await startApi({ tutor });
  });
  afterAll(() => api.dispose());

  const countOf = async (token: string): Promise<{ conversations: number; messages: number }> => {
    const { data } = await api.query(
      token,
      '{ viewer { conversations { edges { node { messages { edges { cursor } } } } } } }',
    );
    const edges: { node: { messages: { edges: unknown[] } } }[] = data.viewer.conversations.edges;
    return {
      conversations: edges.length,
      messages: edges.reduce((sum, { node }) => sum + node.messages.edges.length, 0),
    };
  };

  /** Once, again over each transport, and many times at once. */
  const runMany = async (token: string, document: string, input: object): Promise<Result[]> => {
    const run = (transport: 'HTTP' | 'WebSocket') => api.run(transport, token, document, { input });
    const first = await run('HTTP');
    const later = [await run('HTTP'), await run('WebSocket')];
    const together = await Promise.all(Array.from({ length: 5 }, () => run('WebSocket')));
    return [first, ...later, ...together];
  };

  const expectSame = (results: Result[]): Result => {
    const [first] = results;
    expect(first?.errors).toBeUndefined();
    for (const result of results) expect(result.data).toEqual(first?.data);
    return first ?? {};
  };

  const waitClosed = (token: string, id: string) =>
    eventually(async () => {
      const { data } = await api.query(
        token,
        'query ($id: ID!) { conversation(id: $id) { lastMessage { id answer { state } } } }',
        { id },
      );
      const last = data.conversation.lastMessage;
      return last.answer?.state === 'FINISHED' && last.id;
    });

  test('[I1] of sendMessage gives the same message, conversation and answer, and calls the model once', async () => {
    const token = await api.token(newUserId());
    const before = tutor.calls.length;
    const input = { clientMessageId: 'm', text: 'Hello' };
    const results = await Promise.all(
      Array.from({ length: 8 }, () => api.run('HTTP', token, sendDocument, { input })),
    );
    const [first] = results;
    const idsOf = ({ data }: Result) => {
      const { message, answer, conversation, cursor } = data.sendMessage;
      return [message.id, answer.id, conversation.id, cursor];
    };
    for (const result of results) expect(idsOf(result)).toEqual(idsOf(first ?? {}));
    await waitClosed(token, first?.data.sendMessage.conversation.id);
    const later = await runMany(token, sendDocument, input);
    expectSame(later);
    expect(idsOf(later[0] ?? {})).toEqual(idsOf(first ?? {}));
    expect(tutor.calls.length - before).toBe(1);
    expect(await countOf(token)).toEqual({ conversations: 1, messages: 2 });
  });

  test('[I4] of createConversation gives the same conversation', async () => {
    const token = await api.token(newUserId());
    expectSame(
      await runMany(token, documents.createConversation, { clientConversationId: 'c', title: 'One' }),
    );
    expect((await countOf(token)).conversations).toBe(1);
  });

  test('[I4] of broadcast sends nothing more', async () => {
    const token = await api.token(newUserId('admin'), { role: 'admin' });
    const input = { clientBroadcastId: 'b', text: 'Once' };
    const { data } = expectSame(await runMany(token, documents.broadcast, input));
    const { id } = data.broadcast.broadcast;
    const list = await api.query(token, '{ broadcasts { edges { node { id text } } } }');
    expect(list.data.broadcasts.edges).toEqual([{ node: { id, text: 'Once' } }]);
  });

  test('[I4] of retryAnswer gives the same new answer, and calls the model once', async () => {
    const token = await api.token(newUserId());
    const sent = await api.query(token, sendDocument, { input: { clientMessageId: 'm', text: 'Hello' } });
    const { answer, conversation } = sent.data.sendMessage;
    await waitClosed(token, conversation.id);
    const before = tutor.calls.length;
    const input = { clientRetryId: 'r', messageId: answer.id };
    const { data } = expectSame(await runMany(token, documents.retryAnswer, input));
    expect(data.retryAnswer.answer.retryOf).toBe(answer.id);
    await eventually(async () => (await waitClosed(token, conversation.id)) === data.retryAnswer.answer.id);
    expectSame(await runMany(token, documents.retryAnswer, input));
    expect(tutor.calls.length - before).toBe(1);
    const another = await api.query(token, documents.retryAnswer, {
      input: { clientRetryId: 'r2', messageId: answer.id },
    });
    expect(another.data.retryAnswer).toEqual({ code: 'NOT_LAST_ANSWER', reason: expect.any(String) });
  });

  test('[I2] with other content is BAD_INPUT, and changes nothing', async () => {
    const id = newUserId('admin');
    const token = await api.token(id, { role: 'admin' });
    const sent = await api.query(token, sendDocument, { input: { clientMessageId: 'm', text: 'Hello' } });
    await waitClosed(token, sent.data.sendMessage.conversation.id);
    const other = await api.query(token, sendDocument, { input: { clientMessageId: 'm2', text: 'Hello' } });
    await waitClosed(token, other.data.sendMessage.conversation.id);
    const answers = [sent, other].map(({ data }) => data.sendMessage.answer.id);
    const expiresAt = '2040-01-01T00:00:00Z';
    const pairs: [keyof typeof documents, object, object][] = [
      [
        'sendMessage',
        { clientMessageId: 'x', text: 'a', answer: false },
        { clientMessageId: 'x', text: 'b', answer: false },
      ],
      [
        'sendMessage',
        { clientMessageId: 'y', text: 'a', answer: false },
        { clientMessageId: 'y', text: 'a', answer: true },
      ],
      [
        'sendMessage',
        { clientMessageId: 'z', text: 'a', answer: false },
        {
          clientMessageId: 'z',
          text: 'a',
          answer: false,
          conversationId: other.data.sendMessage.conversation.id,
        },
      ],
      [
        'createConversation',
        { clientConversationId: 'x', title: 'a' },
        { clientConversationId: 'x', title: 'b' },
      ],
      ['createConversation', { clientConversationId: 'y' }, { clientConversationId: 'y', title: 'b' }],
      ['broadcast', { clientBroadcastId: 'x', text: 'a' }, { clientBroadcastId: 'x', text: 'b' }],
      [
        'broadcast',
        { clientBroadcastId: 'y', text: 'a' },
        { clientBroadcastId: 'y', text: 'a', userIds: [id] },
      ],
      [
        'broadcast',
        { clientBroadcastId: 'z', text: 'a', expiresAt },
        { clientBroadcastId: 'z', text: 'b', expiresAt },
      ],
      [
        'retryAnswer',
        { clientRetryId: 'x', messageId: answers[0] },
        { clientRetryId: 'x', messageId: answers[1] },
      ],
    ];
    for (const [field, first, second] of pairs) {
      expect([field, (await api.query(token, documents[field], { input: first })).errors]).toEqual([
        field,
        undefined,
      ]);
      expect([field, codeOf(await api.query(token, documents[field], { input: second }))]).toEqual([
        field,
        'BAD_INPUT',
      ]);
    }
  });

  test('[I1] ids of different senders are different ids', async () => {
    const tokens = [await api.token(newUserId()), await api.token(newUserId())];
    const ids = await Promise.all(
      tokens.map(async (token) => {
        const input = { clientMessageId: 'same', text: 'Hello', answer: false };
        return (await api.query(token, sendDocument, { input })).data.sendMessage.message.id;
      }),
    );
    expect(new Set(ids).size).toBe(2);
  });
});
