import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { messageReceivedDocument, sendDocument } from '../../support/documents.ts';
import { eventually } from '../../support/eventually.ts';
import { newUserId } from '../../support/test-app.ts';
import { type Api, eventsOf, type RawSocket, startApi } from './harness.ts';

const personalDocument = `subscription ($conversationId: ID) { messageReceived(conversationId: $conversationId) {
  __typename ... on MessageAdded { message { text conversation { unreadCount } } } } }`;
const typingDocument = `subscription ($conversationId: ID!) { typing(conversationId: $conversationId) {
  conversationId isTyping author { id } } }`;

describe('subscribers of one document', () => {
  let api: Api;
  beforeAll(async () => {
    api = await startApi({ env: { EDAGENT_SUBSCRIPTIONS_PER_CONNECTION: '5' } });
  });
  afterAll(() => api.dispose());

  const meet = async (name: string) => {
    const id = newUserId(name);
    const token = await api.token(id);
    await api.query(token, '{ viewer { role } }');
    return { id, token };
  };

  const say = async (token: string, text: string, conversationId?: string): Promise<string> => {
    const input = {
      clientMessageId: newUserId('m'),
      text,
      answer: false,
      ...(conversationId && { conversationId }),
    };
    const { data } = await api.query(token, sendDocument, { input });
    return data.sendMessage.conversation.id;
  };

  /** A conversation of two. */
  const talk = async () => {
    const [ada, bob] = [await meet('ada'), await meet('bob')];
    const conversationId = await say(ada.token, 'Hello');
    const { errors } = await api.query(
      ada.token,
      `mutation { addParticipant(conversationId: "${conversationId}", userId: "${bob.id}") { id } }`,
    );
    expect(errors).toBeUndefined();
    return { ada, bob, conversationId };
  };

  const follow = async (token: string, conversationId: string, id = 'a'): Promise<RawSocket> => {
    const socket = await api.connect(token);
    socket.subscribe(id, messageReceivedDocument, { conversationId });
    await eventually(() => eventsOf(socket, id).some(({ __typename }) => __typename === 'Ready'));
    return socket;
  };
  const textsOf = (socket: RawSocket, id = 'a'): string[] =>
    eventsOf(socket, id).flatMap(({ message }) => (message ? [message.text] : []));

  test('get the same bytes behind their own operation ids, whoever they are', async () => {
    const { ada, bob, conversationId } = await talk();
    const sockets = [
      await follow(ada.token, conversationId, 'a'),
      await follow(bob.token, conversationId, 'ünï "code"'),
    ];
    await say(ada.token, 'Grüße, 数学 🙂', conversationId);
    const payloads = await Promise.all(
      sockets.map((socket) =>
        eventually(() => {
          const start = socket.raw.lastIndexOf(',"payload":');
          const text = socket.raw.slice(start);
          return text.includes('数学') && text;
        }),
      ),
    );
    expect(payloads[0]).toBe(payloads[1]);
    expect(textsOf(sockets[1] as RawSocket, 'ünï "code"')).toEqual(['Grüße, 数学 🙂']);
  });

  test('[A8] one who is removed gets nothing more, the others everything', async () => {
    const { ada, bob, conversationId } = await talk();
    const [stays, leaves] = [
      await follow(ada.token, conversationId),
      await follow(bob.token, conversationId),
    ];
    await say(ada.token, 'For both', conversationId);
    await api.query(
      ada.token,
      `mutation { removeParticipant(conversationId: "${conversationId}", userId: "${bob.id}") { id } }`,
    );
    await say(ada.token, 'For one', conversationId);
    await leaves.wait('complete', 'a');
    await eventually(() => textsOf(stays).includes('For one'));
    expect(textsOf(stays)).toEqual(['For both', 'For one']);
    expect(textsOf(leaves)).toEqual(['For both']);
    expect(leaves.raw).not.toContain('For one');
  });

  test.each(['learner', 'admin'] as const)(
    '[A3] a stranger is refused while others have the document running, also as %s',
    async (role) => {
      const { ada, conversationId } = await talk();
      await follow(ada.token, conversationId);
      const stranger = await api.connect(await api.token(newUserId('eve'), { role }));
      for (const query of [messageReceivedDocument, typingDocument]) {
        expect((await stranger.run(query, { conversationId })).errors?.[0]?.extensions?.code).toBe(
          'NOT_FOUND',
        );
      }
      await say(ada.token, 'Not for strangers', conversationId);
      await stranger.run('{ viewer { role } }');
      expect(stranger.raw).not.toContain('Not for strangers');
    },
  );

  test('each get their own value of a field that needs the viewer', async () => {
    const { ada, bob, conversationId } = await talk();
    const unread = async (token: string) => {
      const socket = await api.connect(token);
      socket.subscribe('p', personalDocument, { conversationId });
      await socket.wait('next', 'p');
      return () =>
        eventually(
          () =>
            eventsOf(socket, 'p').find(({ message }) => message)?.message.conversation.unreadCount !==
              undefined && {
              count: eventsOf(socket, 'p').find(({ message }) => message).message.conversation.unreadCount,
            },
        );
    };
    const [ofAda, ofBob] = [await unread(ada.token), await unread(bob.token)];
    await say(ada.token, 'Who has read this?', conversationId);
    const [first, second] = await Promise.all([ofAda(), ofBob()]);
    expect(first).not.toEqual(second);
  });

  test('[C7] a duplicate operation id closes the socket with 4409, however the first is served', async () => {
    const { ada, conversationId } = await talk();
    const socket = await follow(ada.token, conversationId);
    socket.subscribe('a', messageReceivedDocument, { conversationId });
    expect((await socket.closed).code).toBe(4409);
  });

  test('a completed operation gets nothing more, and its id may be used again', async () => {
    const { ada, conversationId } = await talk();
    const socket = await follow(ada.token, conversationId);
    socket.send({ type: 'complete', id: 'a' });
    await socket.run('{ viewer { role } }');
    await say(ada.token, 'Between', conversationId);
    const count = socket.of('a').length;
    socket.subscribe('a', messageReceivedDocument, { conversationId });
    await eventually(() => socket.of('a').length > count);
    await say(ada.token, 'After', conversationId);
    await eventually(() => textsOf(socket).includes('After'));
    expect(textsOf(socket)).toEqual(['After']);
    expect(socket.of('a').map(({ type }) => type)).not.toContain('complete');
  });

  test('[S4] more than a connection may have are refused, and the others go on', async () => {
    const { ada, conversationId } = await talk();
    const socket = await follow(ada.token, conversationId);
    for (let n = 0; n < 5; n += 1) socket.subscribe(`more-${n}`, messageReceivedDocument, { conversationId });
    const { payload } = await socket.wait('error', 'more-4');
    expect(payload[0].extensions).toEqual({ code: 'RATE_LIMITED', temporary: true });
    await say(ada.token, 'Still here', conversationId);
    await eventually(() => textsOf(socket).includes('Still here'));
  });

  test('are shown to an admin as subscriptions of their connection until they end', async () => {
    const { ada, conversationId } = await talk();
    const admin = await api.token(newUserId('root'), { role: 'admin' });
    const socket = await follow(ada.token, conversationId);
    const countOf = async (): Promise<number> => {
      const { data } = await api.query(
        admin,
        `{ connectionStatus { connections(filter: { userId: "${ada.id}" }) { nodes { subscriptionCount } } } }`,
      );
      return data.connectionStatus.connections.nodes[0].subscriptionCount;
    };
    await eventually(async () => (await countOf()) === 1);
    socket.send({ type: 'complete', id: 'a' });
    await eventually(async () => (await countOf()) === 0);
  });
});
