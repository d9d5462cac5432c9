import Fastify from 'fastify';
import mercurius from 'mercurius';
import createEmitter from 'mqemitter-redis';
import { toEvent, topicOf, typingTopicOf } from './lib/events.mjs';
import { announce } from './lib/http.mjs';
import { typeDefs } from './lib/schema.mjs';

/** https://mercurius.dev/#/docs/subscriptions ("with redis"), with `jit` as the page on options says. */

const app = Fastify();
const emitter = createEmitter({ connectionString: process.env.REDIS_URL });

app.register(mercurius, {
  schema: typeDefs,
  resolvers: {
    Query: { ok: async () => true },
    Subscription: {
      messageReceived: {
        subscribe: async (_root, { conversationId }, { pubsub }) =>
          pubsub.subscribe([topicOf(conversationId), topicOf(null)]),
      },
      typing: {
        subscribe: async (_root, { conversationId }, { pubsub }) =>
          pubsub.subscribe(typingTopicOf(conversationId)),
      },
    },
    MessageEvent: { resolveType: (event) => event.__typename },
  },
  subscription: { emitter },
  jit: 1,
});

app.post('/publish', async (request, reply) => {
  const { conversation } = request.body;
  await app.graphql.pubsub.publish({
    topic: topicOf(conversation),
    payload: { messageReceived: toEvent(request.body) },
  });
  reply.code(204);
});

await app.listen({ port: 0, host: '127.0.0.1' });
announce(app.server.address().port);
