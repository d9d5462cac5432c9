import { describe, expect, test } from '@jest/globals';
import {
  astFromValue,
  type GraphQLArgument,
  type GraphQLInputField,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isObjectType,
  isUnionType,
  print,
} from 'graphql';
import { createSchema } from '../../../src/schema/index.ts';

const schema = createSchema();

/** The public API that clients rely on; more fields may be added, none of these may go or change. */
const fields: Readonly<Record<string, readonly string[]>> = {
  Query: [
    'viewer: Viewer!',
    'conversation(id: ID!): Conversation',
    'connectionStatus: ConnectionStatus!',
    'broadcasts(first: Int, after: String): BroadcastConnection!',
  ],
  Viewer: [
    'user: User!',
    'role: Role!',
    'profile: Profile!',
    'limits: Limits!',
    'usage: Usage!',
    'conversations(first: Int, after: String): ConversationConnection!',
    'broadcasts(unreadOnly: Boolean = true, first: Int, after: String): BroadcastConnection!',
  ],
  Conversation: [
    'id: ID!',
    'title: String!',
    'owner: User!',
    'participants: [Participant!]!',
    'createdAt: DateTime!',
    'updatedAt: DateTime!',
    'messages(first: Int, after: String, last: Int, before: String): MessageConnection!',
    'unreadCount: Int!',
    'lastMessage: Message',
  ],
  MessageConnection: ['edges: [MessageEdge!]!', 'pageInfo: PageInfo!', 'cursor: Cursor!'],
  ConversationConnection: ['edges: [ConversationEdge!]!', 'pageInfo: PageInfo!', 'cursor: Cursor!'],
  BroadcastConnection: ['edges: [BroadcastEdge!]!', 'pageInfo: PageInfo!', 'cursor: Cursor!'],
  MessageEdge: ['cursor: String!', 'node: Message!'],
  ConversationEdge: ['cursor: String!', 'node: Conversation!'],
  BroadcastEdge: ['cursor: String!', 'node: Broadcast!'],
  PageInfo: [
    'hasNextPage: Boolean!',
    'hasPreviousPage: Boolean!',
    'startCursor: String',
    'endCursor: String',
  ],
  Message: [
    'id: ID!',
    'conversationId: ID!',
    'author: Author!',
    'text: String!',
    'inReplyTo: ID',
    'retryOf: ID',
    'answer: AnswerStatus',
    'createdAt: DateTime!',
  ],
  AnswerStatus: [
    'state: AnswerState!',
    'attempt: Int!',
    'failure: AnswerFailure',
    'startedAt: DateTime',
    'closedAt: DateTime',
    'usage: AnswerUsage',
  ],
  AnswerFailure: ['code: AnswerFailureCode!', 'message: String!', 'temporary: Boolean!'],
  ConnectionStatus: [
    'at: DateTime!',
    'connectionCount: Int!',
    'userCount: Int!',
    'nodes: [NodeStatus!]!',
    'rates: Rates!',
    'history(minutes: Int = 15): [Rates!]!',
    'connections(first: Int = 50, after: String, filter: ConnectionFilter): ClientConnectionPage!',
  ],
  Rates: [
    'at: DateTime!',
    'connections: Int!',
    'messages: Float!',
    'deltas: Float!',
    'answers: Float!',
    'timeToFirstTokenMs: Float',
  ],
  Mutation: [
    'sendMessage(input: SendMessageInput!): SendMessageResult!',
    'stopAnswer(messageId: ID!): Message!',
    'retryAnswer(input: RetryAnswerInput!): RetryAnswerResult!',
    'setTyping(conversationId: ID!, isTyping: Boolean!): Boolean!',
    'createConversation(input: CreateConversationInput!): Conversation!',
    'renameConversation(id: ID!, title: String!): Conversation!',
    'deleteConversation(id: ID!): ID!',
    'addParticipant(conversationId: ID!, userId: ID!): Conversation!',
    'removeParticipant(conversationId: ID!, userId: ID!): Conversation!',
    'markRead(conversationId: ID!, messageId: ID!): Conversation!',
    'markBroadcastRead(id: ID!): Broadcast!',
    'updateProfile(input: UpdateProfileInput!): Viewer!',
    'renewAuth(token: String!): AuthStatus!',
    'broadcast(input: BroadcastInput!): BroadcastResult!',
    'disconnect(by: DisconnectInput!, reason: String): Int!',
    'setUserBlocked(userId: ID!, blocked: Boolean!, reason: String): User!',
  ],
  SendMessageSuccess: [
    'message: Message!',
    'answer: Message',
    'conversation: Conversation!',
    'cursor: Cursor!',
  ],
  Error: ['reason: String!', 'code: String!'],
  Subscription: [
    'messageReceived(conversationId: ID, after: [Cursor!]): MessageEvent!',
    'typing(conversationId: ID!): TypingEvent!',
    'connectionStatusChanged: ConnectionStatus!',
  ],
  DurableEvent: ['id: ID!', 'topic: String!', 'cursor: Cursor!', 'at: DateTime!'],
  TopicCursor: ['topic: String!', 'cursor: Cursor!'],
  Ready: ['cursors: [TopicCursor!]!', 'resumed: Boolean!'],
  Resync: ['cause: ResyncCause!', 'cursors: [TopicCursor!]!'],
  AnswerDelta: ['messageId: ID!', 'conversationId: ID!', 'attempt: Int!', 'offset: Int!', 'text: String!'],
  MessageAdded: ['conversationId: ID!', 'message: Message!'],
  AnswerStarted: ['conversationId: ID!', 'messageId: ID!'],
  AnswerFinished: ['conversationId: ID!', 'messageId: ID!', 'text: String!'],
  AnswerStopped: ['conversationId: ID!', 'messageId: ID!', 'text: String!'],
  AnswerFailed: ['conversationId: ID!', 'messageId: ID!', 'text: String!', 'failure: AnswerFailure!'],
  ConversationUpdated: ['conversationId: ID!', 'title: String!'],
  ConversationRemoved: ['conversationId: ID!'],
  ConversationRead: ['conversationId: ID!', 'messageId: ID!'],
  BroadcastAdded: ['broadcastId: ID!', 'text: String!', 'expiresAt: DateTime!'],
  BroadcastRead: ['broadcastId: ID!'],
  Broadcast: ['id: ID!', 'text: String!', 'at: DateTime!', 'expiresAt: DateTime!', 'readAt: DateTime'],
  TypingEvent: ['conversationId: ID!', 'author: Author!', 'isTyping: Boolean!', 'expiresAt: DateTime!'],
  Author: ['kind: AuthorKind!', 'id: ID!', 'name: String!'],
};

const inputs: Readonly<Record<string, readonly string[]>> = {
  SendMessageInput: [
    'clientMessageId: ID!',
    'conversationId: ID',
    'text: String!',
    'answer: Boolean = true',
    'whileAnswering: WhileAnswering = WAIT',
  ],
  BroadcastInput: ['clientBroadcastId: ID!', 'text: String!', 'userIds: [ID!]', 'expiresAt: DateTime'],
  CreateConversationInput: ['clientConversationId: ID!', 'title: String'],
  RetryAnswerInput: ['clientRetryId: ID!', 'messageId: ID!'],
  UpdateProfileInput: ['goals: String', 'level: String', 'interests: [String!]'],
  DisconnectInput: ['connectionId: ID', 'userId: ID'],
  ConnectionFilter: ['userId: ID', 'nodeId: ID'],
};

const enums: Readonly<Record<string, readonly string[]>> = {
  Role: ['LEARNER', 'ADMIN'],
  AnswerState: ['WAITING', 'GENERATING', 'FINISHED', 'STOPPED', 'FAILED'],
  WhileAnswering: ['WAIT', 'INTERRUPT', 'REFUSE'],
  AuthorKind: ['LEARNER', 'TUTOR'],
  ResyncCause: ['EPOCH_CHANGED', 'TRIMMED', 'TOO_FAR_BEHIND'],
};

const durable = [
  'MessageAdded',
  'AnswerStarted',
  'AnswerFinished',
  'AnswerStopped',
  'AnswerFailed',
  'ConversationUpdated',
  'ConversationRemoved',
  'ConversationRead',
  'BroadcastAdded',
  'BroadcastRead',
];

const unions: Readonly<Record<string, readonly string[]>> = {
  MessageEvent: ['Ready', 'Resync', 'AnswerDelta', ...durable],
  SendMessageResult: ['SendMessageSuccess', 'AnswerInProgress'],
  RetryAnswerResult: ['RetryAnswerSuccess', 'AnswerInProgress', 'NotLastAnswer'],
};

const toText = ({ name, type, defaultValue }: GraphQLArgument | GraphQLInputField): string => {
  const literal = defaultValue === undefined ? null : astFromValue(defaultValue, type);
  return `${name}: ${type}${literal ? ` = ${print(literal)}` : ''}`;
};

const fieldsOf = (typeName: string): string[] => {
  const type = schema.getType(typeName);
  if (isInputObjectType(type)) return Object.values(type.getFields()).map(toText);
  if (!isObjectType(type) && !isInterfaceType(type)) return [];
  return Object.values(type.getFields()).map(({ name, args, type: fieldType }) => {
    const list = args.length === 0 ? '' : `(${args.map(toText).join(', ')})`;
    return `${name}${list}: ${fieldType}`;
  });
};

describe('the schema', () => {
  test.each(Object.entries(fields))('%s has its fields', (typeName, expected) => {
    expect(fieldsOf(typeName)).toEqual(expect.arrayContaining([...expected]));
  });

  test.each(Object.entries(inputs))('%s has exactly its fields', (typeName, expected) => {
    expect(fieldsOf(typeName)).toEqual(expected);
  });

  test.each(Object.entries(enums))('%s has exactly its values', (typeName, expected) => {
    const type = schema.getType(typeName);
    expect(isEnumType(type) && type.getValues().map(({ name }) => name)).toEqual(expected);
  });

  test.each(Object.entries(unions))('%s has exactly its members', (typeName, expected) => {
    const type = schema.getType(typeName);
    const members = isUnionType(type) ? type.getTypes().map(({ name }) => name) : [];
    expect(new Set(members)).toEqual(new Set(expected));
  });

  test('the durable members, and no others, implement DurableEvent', () => {
    const type = schema.getType('DurableEvent');
    const implementations = isInterfaceType(type) ? schema.getImplementations(type).objects : [];
    expect(new Set(implementations.map(({ name }) => name))).toEqual(new Set(durable));
  });

  test('the failures of results implement Error', () => {
    const type = schema.getType('Error');
    const implementations = isInterfaceType(type) ? schema.getImplementations(type).objects : [];
    expect(new Set(implementations.map(({ name }) => name))).toEqual(
      new Set(['AnswerInProgress', 'NotLastAnswer']),
    );
  });

  test('DisconnectInput takes exactly one of its fields', () => {
    const type = schema.getType('DisconnectInput');
    expect(isInputObjectType(type) && type.isOneOf).toBe(true);
  });
});
