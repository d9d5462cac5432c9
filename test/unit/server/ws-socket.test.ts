import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { WebSocket, WebSocketServer } from 'ws';
import { createSocketGuard, type SocketGuard } from '../../../src/server/ws-socket.ts';

let server: WebSocketServer;
let client: WebSocket;
let sockets: SocketGuard;

beforeEach(async () => {
  sockets = createSocketGuard({
    pingEveryMs: 60_000,
    maxUnsentBytes: 1_000,
    maxUnsentFrames: 10,
    stallMs: 60_000,
  });
  server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  await once(server, 'listening');
  client = new WebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`);
});

afterEach(async () => {
  client.terminate();
  const closed = once(server, 'close');
  server.close();
  await closed;
  sockets.dispose();
});

const nothing = () => {};

const guard = async () => {
  const connected = once(server, 'connection') as Promise<[WebSocket, IncomingMessage]>;
  const [[socket, request]] = await Promise.all([connected, once(client, 'open')]);
  const guarded = sockets.guard(socket, request.socket, {
    onStall: nothing,
    onBroken: nothing,
    onIn: nothing,
    onOut: nothing,
    onRoom: nothing,
    isWaiting: false,
    accept: () => false,
  });
  return { socket, guarded };
};

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('a guarded socket', () => {
  test('that closes lets nobody send the rest of what waits, until that has been ended', async () => {
    const { socket, guarded } = await guard();
    await guarded.send('one');
    guarded.close(4290, 'too slow');
    let isSent = false;
    const sent = guarded.send('two').then(() => {
      isSent = true;
    });
    await once(socket, 'close');
    guarded.release();
    await turn();
    expect(isSent).toBe(false);
    guarded.letGo();
    await sent;
  });

  test('that is cut keeps what was being sent from going on', async () => {
    const { socket, guarded } = await guard();
    let isSent = false;
    const sent = guarded.send('x'.repeat(64 * 1_024 ** 2)).then(() => {
      isSent = true;
    });
    socket.terminate();
    await once(socket, 'close');
    guarded.release();
    await turn();
    expect(isSent).toBe(false);
    guarded.letGo();
    await sent;
  });
});
