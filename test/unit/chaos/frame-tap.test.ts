import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import WebSocket, { WebSocketServer } from 'ws';
import { type FrameTap, startFrameTap, type Tamper } from '../../chaos/frame-tap.ts';
import { eventually } from '../../support/eventually.ts';

const passAll: Tamper = (text) => ({ pass: [text] });
const upgradeHeaders = { authorization: 'Bearer token' };

/** A server that does what it is told: the other end of the line. */
const startNode = async () => {
  const sockets: WebSocket[] = [];
  const headers: IncomingHttpHeaders[] = [];
  const server = createServer((incoming, outgoing) => {
    outgoing.writeHead(201, { 'x-node': 'n1' });
    incoming.pipe(outgoing);
  });
  const wss = new WebSocketServer({ noServer: true, handleProtocols: () => 'second' });
  server.on('upgrade', (incoming, stream, head) => {
    if (incoming.url === '/refused') {
      stream.end('HTTP/1.1 429 Too Many Requests\r\nRetry-After: 7\r\nContent-Length: 4\r\n\r\nlate');
      return;
    }
    headers.push(incoming.headers);
    wss.handleUpgrade(incoming, stream, head, (socket) => sockets.push(socket));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    headers,
    socket: (at = 0) => eventually(() => sockets[at]),
    async dispose() {
      for (const socket of sockets) socket.terminate();
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
};

const collect = (socket: WebSocket) => {
  const heard: string[] = [];
  socket.on('message', (data, isBinary) => heard.push(isBinary ? `bytes ${data}` : String(data)));
  return heard;
};

let node: Awaited<ReturnType<typeof startNode>>;
let tap: FrameTap | undefined;
const devices: WebSocket[] = [];

beforeEach(async () => {
  node = await startNode();
});

afterEach(async () => {
  for (const device of devices.splice(0)) device.terminate();
  await tap?.dispose();
  await node.dispose();
});

/** Both ends of a line with this on it. */
const open = async (tamper: Tamper, keepsNodeSide = false) => {
  tap = await startFrameTap({ port: node.port, tamper, keepsNodeSide });
  const device = new WebSocket(`ws://${tap.host}/graphql`, ['first', 'second'], {
    headers: upgradeHeaders,
  });
  devices.push(device);
  const heard = collect(device);
  await once(device, 'open');
  const far = await node.socket();
  return { device, far, heard, heardByNode: collect(far), tap };
};

describe('a frame tap', () => {
  test('passes subprotocol and headers of the upgrade on, and asks for no compression', async () => {
    const { device, far } = await open(passAll);
    expect([device.protocol, device.extensions, far.protocol]).toEqual(['second', '', 'second']);
    expect(node.headers[0]).toMatchObject(upgradeHeaders);
    expect(node.headers[0]?.['sec-websocket-extensions']).toBeUndefined();
  });

  test('passes text, bytes, long frames and fragments on, both ways and in order', async () => {
    const { device, far, heard, heardByNode, tap: line } = await open(passAll);
    const long = 'größer '.repeat(20_000);
    device.send('in ', { fin: false });
    device.send('pieces');
    device.send(long);
    device.send(Buffer.from('b'));
    await eventually(() => heardByNode.length === 3);
    expect(heardByNode).toEqual(['in pieces', long, 'bytes b']);
    far.send(long);
    far.send('short');
    await eventually(() => heard.length === 2);
    await line.flush();
    expect(heard).toEqual([long, 'short']);
  });

  test('passes pings and pongs on', async () => {
    const { device, far } = await open(passAll);
    far.ping('are you there');
    expect(String((await once(device, 'ping'))[0])).toBe('are you there');
    expect(String((await once(far, 'pong'))[0])).toBe('are you there');
  });

  test.each([
    ['with a code', (socket: WebSocket) => socket.close(4403, 'the token ended'), [4403, 'the token ended']],
    ['without a code', (socket: WebSocket) => socket.close(), [1005, '']],
    ['without a goodbye', (socket: WebSocket) => socket.terminate(), [1006, '']],
  ] as const)('passes a close %s on, both ways', async (_, close, expected) => {
    const { device, far, tap: line } = await open(passAll);
    close(far);
    const [code, reason] = await once(device, 'close');
    expect([code, String(reason)]).toEqual(expected);
    const again = new WebSocket(`ws://${line.host}/graphql`, ['second']);
    await once(again, 'open');
    const other = await node.socket(1);
    close(again);
    const [codeOfDevice, reasonOfDevice] = await once(other, 'close');
    expect([codeOfDevice, String(reasonOfDevice)]).toEqual(expected);
  });

  test('passes the refusal of an upgrade on', async () => {
    tap = await startFrameTap({ port: node.port, tamper: passAll });
    const refused = new WebSocket(`ws://${tap.host}/refused`);
    refused.on('error', () => {});
    const [, response] = await once(refused, 'unexpected-response');
    expect([response.statusCode, response.headers['retry-after']]).toEqual([429, '7']);
    let text = '';
    for await (const chunk of response.setEncoding('utf8')) text += chunk;
    expect(text).toBe('late');
  });

  test('passes HTTP on', async () => {
    tap = await startFrameTap({ port: node.port, tamper: passAll });
    const response = await fetch(`http://${tap.host}/any`, { method: 'POST', body: 'hello' });
    expect([response.status, response.headers.get('x-node'), await response.text()]).toEqual([
      201,
      'n1',
      'hello',
    ]);
  });

  test.each<[string, string[], string[]]>([
    ['drops', [], ['1', '3']],
    ['doubles', ['2', '2'], ['1', '2', '2', '3']],
    ['alters', ['two', 'and more'], ['1', 'two', 'and more', '3']],
  ])('%s a frame', async (_, pass, expected) => {
    const { far, heard, tap: line } = await open((text) => ({ pass: text === '2' ? pass : [text] }));
    for (const text of ['1', '2', '3']) far.send(text);
    await eventually(() => heard.includes('3'));
    await line.flush();
    expect(heard).toEqual(expected);
  });

  test('answers a frame in the name of the other side', async () => {
    const { device, heard, heardByNode } = await open((text, from) =>
      from === 'device' && text === 'ask' ? { pass: [], reply: ['one', 'two'] } : { pass: [text] },
    );
    device.send('ask');
    device.send('next');
    await eventually(() => heardByNode.length === 1 && heard.length === 2);
    expect([heardByNode, heard]).toEqual([['next'], ['one', 'two']]);
  });

  test('holds a frame, and all behind it up to the close, and nothing of the other way', async () => {
    let release = (): void => {};
    const after = new Promise<void>((resolve) => {
      release = resolve;
    });
    const { device, far, heard, heardByNode } = await open((text) =>
      text === 'held' ? { pass: [text], after } : { pass: [text] },
    );
    far.send('held');
    far.send('behind');
    device.send('meanwhile');
    await eventually(() => heardByNode.length === 1);
    far.close(1001, 'bye');
    await once(far, 'close');
    expect(heard).toEqual([]);
    const closed = once(device, 'close');
    release();
    expect((await closed)[0]).toBe(1001);
    expect(heard).toEqual(['held', 'behind']);
  });

  test('breaks its lines and takes new ones', async () => {
    const { device, far, tap: line } = await open(passAll);
    const closes = Promise.all([once(device, 'close'), once(far, 'close')]);
    line.drop();
    expect((await closes).map(([code]) => code)).toEqual([1006, 1006]);
    const again = new WebSocket(`ws://${line.host}/graphql`, ['second']);
    devices.push(again);
    await once(again, 'open');
  });

  test('keeps the socket to the node when it is told to', async () => {
    const { device, far, tap: line } = await open(passAll, true);
    device.close();
    await once(device, 'close');
    // What comes later on the line would show the close.
    far.ping();
    await line.flush();
    expect(far.readyState).toBe(WebSocket.OPEN);
  });
});
