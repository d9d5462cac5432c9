import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buildSchema, type ExecutionResult, type GraphQLError, parse } from 'graphql';
import type { SubscribePayload } from 'graphql-ws';
import { useServer } from 'graphql-ws/use/ws';
import { WebSocketServer } from 'ws';
import { eventually } from './eventually.ts';

/**
 * A graphql-ws server on a real socket whose results are fed by the test: it validates and executes nothing, so that a
 * test says to the byte what a client gets, and when.
 */
export interface ProtocolServer {
  /** Stays the same over `stop` and `start`. */
  readonly url: string;
  /** Counts the sockets that were opened. */
  readonly socketCount: number;
  /** The payload of every `connection_init`, oldest first. */
  readonly connectionParams: readonly unknown[];
  /** Every `subscribe` that came, oldest first; queries and mutations too, which get the first result that is fed. */
  readonly subscriptions: readonly FedSubscription[];
  /** The n-th `subscribe`, from 0, as soon as it is there. */
  waitForSubscription(index: number): Promise<FedSubscription>;
  /** Breaks all sockets without a close frame. */
  cut(): void;
  close(code: number, reason?: string): void;
  /** Leaves all sockets open and reads nothing more from them: half-open links. */
  freeze(): void;
  /** From now on every `connection_ack` has this payload. */
  acknowledgeWith(payload: Record<string, unknown>): void;
  /** From now on every `subscribe` is answered by an `error` frame; null: no more. */
  failWith(errors: readonly GraphQLError[] | null): void;
  /** From now on every connection is closed with this code in place of its acknowledgement; null: no more. */
  refuseWith(code: number | null): void;
  /** Ends the process, as far as clients can tell: nothing listens until `start`. */
  stop(): Promise<void>;
  start(): Promise<void>;
  dispose(): Promise<void>;
}

export interface FedSubscription {
  readonly id: string;
  readonly payload: SubscribePayload;
  /** Whether the client completed it or its socket is gone. */
  readonly ended: boolean;
  /** Sends a `next`. */
  next(result: ExecutionResult): void;
  complete(): void;
}

interface Fed extends FedSubscription {
  readonly source: AsyncIterableIterator<ExecutionResult>;
}

const createFed = (id: string, payload: SubscribePayload): Fed => {
  const results: ExecutionResult[] = [];
  let wake = () => {};
  let ended = false;
  const end = () => {
    ended = true;
    wake();
  };
  const source: AsyncIterableIterator<ExecutionResult> = {
    [Symbol.asyncIterator]: () => source,
    async next() {
      while (results.length === 0 && !ended) await new Promise<void>((resolve) => (wake = resolve));
      const value = results.shift();
      return value ? { done: false, value } : { done: true, value: undefined };
    },
    async return() {
      results.length = 0;
      end();
      return { done: true, value: undefined };
    },
  };
  return {
    id,
    payload,
    source,
    get ended() {
      return ended;
    },
    next(result) {
      results.push(result);
      wake();
    },
    complete: end,
  };
};

const schema = buildSchema(
  'type Query { ok: Boolean } type Mutation { ok: Boolean } type Subscription { event: Boolean }',
);

export const startProtocolServer = async (): Promise<ProtocolServer> => {
  const subscriptions: Fed[] = [];
  const connectionParams: unknown[] = [];
  let refusal: number | null = null;
  let acknowledgement: Record<string, unknown> | null = null;
  let failure: readonly GraphQLError[] | null = null;
  let socketCount = 0;
  let port = 0;
  let running: { http: Server; sockets: WebSocketServer } | undefined;

  const attach = (sockets: WebSocketServer) => {
    sockets.on('connection', () => socketCount++);
    useServer<Record<string, unknown>, { fed?: Fed }>(
      {
        onConnect({ connectionParams: params, extra }) {
          connectionParams.push(params);
          if (refusal !== null) extra.socket.close(refusal);
          return refusal === null && (acknowledgement ?? true);
        },
        onSubscribe(_, id, payload) {
          const fed = createFed(id, payload);
          subscriptions.push(fed);
          if (failure) return failure;
          return { schema, document: parse(payload.query), contextValue: fed };
        },
        subscribe: (args) => (args.contextValue as Fed).source,
        execute: async (args) => (await (args.contextValue as Fed).source.next()).value,
      },
      sockets,
      0,
    );
  };

  const start = async () => {
    const http = createServer();
    const sockets = new WebSocketServer({ server: http });
    attach(sockets);
    await new Promise<void>((resolve) => http.listen(port, '127.0.0.1', resolve));
    port = (http.address() as AddressInfo).port;
    running = { http, sockets };
  };

  const stop = async () => {
    if (!running) return;
    const { http, sockets } = running;
    running = undefined;
    for (const socket of sockets.clients) socket.terminate();
    sockets.close();
    await new Promise((resolve) => http.close(resolve));
  };

  await start();
  const forEachSocket = (act: (socket: import('ws').WebSocket) => void) => {
    for (const socket of running?.sockets.clients ?? []) act(socket);
  };

  return {
    url: `ws://127.0.0.1:${port}`,
    get socketCount() {
      return socketCount;
    },
    connectionParams,
    subscriptions,
    waitForSubscription: (index) => eventually(() => subscriptions[index]),
    cut: () => forEachSocket((socket) => socket.terminate()),
    close: (code, reason) => forEachSocket((socket) => socket.close(code, reason)),
    freeze: () => forEachSocket((socket) => socket.pause()),
    acknowledgeWith(payload) {
      acknowledgement = payload;
    },
    failWith(errors) {
      failure = errors;
    },
    refuseWith(code) {
      refusal = code;
    },
    start,
    stop,
    dispose: stop,
  };
};
