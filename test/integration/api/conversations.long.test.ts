import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { maxParticipants } from '../../../src/domain/entities.ts';
import { historyDocument, messageReceivedDocument, sendDocument } from '../../support/documents.ts';
import { eventually } from '../../support/eventually.ts';
import { newUserId } from '../../support/test-app.ts';
import { type Api, codeOf, eventsOf, type RawSocket, startApi } from './harness.ts';

const createDocument =
  'mutation ($input: CreateConversationInput!) { createConversation(input: $input) { id title owner { id } unreadCount participants { user { id } } } }';
const renameDocument =
  'mutation ($id: ID!, $title: String!) { renameConversation(id: $id, title: $title) { id title } }';
const deleteDocument = 'mutation ($id: ID!) { deleteConversation(id: $id) }';
const addDocument =
  'mutation ($id: ID!, $userId: ID!) { addParticipant(conversationId: $id, userId: $userId) { participants { user { id } } } }';
const removeDocument =
  'mutation ($id: ID!, $userId: ID!) { removeParticipant(conversationId: $id, userId: $userId) { id title } }';
const readDocument =
  'mutation ($id: ID!, $messageId: ID!) { markRead(conversationId: $id, messageId: $messageId) { unreadCount } }';
const listDocument = `query ($first: Int, $after: String) { viewer { conversations(first: $first, after: $after) {
  cursor pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
  edges { cursor node { id title unreadCount lastMessage { text } } } } } }`;

interface Person {
  readonly id: string;
  readonly token: string;
}

describe('conversations', () => {
  let api: Api;
  beforeAll(async () => {
    api = await startApi();
  });
  afterAll(() => api.dispose());

  /** Someone who has been seen. */
  const person = async (name = 'user'): Promise<Person> => {
    const id = newUserId(name);
    const token = await api.token(id);
    await api.query(token, '{ viewer { role } }');
    return { id, token };
  };

  const create = async ({ token }: Person, title: string | null = null): Promise<string> => {
    const { data } = await api.query(token, createDocument, {
      input: { clientConversationId: newUserId('c'), title },
    });
    return data.createConversation.id;
  };

  const say = async ({ token }: Person, conversationId: string, text: string): Promise<string> => {
    const { data } = await api.query(token, sendDocument, {
      input: { clientMessageId: newUserId('m'), conversationId, text, answer: false },
    });
    return data.sendMessage.message.id;
  };

  const share = async (owner: Person, ...others: Person[]): Promise<string> => {
    const id = await create(owner);
    for (const { id: userId } of others) {
      expect((await api.query(owner.token, addDocument, { id, userId })).errors).toBeUndefined();
    }
    return id;
  };

  const follow = async ({ token }: Person, conversationId?: string): Promise<RawSocket> => {
    const socket = await api.connect(token);
    socket.subscribe('s', messageReceivedDocument, conversationId === undefined ? {} : { conversationId });
    await socket.wait('next', 's');
    return socket;
  };

  const waitFor = (socket: RawSocket, typename: string) =>
    eventually(() => eventsOf(socket, 's').find(({ __typename }) => __typename === typename));

  test('begin empty, owned by whoever made them, titled or titled by their first message', async () => {
    const ada = await person();
    const { data } = await api.query(ada.token, createDocument, {
      input: { clientConversationId: 'c', title: 'Fractions' },
    });
    expect(data.createConversation).toEqual({
      id: expect.any(String),
      title: 'Fractions',
      owner: { id: ada.id },
      unreadCount: 0,
      participants: [{ user: { id: ada.id } }],
    });
    const untitled = await create(ada);
    await say(ada, untitled, 'What is a fraction?');
    await say(ada, data.createConversation.id, 'Hello');
    const list = await api.query(ada.token, listDocument);
    expect(list.data.viewer.conversations.edges.map(({ node }: { node: object }) => node)).toEqual([
      { id: data.createConversation.id, title: 'Fractions', unreadCount: 0, lastMessage: { text: 'Hello' } },
      {
        id: untitled,
        title: 'What is a fraction?',
        unreadCount: 0,
        lastMessage: { text: 'What is a fraction?' },
      },
    ]);
  });

  describe('rights', () => {
    test('[A4] a participant reads, sends, types and marks read; only the owner renames, deletes, adds, removes', async () => {
      const [owner, friend, other] = [await person(), await person(), await person()];
      const id = await share(owner, friend, other);
      const messageId = await say(friend, id, 'Hello');
      const run = (document: string, variables: object = {}) =>
        api.query(friend.token, document, { id, ...variables });

      expect((await run(historyDocument)).data.conversation.messages.edges).toHaveLength(1);
      expect((await run(readDocument, { messageId })).errors).toBeUndefined();
      expect(
        (await run('mutation ($id: ID!) { setTyping(conversationId: $id, isTyping: true) }')).data,
      ).toEqual({
        setTyping: true,
      });
      for (const refused of [
        await run(renameDocument, { title: 'Mine' }),
        await run(deleteDocument),
        await run(addDocument, { userId: other.id }),
        await run(removeDocument, { userId: other.id }),
        await run(removeDocument, { userId: owner.id }),
      ]) {
        expect(refused.errors?.[0]?.extensions).toEqual({ code: 'FORBIDDEN', temporary: false });
      }
      // The owner is one of them: who made it may leave it too.
      const left = await api.query(owner.token, removeDocument, { id, userId: owner.id });
      expect(left.errors).toBeUndefined();
      expect((await run(historyDocument)).data.conversation.id).toBe(id);
    });

    test('[A4] at most 50 people take part; who takes part already stays', async () => {
      const owner = await person();
      const others = await Promise.all(Array.from({ length: maxParticipants }, () => person()));
      const id = await share(owner, ...others.slice(1));
      const again = await api.query(owner.token, addDocument, { id, userId: others[1]?.id });
      expect(again.data.addParticipant.participants).toHaveLength(maxParticipants);
      const full = await api.query(owner.token, addDocument, { id, userId: others[0]?.id });
      expect(full.errors?.[0]?.extensions).toMatchObject({ code: 'BAD_INPUT', field: 'userId' });
    });
  });

  test('a renamed one is announced to all who take part, and keeps its title', async () => {
    const [owner, friend] = [await person(), await person()];
    const id = await share(owner, friend);
    const [here, everywhere] = await Promise.all([follow(friend, id), follow(friend)]);
    const { data } = await api.query(owner.token, renameDocument, { id, title: 'Algebra' });
    expect(data.renameConversation).toEqual({ id, title: 'Algebra' });
    for (const socket of [here, everywhere]) {
      expect(await waitFor(socket, 'ConversationUpdated')).toMatchObject({
        conversationId: id,
        title: 'Algebra',
      });
    }
    await say(owner, id, 'A first message does not rename it');
    const history = await api.query(friend.token, historyDocument, { id });
    expect(history.data.conversation.title).toBe('Algebra');
  });

  test('[A8] who leaves has it no more, is told so, and their subscription completes', async () => {
    const [owner, friend] = [await person(), await person()];
    const id = await share(owner, friend);
    const [here, everywhere, others] = await Promise.all([
      follow(friend, id),
      follow(friend),
      follow(owner, id),
    ]);
    const left = await api.query(friend.token, removeDocument, { id, userId: friend.id });
    expect(left.data.removeParticipant.id).toBe(id);
    expect(await waitFor(everywhere, 'ConversationRemoved')).toMatchObject({ conversationId: id });
    await here.wait('complete', 's');
    await say(owner, id, 'Behind your back');
    await waitFor(others, 'MessageAdded');
    expect(here.raw + everywhere.raw).not.toContain('Behind your back');
    expect((await api.query(friend.token, historyDocument, { id })).data).toEqual({ conversation: null });
    expect(codeOf(await api.query(friend.token, removeDocument, { id, userId: friend.id }))).toBe(
      'NOT_FOUND',
    );
    expect((await api.query(owner.token, historyDocument, { id })).data.conversation.id).toBe(id);
  });

  test('[A8] who is added again after that reads on', async () => {
    const [owner, friend] = [await person(), await person()];
    const id = await share(owner, friend);
    await api.query(owner.token, removeDocument, { id, userId: friend.id });
    await say(owner, id, 'While you were away');
    await api.query(owner.token, addDocument, { id, userId: friend.id });
    const history = await api.query(friend.token, historyDocument, { id });
    expect(history.data.conversation.messages.edges).toHaveLength(1);
  });

  test('a deleted one is gone for everyone, and ends their subscriptions', async () => {
    const [owner, friend] = [await person(), await person()];
    const id = await share(owner, friend);
    const sockets = await Promise.all([follow(owner, id), follow(friend, id)]);
    const everywhere = await Promise.all([follow(owner), follow(friend)]);
    expect((await api.query(owner.token, deleteDocument, { id })).data).toEqual({ deleteConversation: id });
    for (const socket of sockets) await socket.wait('complete', 's');
    for (const socket of everywhere) {
      expect(await waitFor(socket, 'ConversationRemoved')).toMatchObject({ conversationId: id });
    }
    for (const { token } of [owner, friend]) {
      expect((await api.query(token, historyDocument, { id })).data).toEqual({ conversation: null });
      expect((await api.query(token, listDocument)).data.viewer.conversations.edges).toEqual([]);
      expect(codeOf(await api.query(token, deleteDocument, { id }))).toBe('NOT_FOUND');
    }
  });

  test('unread counts rise by what others say, fall by markRead, and never rise by it', async () => {
    const [owner, friend] = [await person(), await person()];
    const id = await share(owner, friend);
    const unread = async ({ token }: Person): Promise<number> =>
      (await api.query(token, historyDocument, { id })).data.conversation.unreadCount;
    const messages = [];
    for (const text of ['one', 'two', 'three']) messages.push(await say(owner, id, text));
    expect([await unread(owner), await unread(friend)]).toEqual([0, 3]);

    const device = await follow(friend);
    const ofOwner = await follow(owner);
    const read = (messageId: string | undefined) => api.query(friend.token, readDocument, { id, messageId });
    expect((await read(messages[1])).data.markRead.unreadCount).toBe(1);
    expect(await waitFor(device, 'ConversationRead')).toMatchObject({
      conversationId: id,
      messageId: messages[1],
      topic: `user:${friend.id}`,
    });
    expect((await read(messages[0])).data.markRead.unreadCount).toBe(1);
    expect((await read(messages[2])).data.markRead.unreadCount).toBe(0);
    await eventually(
      () => eventsOf(device, 's').filter(({ __typename }) => __typename === 'ConversationRead').length === 2,
    );
    await say(friend, id, 'Thanks');
    await waitFor(ofOwner, 'MessageAdded');
    expect(eventsOf(ofOwner, 's').map(({ __typename }) => __typename)).not.toContain('ConversationRead');
    expect([await unread(owner), await unread(friend)]).toEqual([1, 0]);
  });

  describe('pages', () => {
    const texts = Array.from({ length: 25 }, (_, at) => `message ${at}`);
    let ada: Person;
    let id: string;
    beforeAll(async () => {
      ada = await person();
      id = await create(ada);
      for (const text of texts) await say(ada, id, text);
    });

    const page = async (variables: object) => {
      const { data } = await api.query(ada.token, historyDocument, { id, ...variables });
      const { edges, pageInfo, cursor } = data.conversation.messages;
      return {
        texts: edges.map((edge: { node: { text: string } }) => edge.node.text),
        edges,
        pageInfo,
        cursor,
      };
    };

    test('forward and backward give every message once, in order', async () => {
      const forward: string[] = [];
      let after: string | null = null;
      for (;;) {
        const { texts: some, pageInfo } = await page({ first: 7, after });
        expect(pageInfo.hasPreviousPage).toBe(after !== null);
        forward.push(...some);
        if (!pageInfo.hasNextPage) break;
        after = pageInfo.endCursor;
      }
      const backward: string[] = [];
      let before: string | null = null;
      for (;;) {
        const { texts: some, pageInfo } = await page({ last: 7, before });
        expect(pageInfo.hasNextPage).toBe(before !== null);
        backward.unshift(...some);
        if (!pageInfo.hasPreviousPage) break;
        before = pageInfo.startCursor;
      }
      expect(forward).toEqual(texts);
      expect(backward).toEqual(texts);
    });

    test('without arguments end with the newest', async () => {
      expect((await page({})).texts).toEqual(texts);
    });

    test('cursors stay where they are while messages come', async () => {
      const { pageInfo } = await page({ last: 5 });
      await say(ada, id, 'message 25');
      texts.push('message 25');
      expect((await page({ last: 5, before: pageInfo.startCursor })).texts).toEqual(texts.slice(15, 20));
      expect((await page({ first: 5, after: pageInfo.endCursor })).texts).toEqual(['message 25']);
    });

    test('[L12] a subscription after the page’s cursor goes on without a hole', async () => {
      const { cursor } = await page({});
      const added = await say(ada, id, 'after the page');
      texts.push('after the page');
      const socket = await api.connect(ada.token);
      socket.subscribe('s', messageReceivedDocument, { conversationId: id, after: [cursor] });
      await waitFor(socket, 'Ready');
      expect(eventsOf(socket, 's').map((event) => event.message?.id ?? event.__typename)).toEqual([
        added,
        'Ready',
      ]);
    });

    test('of conversations come latest change first, and hold still for those that follow', async () => {
      const eve = await person();
      const ids: string[] = [];
      for (let n = 0; n < 5; n += 1) ids.unshift(await create(eve, `c${n}`));
      const list = async (variables: object) =>
        (await api.query(eve.token, listDocument, { ...variables })).data.viewer.conversations;
      const idsOf = (connection: { edges: { node: { id: string } }[] }) =>
        connection.edges.map(({ node }) => node.id);
      const first = await list({ first: 2 });
      expect(idsOf(first)).toEqual(ids.slice(0, 2));
      expect(first.pageInfo).toMatchObject({ hasNextPage: true, hasPreviousPage: false });
      const second = await list({ first: 2, after: first.pageInfo.endCursor });
      expect(idsOf(second)).toEqual(ids.slice(2, 4));
      await say(eve, ids[4] ?? '', 'To the top');
      expect(idsOf(await list({ first: 5 }))).toEqual([ids[4], ...ids.slice(0, 4)]);
      expect(idsOf(await list({ first: 2, after: first.pageInfo.endCursor }))).toEqual(ids.slice(2, 4));
    });
  });
});
