import { describe, expect, test } from '@jest/globals';
import {
  defaultFieldResolver,
  type GraphQLObjectType,
  type GraphQLResolveInfo,
  getNamedType,
  isAbstractType,
  isObjectType,
} from 'graphql';
import { createSchema } from '../../../src/schema/index.ts';
import {
  author,
  conversation,
  feedItems,
  message,
  node,
  participant,
  rates,
  snapshot,
  status,
  typingItem,
  user,
} from './samples.ts';

const schema = createSchema();

/** A parent for each type that an event can hold. */
const parents: Readonly<Record<string, unknown>> = {
  ...feedItems,
  AnswerFailure: status.failure,
  AnswerStatus: status,
  AnswerUsage: status.usage,
  Author: author,
  ConnectionStatus: snapshot,
  Conversation: conversation,
  Message: message,
  NodeStatus: node,
  Participant: participant,
  Rates: rates,
  TopicCursor: { topic: 'broadcast', cursor: 'cursor-2' },
  TypingEvent: typingItem,
  User: user,
};

const untouchable = new Proxy(
  {},
  {
    get(_target, key) {
      throw new Error(`touches context.${String(key)}`);
    },
  },
);

/** The object types below the subscriptions, and the fields of them that need the context. */
const reach = (throughMarked: boolean) => {
  const found = new Map<string, GraphQLObjectType>();
  const visit = (type: unknown): void => {
    if (isAbstractType(type)) schema.getPossibleTypes(type).forEach(visit);
    if (!isObjectType(type) || found.has(type.name)) return;
    found.set(type.name, type);
    for (const field of Object.values(type.getFields())) {
      if (throughMarked || !field.extensions.needsContext) visit(getNamedType(field.type));
    }
  };
  for (const field of Object.values(schema.getSubscriptionType()?.getFields() ?? {})) {
    visit(getNamedType(field.type));
  }
  return [...found.values()];
};

const marked = (type: GraphQLObjectType) =>
  Object.values(type.getFields())
    .filter((field) => field.extensions.needsContext === true)
    .map(({ name }) => `${type.name}.${name}`);

describe('a payload', () => {
  const types = reach(false);
  const unmarked = types.flatMap((type) =>
    Object.values(type.getFields())
      .filter((field) => !field.extensions.needsContext)
      .map((field) => [`${type.name}.${field.name}`, type, field] as const),
  );

  test.each(unmarked)('%s resolves from the event alone', async (_path, type, field) => {
    const parent = parents[type.name];
    expect(parent).toBeDefined();
    const info = { fieldName: field.name, parentType: type, returnType: field.type } as GraphQLResolveInfo;
    const resolve = field.resolve ?? defaultFieldResolver;
    const value = await resolve(parent, {}, untouchable as never, info);
    expect(value).toBeDefined();
  });

  test('the members of MessageEvent are told apart without the context', () => {
    const union = schema.getType('MessageEvent');
    if (!isAbstractType(union)) throw new Error('no union');
    for (const [name, item] of Object.entries(feedItems)) {
      expect(union.resolveType?.(item, untouchable as never, {} as never, union)).toBe(name);
    }
  });

  test('the subscriptions resolve an event to itself without the context', async () => {
    for (const field of Object.values(schema.getSubscriptionType()?.getFields() ?? {})) {
      const item = feedItems.Ready;
      expect(await field.resolve?.(item, {}, untouchable as never, {} as never)).toBe(item);
    }
  });

  test('the fields that need the context are marked', () => {
    const names = reach(true).flatMap(marked);
    expect(names).toEqual(
      expect.arrayContaining([
        'Message.conversation',
        'Conversation.owner',
        'Conversation.participants',
        'Conversation.messages',
        'Conversation.unreadCount',
        'Conversation.lastMessage',
        'ConnectionStatus.history',
        'ConnectionStatus.connections',
      ]),
    );
  });

  test('a marked field does touch the context', async () => {
    const touching = reach(true)
      .filter((type) => type.name in parents)
      .flatMap((type) => Object.values(type.getFields()).map((field) => ({ type, field })))
      .filter(({ field }) => field.extensions.needsContext);
    expect(touching.length).toBeGreaterThan(7);
    for (const { type, field } of touching) {
      const touch = async () => field.resolve?.(parents[type.name], {}, untouchable as never, {} as never);
      await expect(touch()).rejects.toThrow(/touches context/);
    }
  });
});
