import { createServer } from 'node:http';
import { makeExecutableSchema } from '@graphql-tools/schema';
import { RedisPubSub } from 'graphql-redis-subscriptions';
import { useServer } from 'graphql-ws/use/ws';
import { Redis } from 'ioredis';
import { WebSocketServer } from 'ws';
import { toEvent, topicOf, typingTopicOf } from './lib/events.mjs';
import { createPublishHandler, listen } from './lib/http.mjs';
import { typeDefs } from './lib/schema.mjs';

/** https://the-guild.dev/graphql/ws/get-started with ws, and the README of graphql-redis-subscriptions. */

const pubsub = new RedisPubSub({
  publisher: new Redis(process.env.REDIS_URL),
  subscriber: new Redis(process.env.REDIS_URL),
});

const resolvers = {
  Query: { ok: () => true },
  Subscription: {
    messageReceived: {
      subscribe: (_root, { conversationId }) =>
        pubsub.asyncIterableIterator([topicOf(conversationId), topicOf(null)]),
    },
    typing: {
      subscribe: (_root, { conversationId }) => pubsub.asyncIterableIterator(typingTopicOf(conversationId)),
    },
  },
};

const schema = makeExecutableSchema({ typeDefs, resolvers });
const server = createServer(
  createPublishHandler((input) =>
    pubsub.publish(topicOf(input.conversation), { messageReceived: toEvent(input) }),
  ),
);
useServer({ schema }, new WebSocketServer({ server, path: '/graphql' }));

await listen(server);
