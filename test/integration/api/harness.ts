import { once } from 'node:events';
import WebSocket from 'ws';
import { eventually } from '../../support/eventually.ts';
import { startTestApp, type TestApp, type TestAppOptions } from '../../support/test-app.ts';

// biome-ignore lint/suspicious/noExplicitAny: tests reach into results of documents they wrote themselves
type Data = any;

export interface Result {
  readonly data?: Data;
  readonly errors?: readonly { message: string; path?: unknown[]; extensions?: Record<string, unknown> }[];
  readonly extensions?: Data;
}

export interface WireMessage {
  readonly type: string;
  readonly id?: string;
  readonly payload?: Data;
}

/** One WebSocket that speaks graphql-transport-ws by hand, so that it can also speak it wrongly. */
export interface RawSocket {
  readonly socket: WebSocket;
  /** Every byte that came, as text. */
  readonly raw: string;
  readonly messages: readonly WireMessage[];
  readonly closed: Promise<{ readonly code: number; readonly reason: string }>;
  send(message: WireMessage | string | Buffer): void;
  /** The first message of this type (and id), early or late; rejects when the socket closes without one. */
  wait(type: string, id?: string): Promise<WireMessage>;
  of(id: string): WireMessage[];
  subscribe(id: string, query: string, variables?: object, extensions?: object): void;
  /** One operation from begin to end. */
  run(query: string, variables?: object): Promise<Result>;
}

export interface SocketOptions {
  /** Null: none is offered. */
  readonly protocol?: string | null;
  /** False: pings of the server stay without an answer. */
  readonly pongs?: boolean;
}

export const openSocket = async (url: string, options: SocketOptions = {}): Promise<RawSocket> => {
  const { protocol = 'graphql-transport-ws', pongs = true } = options;
  const socket = new WebSocket(url, protocol ?? [], { autoPong: pongs });
  const messages: WireMessage[] = [];
  const looks = new Set<() => void>();
  let raw = '';
  let end: { code: number; reason: string } | null = null;
  let operations = 0;
  const look = (): void => {
    for (const again of looks) again();
  };
  socket.on('message', (data) => {
    raw += String(data);
    messages.push(JSON.parse(String(data)));
    look();
  });
  const closed = new Promise<{ code: number; reason: string }>((resolve) => {
    socket.once('close', (code, reason) => {
      raw += String(reason);
      end = { code, reason: String(reason) };
      look();
      resolve(end);
    });
  });
  await once(socket, 'open');

  const send: RawSocket['send'] = (message) =>
    socket.send(typeof message === 'string' || Buffer.isBuffer(message) ? message : JSON.stringify(message));
  const find = (isWanted: (message: WireMessage) => boolean): Promise<WireMessage> =>
    new Promise((resolve, reject) => {
      const again = (): void => {
        const found = messages.find(isWanted);
        if (!found && !end) return;
        looks.delete(again);
        if (found) resolve(found);
        else reject(new Error(`closed before that: ${JSON.stringify(end)}`));
      };
      looks.add(again);
      again();
    });
  const wait: RawSocket['wait'] = (type, id) =>
    find((message) => message.type === type && (id === undefined || message.id === id));
  const subscribe: RawSocket['subscribe'] = (id, query, variables, extensions) =>
    send({
      type: 'subscribe',
      id,
      payload: { query, ...(variables && { variables }), ...(extensions && { extensions }) },
    });

  return {
    socket,
    get raw() {
      return raw;
    },
    messages,
    closed,
    send,
    wait,
    of: (id) => messages.filter((message) => message.id === id),
    subscribe,
    async run(query, variables) {
      operations += 1;
      const id = `run-${operations}`;
      subscribe(id, query, variables);
      const answer = await find((message) => message.id === id);
      return answer.type === 'error' ? { errors: answer.payload } : answer.payload;
    },
  };
};

/** A response of server-sent events, read as it comes. */
export interface EventStream {
  readonly status: number;
  readonly raw: string;
  readonly results: readonly Result[];
  /** `complete`: as the protocol says; `broken`: without a word. */
  readonly ended: Promise<'complete' | 'broken'>;
  abort(): void;
}

export interface EventStreamOptions {
  readonly query: string;
  readonly variables?: object;
  readonly extensions?: object;
  readonly method?: 'GET' | 'POST';
}

const toRequest = (
  url: string,
  { method = 'POST', ...params }: EventStreamOptions,
): [string, RequestInit] => {
  if (method === 'POST') {
    return [url, { method, headers: { 'content-type': 'application/json' }, body: JSON.stringify(params) }];
  }
  const search = Object.entries(params).map(([name, value]): [string, string] => [
    name,
    typeof value === 'string' ? value : JSON.stringify(value),
  ]);
  return [`${url}?${new URLSearchParams(search)}`, { method }];
};

const openStream = async (
  url: string,
  token: string | null,
  options: EventStreamOptions,
): Promise<EventStream> => {
  const [address, init] = toRequest(url, options);
  const controller = new AbortController();
  const response = await fetch(address, {
    ...init,
    signal: controller.signal,
    headers: {
      ...init.headers,
      accept: 'text/event-stream',
      ...(token === null ? {} : { authorization: `Bearer ${token}` }),
    },
  });
  const results: Result[] = [];
  let raw = '';
  let parsed = 0;

  const parse = (): void => {
    const blocks = raw.split('\n\n').slice(0, -1);
    for (const block of blocks.slice(parsed)) {
      const data = /^data: (.+)$/m.exec(block)?.[1];
      if (data !== undefined) results.push(JSON.parse(data));
    }
    parsed = blocks.length;
  };

  const read = async (): Promise<'complete' | 'broken'> => {
    const decoder = new TextDecoder();
    try {
      for await (const chunk of response.body ?? []) {
        raw += decoder.decode(chunk, { stream: true });
        parse();
      }
    } catch {
      return 'broken';
    }
    return raw.includes('event: complete') ? 'complete' : 'broken';
  };

  return {
    status: response.status,
    get raw() {
      return raw;
    },
    results,
    ended: read(),
    abort: () => controller.abort(),
  };
};

export const transports = ['HTTP', 'WebSocket', 'SSE'] as const;
export type Transport = (typeof transports)[number];

/** A test app and what speaks to it by hand; all sockets are cut with it. */
export interface Api extends TestApp {
  /** A socket that has said nothing yet. */
  socket(options?: SocketOptions): Promise<RawSocket>;
  /** A socket with an acknowledged connection. */
  connect(token: string, options?: { pongs?: boolean }): Promise<RawSocket>;
  stream(token: string | null, options: EventStreamOptions): Promise<EventStream>;
  /** One query or mutation over any transport. */
  run(transport: Transport, token: string, query: string, variables?: object): Promise<Result>;
}

export const startApi = async (options: TestAppOptions = {}): Promise<Api> => {
  const app = await startTestApp(options);
  const sockets: RawSocket[] = [];
  const streams: EventStream[] = [];

  const socket: Api['socket'] = async (socketOptions) => {
    const raw = await openSocket(app.wsUrl, socketOptions);
    sockets.push(raw);
    return raw;
  };
  const connect: Api['connect'] = async (token, connectOptions) => {
    const raw = await socket(connectOptions);
    raw.send({ type: 'connection_init', payload: { authorization: `Bearer ${token}` } });
    await raw.wait('connection_ack');
    return raw;
  };
  const stream: Api['stream'] = async (token, streamOptions) => {
    const opened = await openStream(app.url, token, streamOptions);
    streams.push(opened);
    return opened;
  };

  const run: Api['run'] = async (transport, token, query, variables = {}) => {
    switch (transport) {
      case 'HTTP':
        return app.query(token, query, { ...variables });
      case 'WebSocket': {
        const raw = await connect(token);
        const result = await raw.run(query, variables);
        raw.socket.terminate();
        return result;
      }
      case 'SSE': {
        const opened = await stream(token, { query, variables });
        const result = await eventually(() => opened.results[0]);
        opened.abort();
        return result;
      }
    }
  };

  return {
    ...app,
    socket,
    connect,
    stream,
    run,
    async dispose() {
      for (const raw of sockets) raw.socket.terminate();
      for (const opened of streams) opened.abort();
      await app.dispose();
    },
  };
};

export const codeOf = (result: Result): unknown => result.errors?.[0]?.extensions?.code;

/** The events of a messageReceived subscription over a raw socket. */
export const eventsOf = (raw: RawSocket, id: string): Data[] =>
  raw
    .of(id)
    .filter(({ type }) => type === 'next')
    .map(({ payload }) => payload.data?.messageReceived ?? payload);
