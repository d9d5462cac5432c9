import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { messageReceivedDocument, sendDocument } from '../../support/documents.ts';
import { eventually } from '../../support/eventually.ts';
import { newUserId } from '../../support/test-app.ts';
import { type Api, codeOf, eventsOf, type Result, startApi, transports } from './harness.ts';

const typingDocument = 'subscription ($id: ID!) { typing(conversationId: $id) { isTyping } }';

/** Everything that takes the id of a conversation. */
const byConversation = {
  'conversation(id)': 'query ($id: ID!) { conversation(id: $id) { id } }',
  sendMessage: `mutation ($id: ID!) {
    sendMessage(input: { clientMessageId: "x", conversationId: $id, text: "Hi" }) { __typename }
  }`,
  setTyping: 'mutation ($id: ID!) { setTyping(conversationId: $id, isTyping: true) }',
  renameConversation: 'mutation ($id: ID!) { renameConversation(id: $id, title: "Mine") { id } }',
  deleteConversation: 'mutation ($id: ID!) { deleteConversation(id: $id) }',
  addParticipant: 'mutation ($id: ID!) { addParticipant(conversationId: $id, userId: "x") { id } }',
  removeParticipant: 'mutation ($id: ID!) { removeParticipant(conversationId: $id, userId: "x") { id } }',
  markRead: `mutation ($id: ID!) { markRead(conversationId: $id, messageId: "${randomUUID()}") { id } }`,
};

/** Everything that takes the id of an answer. */
const byAnswer = {
  stopAnswer: 'mutation ($id: ID!) { stopAnswer(messageId: $id) { id } }',
  retryAnswer:
    'mutation ($id: ID!) { retryAnswer(input: { clientRetryId: "x", messageId: $id }) { __typename } }',
};

const adminOnly = {
  broadcasts: '{ broadcasts { edges { cursor } } }',
  broadcast: 'mutation { broadcast(input: { clientBroadcastId: "x", text: "Hi" }) { connectionCount } }',
  disconnect: 'mutation { disconnect(by: { userId: "x" }) }',
  setUserBlocked: 'mutation { setUserBlocked(userId: "x", blocked: true) { id } }',
};

let api: Api;
let ada: string;
let eve: string;
let admin: string;
/** Of Ada, with an answer. */
let conversation: { id: string; cursor: string; messageId: string; answerId: string };

const send = (token: string, input: object) => api.query(token, sendDocument, { input });

beforeAll(async () => {
  api = await startApi();
  ada = await api.token(newUserId('ada'));
  eve = await api.token(newUserId('eve'));
  admin = await api.token(newUserId('admin'), { role: 'admin' });
  const { data } = await send(ada, { clientMessageId: 'first', text: 'Hello' });
  const sent = data.sendMessage;
  conversation = {
    id: sent.conversation.id,
    cursor: sent.cursor,
    messageId: sent.message.id,
    answerId: sent.answer.id,
  };
  await eventually(async () => {
    const history = await api.query(
      ada,
      'query ($id: ID!) { conversation(id: $id) { lastMessage { answer { state } } } }',
      { id: conversation.id },
    );
    return history.data.conversation.lastMessage.answer?.state === 'FINISHED';
  });
});
afterAll(() => api.dispose());

const expectNotFound = (field: string, result: Result): void => {
  if (field === 'conversation(id)') {
    expect(result).toMatchObject({ data: { conversation: null } });
    expect(result.errors).toBeUndefined();
    return;
  }
  expect(result.errors?.[0]?.extensions).toEqual({ code: 'NOT_FOUND', temporary: false });
};

describe.each(transports)('over %s', (transport) => {
  const ids = {
    'that never was': () => randomUUID(),
    'that can be no id': () => "'; drop table messages; --",
    'of someone else': () => conversation.id,
  };

  describe.each(Object.entries(ids))('a conversation %s', (_, toId) => {
    test.each(Object.entries(byConversation))('[A3] is none for %s', async (field, document) => {
      expectNotFound(field, await api.run(transport, eve, document, { id: toId() }));
    });

    test('[A5] is none for an admin either', async () => {
      for (const [field, document] of Object.entries(byConversation)) {
        expectNotFound(field, await api.run(transport, admin, document, { id: toId() }));
      }
    });
  });

  test.each(Object.entries(byAnswer))(
    '[A3] an answer of someone else is none for %s',
    async (field, document) => {
      for (const id of [conversation.answerId, randomUUID(), 'nonsense', '']) {
        expectNotFound(field, await api.run(transport, eve, document, { id }));
      }
    },
  );

  test('[A3] a message is marked as read in its own conversation only', async () => {
    const own = await send(eve, { clientMessageId: newUserId('m'), text: 'Mine', answer: false });
    const document =
      'mutation ($id: ID!, $messageId: ID!) { markRead(conversationId: $id, messageId: $messageId) { id } }';
    const { id } = own.data.sendMessage.conversation;
    for (const messageId of [conversation.messageId, randomUUID(), 'nonsense']) {
      expectNotFound('markRead', await api.run(transport, eve, document, { id, messageId }));
    }
  });

  test.each(Object.entries(adminOnly))('[A5] %s is FORBIDDEN to a learner', async (_, document) => {
    const result = await api.run(transport, eve, document);
    expect(result.errors?.[0]?.extensions).toEqual({ code: 'FORBIDDEN', temporary: false });
  });

  test.each([
    ['an empty text', { text: '' }, 'text'],
    ['a text of blanks', { text: ' \n\t ' }, 'text'],
    ['a text that is too long', { text: 'x'.repeat(8_001) }, 'text'],
    ['a text with a NUL', { text: 'a\0b' }, 'text'],
    ['half of a pair', { text: 'a\ud83d' }, 'text'],
    ['an empty clientMessageId', { text: 'Hi', clientMessageId: '' }, 'clientMessageId'],
    [
      'a clientMessageId that is too long',
      { text: 'Hi', clientMessageId: 'x'.repeat(65) },
      'clientMessageId',
    ],
  ])('[E1] %s is BAD_INPUT that names the field', async (_, input, field) => {
    const result = await api.run(transport, ada, sendDocument, {
      input: { clientMessageId: newUserId('m'), ...input },
    });
    expect(result.errors?.[0]).toMatchObject({
      message: expect.stringMatching(new RegExp(`^${field}: `)),
      extensions: { code: 'BAD_INPUT', temporary: false, field },
    });
  });

  test.each([
    ['a title that is empty', 'renameConversation(id: $id, title: "")', 'title'],
    ['a title that is too long', `renameConversation(id: $id, title: "${'x'.repeat(201)}")`, 'title'],
    ['a user who was never seen', 'addParticipant(conversationId: $id, userId: "nobody")', 'userId'],
  ])('[E1] %s is BAD_INPUT that names the field', async (_, field, name) => {
    const result = await api.run(transport, ada, `mutation ($id: ID!) { ${field} { id } }`, {
      id: conversation.id,
    });
    expect(result.errors?.[0]?.extensions).toEqual({ code: 'BAD_INPUT', temporary: false, field: name });
  });

  test.each(['no\0body', 'no\ud83dbody'])(
    '[E1] a user id that cannot be stored, %j, is unknown',
    async (id) => {
      const add =
        'mutation ($id: ID!, $userId: ID!) { addParticipant(conversationId: $id, userId: $userId) { id } }';
      const added = await api.run(transport, ada, add, { id: conversation.id, userId: id });
      expect(added.errors?.[0]?.extensions).toEqual({ code: 'BAD_INPUT', temporary: false, field: 'userId' });
      const tell = 'mutation ($input: BroadcastInput!) { broadcast(input: $input) { connectionCount } }';
      const input = { clientBroadcastId: newUserId('b'), text: 'Hi', userIds: [id] };
      const told = await api.run(transport, admin, tell, { input });
      expect(told.errors?.[0]?.extensions).toEqual({ code: 'BAD_INPUT', temporary: false, field: 'userIds' });
      const block = 'mutation ($id: ID!) { setUserBlocked(userId: $id, blocked: true) { id } }';
      expectNotFound('setUserBlocked', await api.run(transport, admin, block, { id }));
      for (const by of [{ userId: id }, { connectionId: id }]) {
        const cut = 'mutation ($by: DisconnectInput!) { disconnect(by: $by) }';
        expect((await api.run(transport, admin, cut, { by })).data).toEqual({ disconnect: 0 });
      }
    },
  );

  test.each([
    'setUserBlocked(userId: "x", blocked: true, reason: $reason) { id }',
    'disconnect(by: { userId: "x" }, reason: $reason)',
  ])('[E1] a reason that cannot be stored is BAD_INPUT: %s', async (field) => {
    for (const reason of ['a\0b', 'a\ud83d']) {
      const document = `mutation ($reason: String) { ${field} }`;
      const result = await api.run(transport, admin, document, { reason });
      const extensions = { code: 'BAD_INPUT', temporary: false, field: 'reason' };
      expect(result.errors?.[0]?.extensions).toEqual(extensions);
    }
  });

  test.each([
    ['messages(first: 0)', 'first'],
    ['messages(first: 101)', 'first'],
    ['messages(last: -1)', 'last'],
    ['messages(first: 1, last: 1)', 'first'],
    ['messages(after: "nonsense")', 'after'],
    ['messages(before: "%%")', 'before'],
  ])('[E1] %s is BAD_INPUT that names the argument', async (field, name) => {
    const query = `query ($id: ID!) { conversation(id: $id) { ${field} { cursor } } }`;
    const result = await api.run(transport, ada, query, { id: conversation.id });
    expect(result.errors?.[0]?.extensions).toEqual({ code: 'BAD_INPUT', temporary: false, field: name });
  });

  test('[L9] a cursor of a topic is none of a page', async () => {
    const query = 'query ($after: String) { viewer { conversations(after: $after) { cursor } } }';
    const result = await api.run(transport, ada, query, { after: conversation.cursor });
    expect(codeOf(result)).toBe('BAD_INPUT');
  });
});

describe.each(['WebSocket', 'SSE'] as const)('a subscription over %s', (transport) => {
  /** The first result, and that nothing comes after it. */
  const subscribe = async (
    token: string,
    query: string,
    variables: object,
    extensions?: object,
  ): Promise<Result> => {
    if (transport === 'SSE') {
      const stream = await api.stream(token, { query, variables, ...(extensions && { extensions }) });
      expect(await stream.ended).toBe('complete');
      expect(stream.results).toHaveLength(1);
      return stream.results[0] ?? {};
    }
    const socket = await api.connect(token);
    socket.subscribe('s', query, variables, extensions);
    await socket.wait('complete', 's');
    expect(socket.of('s').map(({ type }) => type)).toEqual(['next', 'complete']);
    return socket.of('s')[0]?.payload;
  };

  test('[A3] to a conversation of someone else, or to none, is NOT_FOUND', async () => {
    for (const token of [eve, admin]) {
      for (const id of [conversation.id, randomUUID(), 'nonsense']) {
        expect(codeOf(await subscribe(token, messageReceivedDocument, { conversationId: id }))).toBe(
          'NOT_FOUND',
        );
        expect(codeOf(await subscribe(token, typingDocument, { id }))).toBe('NOT_FOUND');
      }
    }
  });

  const broken = () => {
    const of = (text: string) => Buffer.from(text).toString('base64url');
    const [version, epoch, seq] = Buffer.from(conversation.cursor, 'base64url').toString().split('.');
    return {
      'is no cursor': ['nonsense'],
      'is empty': [''],
      'is too long': ['x'.repeat(2_000)],
      'was tampered with': [`${conversation.cursor}!`],
      'is of an unknown version': [of(`9.${epoch}.${seq}.conversation:${conversation.id}`)],
      'has no number': [of(`${version}.${epoch}.-1.conversation:${conversation.id}`)],
      'is of no topic': [of(`${version}.${epoch}.${seq}.nothing:${conversation.id}`)],
      'is of another topic': [of(`${version}.${epoch}.${seq}.conversation:${randomUUID()}`)],
      'is of another user': [of(`${version}.${epoch}.${seq}.user:someone`)],
      'is the second of its topic': [conversation.cursor, conversation.cursor],
    };
  };

  test('[L9] with a cursor that is not one of its topics is BAD_INPUT, in the argument and beside it', async () => {
    for (const [why, after] of Object.entries(broken())) {
      const variables = { conversationId: conversation.id };
      const results = [
        await subscribe(ada, messageReceivedDocument, { ...variables, after }),
        await subscribe(ada, messageReceivedDocument, variables, { after }),
      ];
      expect([why, ...results.map(codeOf)]).toEqual([why, 'BAD_INPUT', 'BAD_INPUT']);
    }
  });

  test('[L9] a cursor of a conversation is none of the viewer-wide subscription', async () => {
    expect(codeOf(await subscribe(ada, messageReceivedDocument, { after: [conversation.cursor] }))).toBe(
      'BAD_INPUT',
    );
  });

  test('[A5] connectionStatusChanged is FORBIDDEN to a learner', async () => {
    expect(codeOf(await subscribe(eve, 'subscription { connectionStatusChanged { at } }', {}))).toBe(
      'FORBIDDEN',
    );
  });

  test('[S2] connections in connectionStatusChanged is BAD_INPUT, in a fragment too', async () => {
    const connections = 'connections { totalCount }';
    for (const selection of [
      connections,
      `all: ${connections}`,
      `... on ConnectionStatus { ${connections} }`,
      `... @include(if: true) { ${connections} }`,
    ]) {
      const query = `subscription { connectionStatusChanged { at ${selection} } }`;
      expect(codeOf(await subscribe(admin, query, {}))).toBe('BAD_INPUT');
    }
    const spread = `subscription { connectionStatusChanged { ...F } } fragment F on ConnectionStatus { ${connections} }`;
    expect(codeOf(await subscribe(admin, spread, {}))).toBe('BAD_INPUT');
  });
});

test('[C4] a refused subscription leaves the others of its socket alone', async () => {
  const socket = await api.connect(ada);
  socket.subscribe('good', messageReceivedDocument, { conversationId: conversation.id });
  await socket.wait('next', 'good');
  socket.subscribe('bad', messageReceivedDocument, { conversationId: randomUUID() });
  await socket.wait('complete', 'bad');
  await send(ada, { clientMessageId: 'later', conversationId: conversation.id, text: 'Hi', answer: false });
  await eventually(() => eventsOf(socket, 'good').some(({ __typename }) => __typename === 'MessageAdded'));
});
