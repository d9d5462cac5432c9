import { describe, expect, test } from '@jest/globals';
import { admin, learner } from './fake-services.ts';
import { codesOf, run } from './run.ts';

const send = (input: string) =>
  `mutation { sendMessage(input: { clientMessageId: "1", text: "Hi" ${input} }) {
    __typename ... on Error { reason code } ... on AnswerInProgress { messageId } ... on SendMessageSuccess { cursor message { id } }
  } }`;

const retry = `mutation { retryAnswer(input: { clientRetryId: "1", messageId: "m1" }) {
  __typename ... on Error { code } ... on AnswerInProgress { messageId } ... on RetryAnswerSuccess { answer { retryOf } }
} }`;

describe('sendMessage', () => {
  test('gives the service its defaults', async () => {
    const { callsOf, data } = await run(send(''));
    expect(callsOf('conversations.send')).toEqual([
      [
        learner,
        { clientMessageId: '1', conversationId: null, text: 'Hi', answer: true, whileAnswering: 'WAIT' },
      ],
    ]);
    expect(data).toEqual({
      sendMessage: { __typename: 'SendMessageSuccess', cursor: 'cursor-0', message: { id: 'm1' } },
    });
  });

  test('takes null for a default', async () => {
    const { callsOf } = await run(send('answer: null, whileAnswering: null'));
    expect(callsOf('conversations.send')[0]?.[1]).toMatchObject({ answer: true, whileAnswering: 'WAIT' });
  });

  test('gives AnswerInProgress as a member of its result', async () => {
    const { data, result } = await run(send('conversationId: "c1", whileAnswering: REFUSE'), {
      overrides: { 'conversations.send': async () => ({ kind: 'answer-in-progress', messageId: 'm9' }) },
    });
    expect(codesOf(result)).toEqual([]);
    expect(data).toEqual({
      sendMessage: {
        __typename: 'AnswerInProgress',
        code: 'ANSWER_IN_PROGRESS',
        messageId: 'm9',
        reason: expect.stringContaining('still answering'),
      },
    });
  });

  test('never turns another error into a member of its result', async () => {
    const { data, result } = await run(send(''), {
      overrides: {
        'conversations.send': async () => {
          throw new Error('secret');
        },
      },
    });
    expect(data).toBeNull();
    expect(codesOf(result)).toEqual(['unknown']);
  });
});

describe('retryAnswer', () => {
  const outcome = (result: object) => ({ overrides: { 'conversations.retryAnswer': async () => result } });

  test('gives the new answer', async () => {
    const { data, callsOf } = await run(retry);
    expect(data).toEqual({ retryAnswer: { __typename: 'RetryAnswerSuccess', answer: { retryOf: 'm-1' } } });
    expect(callsOf('conversations.retryAnswer')).toEqual([
      [learner, { clientRetryId: '1', messageId: 'm1' }],
    ]);
  });

  test('gives AnswerInProgress as a member of its result', async () => {
    const { data } = await run(retry, outcome({ kind: 'answer-in-progress', messageId: 'm9' }));
    expect(data).toEqual({
      retryAnswer: { __typename: 'AnswerInProgress', code: 'ANSWER_IN_PROGRESS', messageId: 'm9' },
    });
  });

  test('gives NotLastAnswer as a member of its result', async () => {
    const { data } = await run(retry, outcome({ kind: 'not-last' }));
    expect(data).toEqual({ retryAnswer: { __typename: 'NotLastAnswer', code: 'NOT_LAST_ANSWER' } });
  });
});

describe('the other mutations', () => {
  test('updateProfile changes only what is given', async () => {
    const { callsOf } = await run(
      'mutation { updateProfile(input: { goals: "", level: null }) { profile { goals } } }',
    );
    expect(callsOf('accounts.updateProfile')).toEqual([[learner, { goals: '' }]]);
  });

  test('setTyping returns isTyping and names the connection', async () => {
    const { callsOf, data } = await run('mutation { setTyping(conversationId: "c1", isTyping: false) }');
    expect(data).toEqual({ setTyping: false });
    expect(callsOf('typing.set')).toEqual([[learner, 'k1', 'c1', false]]);
  });

  test('deleteConversation returns the id', async () => {
    expect((await run('mutation { deleteConversation(id: "c1") }')).data).toEqual({
      deleteConversation: 'c1',
    });
  });

  test('broadcast gives the moment in UTC, and null for all', async () => {
    const { callsOf } = await run(
      `mutation { broadcast(input: { clientBroadcastId: "1", text: "Soon", expiresAt: "2030-01-31T12:00:00+02:00" }) {
        connectionCount broadcast { expiresAt }
      } }`,
      { context: { viewer: admin } },
    );
    expect(callsOf('broadcasts.send')).toEqual([
      [
        admin,
        {
          clientBroadcastId: '1',
          text: 'Soon',
          userIds: null,
          expiresAt: '2030-01-31T10:00:00.000Z',
        },
      ],
    ]);
  });

  test('disconnect takes one of its two ways', async () => {
    const { callsOf, data } = await run('mutation { disconnect(by: { connectionId: "k9" }) }', {
      context: { viewer: admin },
    });
    expect(data).toEqual({ disconnect: 3 });
    expect(callsOf('connections.disconnect')).toEqual([[{ connectionId: 'k9' }, null]]);
    const both = 'mutation { disconnect(by: { connectionId: "k9", userId: "bob" }) }';
    await expect(run(both, { context: { viewer: admin } })).rejects.toThrow(/exactly one/i);
  });

  test('renewAuth says whose token it is and when it ends', async () => {
    const { data } = await run('mutation { renewAuth(token: "t") { userId role expiresAt } }');
    expect(data).toEqual({
      renewAuth: { userId: 'ada', role: 'LEARNER', expiresAt: '2030-01-31T13:00:00.000Z' },
    });
  });
});
