import type { ConnectionInfo, NodeInfo, RatePoint } from '../../../src/connections/port.ts';
import type { StatusSnapshot } from '../../../src/connections/service-port.ts';
import type { TypingItem, Usage } from '../../../src/conversations/port.ts';
import { toFailure } from '../../../src/domain/answer.ts';
import type {
  AnswerStatus,
  Author,
  Broadcast,
  Conversation,
  Message,
  Participant,
  User,
} from '../../../src/domain/entities.ts';
import type { DeliveredEvent } from '../../../src/domain/events.ts';
import type { DeltaItem, EventItem, FeedItem, ReadyItem, ResyncItem } from '../../../src/feed/items.ts';

/** One of everything that resolvers are given. */
const at = '2030-01-31T12:00:00.000Z';

export const user: User = {
  id: 'ada',
  name: 'Ada',
  role: 'LEARNER',
  profile: { goals: 'Prove theorems', level: 'Beginner', interests: ['engines'] },
  createdAt: at,
  blockedAt: null,
  blockedReason: null,
};

export const author: Author = { kind: 'LEARNER', id: 'ada', name: 'Ada' };

export const status: AnswerStatus = {
  state: 'FAILED',
  attempt: 1,
  failure: toFailure('TUTOR_TIMEOUT'),
  startedAt: at,
  closedAt: at,
  usage: { inputTokens: 3, outputTokens: 5 },
};

export const message: Message = {
  id: 'm1',
  conversationId: 'c1',
  position: 1,
  author,
  text: 'Hello',
  inReplyTo: 'm0',
  retryOf: 'm-1',
  answer: status,
  createdAt: at,
};

export const conversation: Conversation = {
  id: 'c1',
  title: 'Hello',
  ownerId: 'ada',
  createdAt: at,
  updatedAt: at,
};

export const participant: Participant = { user, joinedAt: at };

export const broadcast: Broadcast = {
  id: 'b1',
  text: 'Maintenance tonight',
  at,
  expiresAt: at,
  userIds: null,
  readAt: null,
};

export const usage: Usage = { since: at, messages: 1, answers: 1, inputTokens: 3, outputTokens: 5 };

export const rates: RatePoint = {
  at,
  connections: 2,
  userCount: 1,
  answersInProgress: 1,
  messages: 10,
  deltas: 50,
  answers: 1,
  broadcasts: 1,
  firstTokenMs: 300,
  firstTokens: 2,
};

export const node: NodeInfo = {
  id: 'n1',
  startedAt: at,
  version: '0.1.0',
  connectionCount: 2,
  userCount: 1,
  answersInProgress: 1,
  isDraining: false,
  residentBytes: 3_000_000_000,
};

export const clientConnection: ConnectionInfo = {
  id: 'k1',
  nodeId: 'n1',
  userId: 'ada',
  userName: 'Ada',
  transport: 'WEBSOCKET',
  userAgent: null,
  connectedAt: at,
  lastActivityAt: at,
  messagesIn: 3,
  messagesOut: 4,
  subscriptionCount: 1,
};

export const snapshot: StatusSnapshot = { at, connectionCount: 2, userCount: 1, nodes: [node], rates };

export const typingItem: TypingItem = { conversationId: 'c1', author, isTyping: true, expiresAt: at };

const base = { id: 'e1', at };
const here = { conversationId: 'c1' };
const answered = { ...base, ...here, messageId: 'm1' };

const events: { readonly [T in DeliveredEvent['type']]: Extract<DeliveredEvent, { type: T }> } = {
  MessageAdded: { type: 'MessageAdded', ...base, ...here, message },
  AnswerStarted: { type: 'AnswerStarted', ...answered },
  AnswerFinished: { type: 'AnswerFinished', ...answered, text: 'Hi' },
  AnswerStopped: { type: 'AnswerStopped', ...answered, text: 'H' },
  AnswerFailed: { type: 'AnswerFailed', ...answered, text: '', failure: toFailure('TUTOR_TIMEOUT') },
  ConversationUpdated: { type: 'ConversationUpdated', ...base, ...here, title: 'Hello' },
  ConversationRemoved: { type: 'ConversationRemoved', ...base, ...here },
  ConversationRead: { type: 'ConversationRead', ...answered },
  BroadcastAdded: { type: 'BroadcastAdded', ...base, broadcastId: 'b1', text: 'Soon', expiresAt: at },
  BroadcastRead: { type: 'BroadcastRead', ...base, broadcastId: 'b1' },
};

const toItem = (event: DeliveredEvent): EventItem => ({
  kind: 'event',
  topic: 'conversation:c1',
  cursor: 'cursor-1',
  event,
});

const delta: DeltaItem = {
  kind: 'delta',
  delta: { messageId: 'm1', conversationId: 'c1', attempt: 1, offset: 0, text: 'Hi' },
};

const cursors = [{ topic: 'broadcast', cursor: 'cursor-2' }] as const;
const ready: ReadyItem = { kind: 'ready', cursors, resumed: true };
const resync: ResyncItem = { kind: 'resync', cause: 'TRIMMED', cursors };

/** By the name of the member of MessageEvent that each must become. */
export const feedItems: Readonly<Record<string, FeedItem>> = {
  ...Object.fromEntries(Object.entries(events).map(([type, event]) => [type, toItem(event)])),
  AnswerDelta: delta,
  Ready: ready,
  Resync: resync,
};
