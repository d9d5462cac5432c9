import { createServer } from 'node:http';
import { createAdapter } from '@socket.io/redis-adapter';
import { Redis } from 'ioredis';
import { Server } from 'socket.io';
import { toEvent, topicOf, withPrefix } from './lib/events.mjs';
import { createPublishHandler, listen } from './lib/http.mjs';

/** https://socket.io/docs/v4/redis-adapter with rooms; https://socket.io/docs/v4/memory-usage and /performance-tuning. */

const pubClient = new Redis(process.env.REDIS_URL);
const subClient = pubClient.duplicate();

const publishHandler = createPublishHandler(async (input) => {
  io.to(topicOf(input.conversation)).emit('event', toEvent(input));
});
const server = createServer((request, response) => {
  if (request.url === '/publish') void publishHandler(request, response);
});
const io = new Server(server, {
  adapter: createAdapter(pubClient, subClient),
  transports: ['websocket'],
  serveClient: false,
});

// "Discard the initial HTTP request", as the page on memory usage says.
io.engine.on('connection', (rawSocket) => {
  rawSocket.request = null;
});
io.on('connection', (socket) => {
  socket.on('follow', async (topics, confirm) => {
    await socket.join(topics.map(withPrefix));
    confirm();
  });
});

await listen(server);
