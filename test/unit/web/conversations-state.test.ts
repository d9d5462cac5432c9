import { beforeEach, expect, test } from '@jest/globals';
import {
  type ConversationsModel,
  createConversationsModel,
} from '../../../web/src/chat/conversations-state.ts';

const parts = (id: string, unreadCount = 0) => ({
  id,
  title: `Title ${id}`,
  updatedAt: `2030-01-01T00:00:0${id}.000Z`,
  unreadCount,
  lastMessage: { id: `last-${id}` },
  owner: { id: 'ada' },
});

const added = (conversationId: string, id: string, author: string) =>
  ({
    __typename: 'MessageAdded',
    conversationId,
    at: '2030-01-01T00:01:00.000Z',
    message: { id, author: { id: author } },
  }) as const;

const read = (conversationId: string, messageId: string) =>
  ({ __typename: 'ConversationRead', conversationId, messageId }) as const;

const unread = (model: ConversationsModel, id: string) =>
  model.view().conversations.find((each) => each.id === id)?.unreadCount;

let model: ConversationsModel;

beforeEach(() => {
  model = createConversationsModel('ada');
  model.begin({ conversations: [parts('2'), parts('1', 3)], hasNextPage: false, endCursor: null }, []);
});

test('the latest change comes first', () => {
  expect(model.view().conversations.map(({ id }) => id)).toEqual(['2', '1']);
  model.apply(added('1', 'a', 'ada'));
  expect(model.view().conversations.map(({ id }) => id)).toEqual(['1', '2']);
});

test('the end of an answer moves nothing', () => {
  const before = model.view().conversations;
  for (const __typename of ['AnswerFinished', 'AnswerStopped', 'AnswerFailed'] as const)
    expect(model.apply({ __typename })).toEqual([]);
  expect(model.view().conversations).toEqual(before);
});

test('messages of others are unread until the mark passes them, once each', () => {
  model.apply(added('2', 'a', 'ada'));
  model.apply(added('2', 'b', 'tutor'));
  model.apply(added('2', 'b', 'tutor'));
  model.apply(added('2', 'c', 'tutor'));
  expect(unread(model, '2')).toBe(2);
  model.apply(read('2', 'b'));
  expect(unread(model, '2')).toBe(1);
  model.apply(read('2', 'c'));
  expect(unread(model, '2')).toBe(0);
});

test('a message of one’s own leaves nothing unread', () => {
  model.apply(added('1', 'a', 'tutor'));
  model.apply(added('1', 'b', 'ada'));
  expect(unread(model, '1')).toBe(0);
  model.apply(added('1', 'c', 'tutor'));
  expect(unread(model, '1')).toBe(1);
});

test('a mark on the last message that was read leaves what came later', () => {
  model.apply(added('1', 'a', 'tutor'));
  expect(model.apply(read('1', 'last-1'))).toEqual([]);
  expect(unread(model, '1')).toBe(1);
});

test('a mark on a message that is not known asks for the conversation', () => {
  expect(model.apply(read('1', 'older'))).toEqual(['1']);
  model.put('1', parts('1', 2));
  expect(unread(model, '1')).toBe(2);
});

test('a conversation that is not known is asked for, and one removed is gone', () => {
  const at = '2030-01-01T00:02:00.000Z';
  expect(model.apply({ __typename: 'ConversationUpdated', conversationId: '7', title: 'New', at })).toEqual([
    '7',
  ]);
  model.apply({ __typename: 'ConversationRemoved', conversationId: '2' });
  expect(model.view().conversations.map(({ id }) => id)).toEqual(['1']);
});

test('an announcement stays until it is read', () => {
  const added = { broadcastId: 'b', at: '2030', text: 'Pause at noon.', expiresAt: '2031' };
  model.apply({ __typename: 'BroadcastAdded', ...added });
  model.apply({ __typename: 'BroadcastAdded', ...added });
  expect(model.view().announcements).toHaveLength(1);
  model.apply({ __typename: 'BroadcastRead', broadcastId: 'b' });
  expect(model.view().announcements).toEqual([]);
});

test('an announcement that comes after its mark is not shown', () => {
  const announcement = { at: '2030', text: 'Pause at noon.', expiresAt: '2031' };
  model.apply({ __typename: 'BroadcastRead', broadcastId: 'b' });
  model.apply({ __typename: 'BroadcastAdded', broadcastId: 'b', ...announcement });
  model.begin({ conversations: [], hasNextPage: false, endCursor: null }, [{ id: 'b', ...announcement }]);
  expect(model.view().announcements).toEqual([]);
});
