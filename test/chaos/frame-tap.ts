import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type IncomingMessage, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import WebSocket, { type RawData, WebSocketServer } from 'ws';

/** Who sent a frame. */
export type Side = 'node' | 'device';

/** What becomes of one text frame. */
export interface Fate {
  /** What goes on in its place, in this order; nothing: it is dropped. */
  readonly pass: readonly string[];
  /** What its sender hears, as if the other side had said it. */
  readonly reply?: readonly string[];
  /** Until then this way of the line stands still, with all that follows. Never rejects. */
  readonly after?: Promise<void>;
}

/** Called for every text frame in the order of their coming, on each line of the tap. */
export type Tamper = (text: string, from: Side) => Fate;

export interface FrameTapOptions {
  /** Of the node. */
  readonly port: number;
  readonly tamper: Tamper;
  /** When a device goes, the node is not told. @default false */
  readonly keepsNodeSide?: boolean;
}

/**
 * The way from devices to one node, with somebody on the line: it takes each WebSocket of a device, makes one to the node,
 * and passes on every frame as `tamper` says. Subprotocol, headers, close codes, pings and a refused upgrade are passed on
 * as they are, and so is HTTP.
 */
export interface FrameTap {
  /** `127.0.0.1:port` */
  readonly host: string;
  /** Sockets to the node. */
  readonly openCount: number;
  /** Breaks every line without a goodbye; new ones are taken at once. */
  drop(): void;
  /** Resolves when the devices have taken all that has come from the node, or are gone. */
  flush(): Promise<void>;
  dispose(): Promise<void>;
}

const host = '127.0.0.1';

/** Those that belong to one hop, or that the sockets of this one make themselves. */
const ownHeaders = /^(host|connection|upgrade|sec-websocket-.*)$/;

const onwardHeaders = (headers: IncomingHttpHeaders): IncomingHttpHeaders =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => !ownHeaders.test(name)));

/** Codes that no close frame may carry: it had none, or there was no close frame at all. */
const closeLike = (socket: WebSocket, code: number, reason: string): void => {
  if (code === 1006) socket.terminate();
  else if (code === 1005) socket.close();
  else socket.close(code, reason);
};

/** One way of a line: what it is given leaves it in this order, a close too. */
const createLane = (target: WebSocket) => {
  let last: Promise<void> = Promise.resolve();
  const add = (work: () => void, after?: Promise<void>): void => {
    last = last
      .then(() => after)
      .then(() => {
        if (target.readyState === WebSocket.OPEN) work();
      });
  };
  return {
    add,
    send(data: string | RawData, after?: Promise<void>): void {
      // A string makes a text frame, bytes a binary one.
      add(() => target.send(data), after);
    },
  };
};

interface Line {
  readonly near: WebSocket;
  readonly far: WebSocket;
  flush(): Promise<void>;
}

const joinLine = (near: WebSocket, far: WebSocket, { tamper, keepsNodeSide }: FrameTapOptions): Line => {
  const lanes = { node: createLane(far), device: createLane(near) };
  const asked = new Map<string, () => void>();
  let questions = 0;

  const tap = (source: WebSocket, from: Side, to: Side): void => {
    source.on('message', (data, isBinary) => {
      if (isBinary) {
        lanes[to].send(data);
        return;
      }
      const { pass, reply = [], after } = tamper(String(data), from);
      for (const text of reply) lanes[from].send(text);
      if (pass.length === 0) lanes[to].add(() => {}, after);
      for (const text of pass) lanes[to].send(text, after);
    });
    source.on('ping', (data) => lanes[to].add(() => (to === 'node' ? far : near).ping(data)));
    source.on('pong', (data) => {
      const answered = asked.get(String(data));
      if (answered) answered();
      else lanes[to].add(() => (to === 'node' ? far : near).pong(data));
    });
    source.on('error', () => source.terminate());
  };
  tap(near, 'device', 'node');
  tap(far, 'node', 'device');
  far.on('close', (code, reason) => lanes.device.add(() => closeLike(near, code, String(reason))));
  near.on('close', (code, reason) => {
    for (const answered of asked.values()) answered();
    if (!keepsNodeSide) lanes.node.add(() => closeLike(far, code, String(reason)));
  });

  return {
    near,
    far,
    flush: () =>
      new Promise((resolve) => {
        if (near.readyState === WebSocket.CLOSED) {
          resolve();
          return;
        }
        // Behind all that was passed on: its answer says that the device has taken that.
        const question = `flush ${++questions}`;
        asked.set(question, () => {
          asked.delete(question);
          resolve();
        });
        lanes.device.add(() => near.ping(question));
      }),
  };
};

/** The node's own refusal. Its end is that of the socket, whatever length it had. */
const passRefusal = (stream: Duplex, response: IncomingMessage): void => {
  const { statusCode, statusMessage, headers } = response;
  const kept = Object.entries(onwardHeaders(headers)).filter(
    ([name]) => !/^(content-length|transfer-)/.test(name),
  );
  const lines = [...kept, ['connection', 'close']].map(([name, value]) => `${name}: ${value}\r\n`);
  stream.write(`HTTP/1.1 ${statusCode} ${statusMessage}\r\n${lines.join('')}\r\n`);
  response.pipe(stream);
};

const passRequests = (port: number) =>
  createServer((incoming, outgoing) => {
    const { url: path, method, headers } = incoming;
    const onward = request(
      { host, port, path, method, headers: onwardHeaders(headers), agent: false },
      (response) => {
        outgoing.writeHead(response.statusCode ?? 502, onwardHeaders(response.headers));
        response.pipe(outgoing);
      },
    );
    onward.on('error', () => outgoing.destroy());
    outgoing.on('close', () => onward.destroy());
    incoming.pipe(onward);
  });

export const startFrameTap = async (options: FrameTapOptions): Promise<FrameTap> => {
  const { port } = options;
  const lines = new Set<Line>();
  const chosen = new WeakMap<IncomingMessage, string>();
  const server = passRequests(port);
  const wss = new WebSocketServer({
    noServer: true,
    autoPong: false,
    handleProtocols: (_, incoming) => chosen.get(incoming) ?? false,
  });

  server.on('upgrade', (incoming, stream, head) => {
    const protocols = incoming.headers['sec-websocket-protocol']?.split(/,\s*/) ?? [];
    const far = new WebSocket(`ws://${host}:${port}${incoming.url}`, protocols, {
      headers: onwardHeaders(incoming.headers),
      autoPong: false,
      // None is asked for, so that every frame is what it says.
      perMessageDeflate: false,
    });
    const leave = () => far.terminate();
    stream.on('error', leave);
    stream.on('close', leave);
    far.once('error', () => stream.destroy());
    far.once('unexpected-response', (_, response) => passRefusal(stream, response));
    far.once('open', () => {
      stream.off('error', leave);
      stream.off('close', leave);
      chosen.set(incoming, far.protocol);
      // In this very tick, otherwise the first frame of the node has no listener.
      wss.handleUpgrade(incoming, stream, head, (near) => {
        const line = joinLine(near, far, options);
        lines.add(line);
        far.once('close', () => lines.delete(line));
      });
    });
  });
  server.listen(0, host);
  await once(server, 'listening');

  const drop = (): void => {
    for (const { near, far } of lines) {
      near.terminate();
      far.terminate();
    }
  };

  return {
    host: `${host}:${(server.address() as AddressInfo).port}`,
    get openCount() {
      return lines.size;
    },
    drop,
    async flush() {
      await Promise.all([...lines].map((line) => line.flush()));
    },
    async dispose() {
      drop();
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
};
