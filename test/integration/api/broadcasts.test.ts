import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { messageReceivedDocument, sendDocument } from '../../support/documents.ts';
import { eventually } from '../../support/eventually.ts';
import { newUserId } from '../../support/test-app.ts';
import { type Api, codeOf, eventsOf, type RawSocket, startApi } from './harness.ts';

const broadcastDocument =
  'mutation ($input: BroadcastInput!) { broadcast(input: $input) { broadcast { id text at expiresAt } connectionCount } }';
const listDocument = `query ($unreadOnly: Boolean, $first: Int, $after: String) { viewer {
  broadcasts(unreadOnly: $unreadOnly, first: $first, after: $after) {
    cursor pageInfo { hasNextPage endCursor } edges { node { id text readAt expiresAt } } } } }`;
const readDocument = 'mutation ($id: ID!) { markBroadcastRead(id: $id) { id readAt } }';

interface Node {
  readonly id: string;
  readonly text: string;
  readonly readAt: string | null;
  readonly expiresAt: string;
}

describe('a broadcast', () => {
  let api: Api;
  let admin: string;
  beforeAll(async () => {
    api = await startApi();
    admin = await api.token(newUserId('admin'), { role: 'admin' });
  });
  afterAll(() => api.dispose());

  const person = async (): Promise<{ id: string; token: string }> => {
    const id = newUserId();
    const token = await api.token(id);
    await api.query(token, '{ viewer { role } }');
    return { id, token };
  };

  const send = async (input: object) => {
    const { data, errors } = await api.query(admin, broadcastDocument, {
      input: { clientBroadcastId: newUserId('b'), ...input },
    });
    expect(errors).toBeUndefined();
    return { ...data.broadcast.broadcast, connectionCount: data.broadcast.connectionCount };
  };

  const list = async (token: string, variables: object = {}): Promise<Node[]> => {
    const { data } = await api.query(token, listDocument, { ...variables });
    return data.viewer.broadcasts.edges.map(({ node }: { node: Node }) => node);
  };

  const follow = async (token: string, variables: object = {}): Promise<RawSocket> => {
    const socket = await api.connect(token);
    socket.subscribe('s', messageReceivedDocument, variables);
    await eventually(() => eventsOf(socket, 's').some(({ __typename }) => __typename === 'Ready'));
    return socket;
  };

  const added = (socket: RawSocket, id: string) =>
    eventually(() => eventsOf(socket, 's').find((event) => event.broadcastId === id));

  test('[B1] to all comes on every messageReceived subscription, and stands in every list', async () => {
    const [ada, bob] = [await person(), await person()];
    const sent = await api.query(ada.token, sendDocument, {
      input: { clientMessageId: 'm', text: 'Hi', answer: false },
    });
    const sockets = await Promise.all([
      follow(ada.token),
      follow(bob.token),
      follow(ada.token, { conversationId: sent.data.sendMessage.conversation.id }),
    ]);
    const { id, expiresAt } = await send({ text: 'Maintenance at noon' });
    for (const socket of sockets) {
      expect(await added(socket, id)).toMatchObject({
        __typename: 'BroadcastAdded',
        topic: 'broadcast',
        text: 'Maintenance at noon',
        expiresAt,
      });
    }
    const eventIds = sockets.map(
      (socket) => eventsOf(socket, 's').find((event) => event.broadcastId === id)?.id,
    );
    expect(new Set(eventIds).size).toBe(1);
    for (const { token } of [ada, bob]) {
      expect((await list(token))[0]).toEqual({ id, text: 'Maintenance at noon', readAt: null, expiresAt });
    }
  });

  test('[B1] to named users comes on their viewer-wide subscriptions, and to nobody else', async () => {
    const [ada, bob] = [await person(), await person()];
    const sent = await api.query(ada.token, sendDocument, {
      input: { clientMessageId: 'm', text: 'Hi', answer: false },
    });
    const [wide, narrow, other] = await Promise.all([
      follow(ada.token),
      follow(ada.token, { conversationId: sent.data.sendMessage.conversation.id }),
      follow(bob.token),
    ]);
    const { id } = await send({ text: 'For you, Ada', userIds: [ada.id, ada.id] });
    expect(await added(wide as RawSocket, id)).toMatchObject({
      topic: `user:${ada.id}`,
      text: 'For you, Ada',
    });
    const { id: later } = await send({ text: 'For all' });
    for (const socket of [narrow, other]) {
      await added(socket as RawSocket, later);
      expect((socket as RawSocket).raw).not.toContain('For you, Ada');
    }
    expect((await list(ada.token)).map((node) => node.id)).toEqual([later, id]);
    expect((await list(bob.token)).map((node) => node.id)).toEqual([later]);
    expect(codeOf(await api.query(bob.token, readDocument, { id }))).toBe('NOT_FOUND');
  });

  test('[B2] is read on all devices of a user, and of nobody else', async () => {
    const [ada, bob] = [await person(), await person()];
    const device = await follow(ada.token);
    const other = await follow(bob.token);
    const { id } = await send({ text: 'Read me' });
    const { data } = await api.query(ada.token, readDocument, { id });
    expect(data.markBroadcastRead).toEqual({ id, readAt: expect.any(String) });
    await eventually(() =>
      eventsOf(device, 's').find(
        ({ __typename, broadcastId }) => __typename === 'BroadcastRead' && broadcastId === id,
      ),
    );
    expect(await list(ada.token)).toEqual([]);
    expect(await list(ada.token, { unreadOnly: false })).toEqual([
      expect.objectContaining({ id, readAt: data.markBroadcastRead.readAt }),
    ]);
    const again = await api.query(ada.token, readDocument, { id });
    expect(again.data.markBroadcastRead).toEqual(data.markBroadcastRead);
    expect((await list(bob.token)).map((node) => node.id)).toEqual([id]);
    await send({ text: 'After' });
    await eventually(() => eventsOf(other, 's').at(-1)?.text === 'After');
    expect(eventsOf(other, 's').map(({ __typename }) => __typename)).not.toContain('BroadcastRead');
  });

  test('[B2] of before a user was created is not theirs', async () => {
    const { id } = await send({ text: 'Before your time' });
    const late = await person();
    expect((await list(late.token, { unreadOnly: false })).map((node) => node.id)).not.toContain(id);
    expect(codeOf(await api.query(late.token, readDocument, { id }))).toBe('NOT_FOUND');
  });

  test('[B2] leaves the lists when it expires; 30 days are the default', async () => {
    const ada = await person();
    const expiresAt = new Date(Date.now() + 2_000).toISOString();
    const [short, long] = [await send({ text: 'Short', expiresAt }), await send({ text: 'Long' })];
    expect(short.expiresAt).toBe(expiresAt);
    const days = (Date.parse(long.expiresAt) - Date.parse(long.at)) / 86_400_000;
    expect(Math.round(days)).toBe(30);
    await eventually(async () => (await list(ada.token)).length === 1);
    expect(Date.now()).toBeGreaterThanOrEqual(Date.parse(expiresAt));
    expect((await list(ada.token, { unreadOnly: false })).map(({ text }) => text)).toEqual(['Long']);
  });

  test('[L12] is followed without a hole from the cursor of the list', async () => {
    const ada = await person();
    const { data } = await api.query(ada.token, listDocument);
    const { id } = await send({ text: 'Between' });
    const socket = await follow(ada.token, { after: [data.viewer.broadcasts.cursor] });
    expect(eventsOf(socket, 's').map(({ broadcastId, __typename }) => broadcastId ?? __typename)).toEqual([
      id,
      'Ready',
    ]);
  });

  test('stands in pages, newest first, for its reader and for admins', async () => {
    const ada = await person();
    const sent: string[] = [];
    for (const text of ['1', '2', '3', '4', '5']) sent.unshift((await send({ text, userIds: [ada.id] })).id);
    const first = (await api.query(ada.token, listDocument, { first: 3 })).data.viewer.broadcasts;
    const rest = await list(ada.token, { first: 3, after: first.pageInfo.endCursor });
    expect(first.pageInfo.hasNextPage).toBe(true);
    expect([...first.edges.map(({ node }: { node: Node }) => node.id), ...rest.map(({ id }) => id)]).toEqual(
      sent,
    );
    const all = await api.query(admin, '{ broadcasts(first: 5) { edges { node { id readAt } } } }');
    expect(all.data.broadcasts.edges.map(({ node }: { node: Node }) => node)).toEqual(
      sent.map((id) => ({ id, readAt: null })),
    );
  });

  test('[B3] says how many connections it was for, of all kinds', async () => {
    const [ada, bob] = [await person(), await person()];
    const before = (await send({ text: 'Who is there?' })).connectionCount;
    expect((await send({ text: 'Nobody', userIds: [ada.id] })).connectionCount).toBe(0);
    await api.connect(ada.token);
    await api.connect(ada.token);
    await api.connect(bob.token);
    const stream = await api.stream(ada.token, { query: 'subscription { messageReceived { __typename } }' });
    await eventually(() => stream.results.length > 0);
    expect((await send({ text: 'Ada', userIds: [ada.id] })).connectionCount).toBe(3);
    expect((await send({ text: 'Both', userIds: [ada.id, bob.id] })).connectionCount).toBe(4);
    expect((await send({ text: 'All' })).connectionCount).toBe(before + 4);
  });

  test.each([
    ['an empty text', { text: '' }, 'text'],
    ['a text that is too long', { text: 'x'.repeat(2_001) }, 'text'],
    ['nobody', { text: 'Hi', userIds: [] }, 'userIds'],
    ['users who were never seen', { text: 'Hi', userIds: ['nobody'] }, 'userIds'],
    ['an end in the past', { text: 'Hi', expiresAt: '2020-01-01T00:00:00Z' }, 'expiresAt'],
    ['no id', { text: 'Hi', clientBroadcastId: '' }, 'clientBroadcastId'],
  ])('[E1] with %s is BAD_INPUT that names the field', async (_, input, field) => {
    const { errors } = await api.query(admin, broadcastDocument, {
      input: { clientBroadcastId: newUserId('b'), ...input },
    });
    expect(errors?.[0]?.extensions).toEqual({ code: 'BAD_INPUT', temporary: false, field });
  });

  test('[E1] with an end that is no time is BAD_INPUT', async () => {
    const input = { clientBroadcastId: newUserId('b'), text: 'Hi', expiresAt: 'soon' };
    expect(codeOf(await api.query(admin, broadcastDocument, { input }))).toBe('BAD_INPUT');
  });
});
