import WebSocket from 'ws';
import { sleep } from '../../src/util/sleep.ts';
import { messageReceivedDocument } from '../support/documents.ts';

/** Clients that do what none should, on sockets of their own. All are gone when the promise resolves. */

const protocol = 'graphql-transport-ws';

const open = (host: string): Promise<WebSocket | null> =>
  new Promise((resolve) => {
    const socket = new WebSocket(`ws://${host}/graphql`, protocol, { handshakeTimeout: 5_000 });
    socket.once('open', () => resolve(socket));
    socket.on('error', () => resolve(null));
  });

const acknowledged = (socket: WebSocket): Promise<boolean> =>
  new Promise((resolve) => {
    socket.once('message', () => resolve(true));
    socket.once('close', () => resolve(false));
  });

const init = async (host: string, token: string): Promise<WebSocket | null> => {
  const socket = await open(host);
  if (!socket) return null;
  socket.send(JSON.stringify({ type: 'connection_init', payload: { authorization: `Bearer ${token}` } }));
  return (await acknowledged(socket)) ? socket : null;
};

const subscribe = (socket: WebSocket, id: string, conversationId: string): void => {
  const payload = { query: messageReceivedDocument, variables: { conversationId } };
  socket.send(JSON.stringify({ type: 'subscribe', id, payload }));
};

/** Subscribes and then reads nothing. */
export const stall = async (
  host: string,
  token: string,
  conversationId: string,
  forMs: number,
): Promise<void> => {
  const socket = await init(host, token);
  if (!socket) return;
  for (let at = 0; at < 20; at++) subscribe(socket, `stalled-${at}`, conversationId);
  socket.pause();
  await sleep(forMs);
  socket.terminate();
};

/** Many sockets at once: some say nothing, some say hello, all leave without a word. */
export const flood = async (host: string, token: string, count: number): Promise<void> => {
  const sockets = await Promise.all(
    Array.from({ length: count }, (_, at) => (at % 2 === 0 ? open(host) : init(host, token))),
  );
  for (const socket of sockets) socket?.terminate();
};

/** Subscribes and completes, again and again, without waiting for anything. */
export const churn = async (
  host: string,
  token: string,
  conversationId: string,
  times: number,
): Promise<void> => {
  const socket = await init(host, token);
  if (!socket) return;
  for (let at = 0; at < times && socket.readyState === WebSocket.OPEN; at++) {
    subscribe(socket, `churn-${at}`, conversationId);
    if (at % 10 === 0) await sleep(5);
    socket.send(JSON.stringify({ type: 'complete', id: `churn-${at}` }));
  }
  socket.terminate();
};
