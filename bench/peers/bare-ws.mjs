import { createServer } from 'node:http';
import { Redis } from 'ioredis';
import { jwtVerify } from 'jose';
import { WebSocketServer } from 'ws';
import { toEvent, topicOf, withPrefix } from './lib/events.mjs';
import { createPublishHandler, listen } from './lib/http.mjs';

/**
 * The reference: what a socket server cannot do without. A message of Redis goes to the sockets of its topic as it came, neither
 * parsed nor built anew. A socket first says which topics it follows, with a token where `JWT_SECRET` is set, and hears `ready`
 * when Redis has confirmed them.
 */

const { REDIS_URL, JWT_SECRET } = process.env;
const publisher = new Redis(REDIS_URL);
const subscriber = new Redis(REDIS_URL);
const secret = JWT_SECRET ? new TextEncoder().encode(JWT_SECRET) : null;

/** Frame as a graphql-ws server sends it, so that the bytes are the same. */
const toFrame = (event) =>
  JSON.stringify({ id: 's0', type: 'next', payload: { data: { messageReceived: event } } });

const handler = createPublishHandler(async (input) => {
  await publisher.publish(topicOf(input.conversation), toFrame(toEvent(input)));
});
const server = createServer(handler);
const wss = new WebSocketServer({ server, perMessageDeflate: false });

const topics = new Map();
const text = { binary: false };

subscriber.on('messageBuffer', (channel, message) => {
  const topic = topics.get(channel.toString());
  if (topic) for (const socket of topic.sockets) socket.send(message, text);
});

const follow = (socket, topic) => {
  const known = topics.get(topic);
  if (known) {
    known.sockets.add(socket);
    return known.confirmed;
  }
  const confirmed = subscriber.subscribe(topic);
  topics.set(topic, { sockets: new Set([socket]), confirmed });
  return confirmed;
};

const leave = (socket, topic) => {
  const known = topics.get(topic);
  if (!known?.sockets.delete(socket) || known.sockets.size > 0) return;
  topics.delete(topic);
  subscriber.unsubscribe(topic);
};

wss.on('connection', (socket) => {
  socket.once('message', async (data) => {
    const { token, topics: names } = JSON.parse(data);
    const wanted = names.map(withPrefix);
    try {
      if (secret) await jwtVerify(token, secret, { algorithms: ['HS256'], requiredClaims: ['exp', 'sub'] });
    } catch {
      socket.close(4401);
      return;
    }
    socket.once('close', () => {
      for (const topic of wanted) leave(socket, topic);
    });
    await Promise.all(wanted.map((topic) => follow(socket, topic)));
    socket.send('ready');
  });
  socket.on('error', () => {});
});

await listen(server);
