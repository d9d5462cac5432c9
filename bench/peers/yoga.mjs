import { createServer } from 'node:http';
import { createRedisEventTarget } from '@graphql-yoga/redis-event-target';
import SchemaBuilder from '@pothos/core';
import { useServer } from 'graphql-ws/use/ws';
import { createPubSub, createYoga, Repeater } from 'graphql-yoga';
import { Redis } from 'ioredis';
import { WebSocketServer } from 'ws';
import { toEvent } from './lib/events.mjs';
import { createPublishHandler, listen } from './lib/http.mjs';

/** https://the-guild.dev/graphql/yoga-server/docs/features/subscriptions: over graphql-ws, with Redis; https://pothos-graphql.dev. */

const pubSub = createPubSub({
  eventTarget: createRedisEventTarget({
    publishClient: new Redis(process.env.REDIS_URL),
    subscribeClient: new Redis(process.env.REDIS_URL),
  }),
});

const builder = new SchemaBuilder({});
builder.queryType({ fields: (t) => ({ ok: t.boolean({ resolve: () => true }) }) });

const AuthorKind = builder.enumType('AuthorKind', { values: ['LEARNER', 'TUTOR'] });
const Author = builder.objectRef('Author').implement({
  fields: (t) => ({
    kind: t.expose('kind', { type: AuthorKind }),
    id: t.exposeID('id'),
    name: t.exposeString('name'),
  }),
});
const Message = builder.objectRef('Message').implement({
  fields: (t) => ({
    id: t.exposeID('id'),
    text: t.exposeString('text'),
    author: t.expose('author', { type: Author }),
    createdAt: t.exposeString('createdAt'),
  }),
});
const DurableEvent = builder.interfaceRef('DurableEvent').implement({
  fields: (t) => ({
    id: t.exposeID('id'),
    topic: t.exposeString('topic'),
    cursor: t.exposeString('cursor'),
    at: t.exposeString('at'),
  }),
});
const MessageAdded = builder.objectRef('MessageAdded').implement({
  interfaces: [DurableEvent],
  fields: (t) => ({
    conversationId: t.exposeID('conversationId'),
    message: t.expose('message', { type: Message }),
  }),
});
const BroadcastAdded = builder.objectRef('BroadcastAdded').implement({
  interfaces: [DurableEvent],
  fields: (t) => ({
    broadcastId: t.exposeID('broadcastId'),
    text: t.exposeString('text'),
    expiresAt: t.exposeString('expiresAt'),
  }),
});
const MessageEvent = builder.unionType('MessageEvent', {
  types: [MessageAdded, BroadcastAdded],
  resolveType: (event) => event.__typename,
});
const TypingEvent = builder.objectRef('TypingEvent').implement({
  fields: (t) => ({
    conversationId: t.exposeID('conversationId'),
    author: t.expose('author', { type: Author }),
    isTyping: t.exposeBoolean('isTyping'),
    expiresAt: t.exposeString('expiresAt'),
  }),
});
builder.subscriptionType({
  fields: (t) => ({
    messageReceived: t.field({
      type: MessageEvent,
      args: { conversationId: t.arg.id({ required: true }) },
      subscribe: (_root, { conversationId }) =>
        Repeater.merge([pubSub.subscribe('conversation', conversationId), pubSub.subscribe('broadcast')]),
      resolve: (event) => event,
    }),
    typing: t.field({
      type: TypingEvent,
      args: { conversationId: t.arg.id({ required: true }) },
      subscribe: (_root, { conversationId }) => pubSub.subscribe('typing', conversationId),
      resolve: (event) => event,
    }),
  }),
});

const yoga = createYoga({ schema: builder.toSchema(), graphiql: { subscriptionsProtocol: 'WS' } });
const publishHandler = createPublishHandler(async (input) => {
  const event = toEvent(input);
  if (input.conversation === null) pubSub.publish('broadcast', event);
  else pubSub.publish('conversation', input.conversation, event);
});
const server = createServer((request, response) =>
  request.url === '/publish' ? publishHandler(request, response) : yoga(request, response),
);
const wsServer = new WebSocketServer({ server, path: yoga.graphqlEndpoint });

useServer(
  {
    execute: (args) => args.rootValue.execute(args),
    subscribe: (args) => args.rootValue.subscribe(args),
    onSubscribe: async (ctx, _id, params) => {
      const { schema, execute, subscribe, contextFactory, parse, validate } = yoga.getEnveloped({
        ...ctx,
        req: ctx.extra.request,
        socket: ctx.extra.socket,
        params,
      });
      const args = {
        schema,
        operationName: params.operationName,
        document: parse(params.query),
        variableValues: params.variables,
        contextValue: await contextFactory(),
        rootValue: { execute, subscribe },
      };
      const errors = validate(args.schema, args.document);
      if (errors.length) return errors;
      return args;
    },
  },
  wsServer,
);

await listen(server);
