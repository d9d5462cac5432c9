import { describe, expect, test } from '@jest/globals';
import { EdAgentError } from '../../../src/domain/errors.ts';
import { createSchema } from '../../../src/schema/index.ts';
import { admin, learner } from './fake-services.ts';
import { codesOf, run, runSubscription } from './run.ts';

const schema = createSchema();

const operations: Readonly<Record<string, string>> = {
  viewer: '{ viewer { role } }',
  conversation: '{ conversation(id: "c1") { id } }',
  connectionStatus: '{ connectionStatus { at } }',
  broadcasts: '{ broadcasts { cursor } }',
  sendMessage: 'mutation { sendMessage(input: { clientMessageId: "1", text: "Hi" }) { __typename } }',
  stopAnswer: 'mutation { stopAnswer(messageId: "m1") { id } }',
  retryAnswer: 'mutation { retryAnswer(input: { clientRetryId: "1", messageId: "m1" }) { __typename } }',
  setTyping: 'mutation { setTyping(conversationId: "c1", isTyping: true) }',
  createConversation: 'mutation { createConversation(input: { clientConversationId: "1" }) { id } }',
  renameConversation: 'mutation { renameConversation(id: "c1", title: "New") { id } }',
  deleteConversation: 'mutation { deleteConversation(id: "c1") }',
  addParticipant: 'mutation { addParticipant(conversationId: "c1", userId: "bob") { id } }',
  removeParticipant: 'mutation { removeParticipant(conversationId: "c1", userId: "bob") { id } }',
  markRead: 'mutation { markRead(conversationId: "c1", messageId: "m1") { id } }',
  markBroadcastRead: 'mutation { markBroadcastRead(id: "b1") { id } }',
  updateProfile: 'mutation { updateProfile(input: { goals: "All" }) { role } }',
  renewAuth: 'mutation { renewAuth(token: "t") { userId role expiresAt } }',
  broadcast: 'mutation { broadcast(input: { clientBroadcastId: "1", text: "Soon" }) { connectionCount } }',
  disconnect: 'mutation { disconnect(by: { userId: "bob" }, reason: "Rude") }',
  setUserBlocked: 'mutation { setUserBlocked(userId: "bob", blocked: true) { id blockedAt blockedReason } }',
};

const subscriptions: Readonly<Record<string, string>> = {
  messageReceived: 'subscription { messageReceived { __typename } }',
  typing: 'subscription { typing(conversationId: "c1") { isTyping } }',
  connectionStatusChanged: 'subscription { connectionStatusChanged { at } }',
};

const adminOnly = ['broadcasts', 'broadcast', 'disconnect', 'setUserBlocked', 'connectionStatusChanged'];
const all = { ...operations, ...subscriptions };
const codesFor = async (name: string, options: Parameters<typeof run>[1]) => {
  const source = all[name] ?? '';
  const { result, calls } =
    name in subscriptions ? await runSubscription(source, options) : await run(source, options);
  return { codes: codesOf(result), calls };
};

describe('rights', () => {
  test('the table above has every root field', () => {
    const roots = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()];
    const names = roots.flatMap((root) => Object.keys(root?.getFields() ?? {}));
    expect(new Set(Object.keys(all))).toEqual(new Set(names));
  });

  test.each(Object.keys(all))('%s without a viewer is UNAUTHENTICATED and calls nothing', async (name) => {
    const { codes, calls } = await codesFor(name, { context: { viewer: null } });
    expect(codes).toEqual(['UNAUTHENTICATED']);
    expect(calls).toEqual([]);
  });

  test.each(Object.keys(all))('%s creates the user first, and refuses one that is blocked', async (name) => {
    const refuse = async () => {
      throw new EdAgentError('UNAUTHENTICATED', 'Blocked.');
    };
    const { codes, calls } = await codesFor(name, {
      context: { viewer: admin },
      overrides: { 'accounts.admit': refuse },
    });
    expect(codes).toEqual(['UNAUTHENTICATED']);
    expect(calls.map(({ method }) => method)).toEqual(['accounts.admit']);
  });

  test.each(adminOnly)('%s is FORBIDDEN for a learner and calls no service for it', async (name) => {
    const { codes, calls } = await codesFor(name, { context: { viewer: learner } });
    expect(codes).toEqual(['FORBIDDEN']);
    expect(calls.map(({ method }) => method)).toEqual(['accounts.admit']);
  });

  test.each(Object.keys(operations))('%s succeeds for an admin', async (name) => {
    expect((await codesFor(name, { context: { viewer: admin } })).codes).toEqual([]);
  });

  test.each(Object.keys(operations).filter((name) => !adminOnly.includes(name)))(
    '%s succeeds for a learner',
    async (name) => {
      expect((await codesFor(name, { context: { viewer: learner } })).codes).toEqual([]);
    },
  );

  test('the user is loaded once an operation, whatever it selects', async () => {
    const { callsOf, result } = await run(
      '{ viewer { role usage { messages } conversations { cursor } } conversation(id: "c1") { unreadCount } }',
    );
    expect(codesOf(result)).toEqual([]);
    expect([callsOf('accounts.admit'), callsOf('accounts.load')].map(({ length }) => length)).toEqual([1, 1]);
  });

  test('a block is hidden from learners and spares the rest of the user', async () => {
    const { data, result } = await run('{ viewer { user { id blockedAt } } }');
    expect(codesOf(result)).toEqual(['FORBIDDEN']);
    expect(data).toEqual({ viewer: { user: { id: 'ada', blockedAt: null } } });
  });

  test('a learner sees the status of their own connections', async () => {
    const { callsOf, data } = await run(
      '{ connectionStatus { history { at } connections { totalCount nodes { id } pageInfo { hasPreviousPage endCursor } } } }',
    );
    expect(callsOf('connections.status')).toEqual([['ada']]);
    expect(callsOf('connections.page')).toEqual([[{ userId: 'ada' }, 50, null]]);
    expect(callsOf('connections.history')).toEqual([]);
    expect(data).toEqual({
      connectionStatus: {
        history: [],
        connections: {
          totalCount: 9,
          nodes: [{ id: 'k1' }],
          pageInfo: { hasPreviousPage: false, endCursor: 'k1' },
        },
      },
    });
  });

  test('a learner who filters for others is refused with FORBIDDEN', async () => {
    const { result, callsOf } = await run(
      '{ connectionStatus { connections(filter: { userId: "bob" }) { totalCount } } }',
    );
    expect(codesOf(result)).toEqual(['FORBIDDEN']);
    expect(callsOf('connections.page')).toEqual([]);
  });

  test('an admin sees the status of the cluster', async () => {
    const { callsOf } = await run(
      '{ connectionStatus { history(minutes: 5) { at } connections(first: 10, after: "k0", filter: { userId: "bob", nodeId: "n1" }) { totalCount } } }',
      { context: { viewer: admin } },
    );
    expect(callsOf('connections.status')).toEqual([[null]]);
    expect(callsOf('connections.history')).toEqual([[5]]);
    expect(callsOf('connections.page')).toEqual([[{ userId: 'bob', nodeId: 'n1' }, 10, 'k0']]);
  });
});
