import {
  type Client,
  type ClientOptions,
  type ConnectionInitMessage,
  createClient,
  type FormattedExecutionResult,
  type Sink,
  type SubscribePayload,
} from 'graphql-ws/client';
import { createCursors, type ResyncCause } from './cursors.ts';
import { toIterator } from './iterator.ts';
import { type ClosableSocket, createRetry, isRetryable, retryingParams } from './retry.ts';

export interface ResyncInfo {
  readonly cause: ResyncCause;
  /** The topics concerned: refetch what is shown of them. */
  readonly topics: readonly string[];
  /** What was given to `subscribe` or `iterate`. */
  readonly payload: SubscribePayload;
}

type Payload = ConnectionInitMessage['payload'];

/** All options of graphql-ws, some with other defaults, and a few more. */
export interface EdAgentClientOptions<P extends Payload = Payload> extends ClientOptions<P> {
  /**
   * ```ts
   * connectionParams: async () => ({ authorization: `Bearer ${await fetchToken()}` })
   * ```
   * A function is called for every connection, so that each one gets a fresh token. When it throws, that attempt to connect
   * has failed (close code 4900) and the next one follows.
   */
  connectionParams?: P | (() => Promise<P> | P);
  /**
   * ```ts
   * onResync: () => refetchConversation()
   * ```
   * Called when events of a subscription were not delivered and will not be: refetch. It runs after the event itself
   * was given to the sink.
   */
  onResync?: (info: ResyncInfo) => void;
  /**
   * Time without a message of any kind after a ping (`keepAlive`) until the socket counts as dead and is replaced, in
   * milliseconds. 0: never.
   *
   * @default 5_000
   */
  pongWaitMs?: number;
  /**
   * Time between pings, in milliseconds. 0: none, and a socket that died without a word is not noticed.
   *
   * @default 10_000
   */
  keepAlive?: number;
  /**
   * Time until a connection that is not acknowledged is given up and tried again, in milliseconds. Longer than `keepAlive`
   * and `pongWaitMs` together, because closing a dead socket properly takes half a minute and replacing it does not.
   *
   * @default 20_000
   */
  connectionAckWaitTimeout?: number;
  /**
   * How often to retry before the subscriptions fail.
   *
   * @default Infinity
   */
  retryAttempts?: number;
  /**
   * Resolves when the next attempt may begin.
   *
   * @default at most 300 ms for the first retry, then twice as long each time up to 5 s, with jitter
   */
  retryWait?: (retries: number) => Promise<void>;
  /**
   * Whether to retry after a close event or an error. Not asked for close codes that are final: 4400, 4401, 4406, 4409,
   * 4429, 4500, 4004, 4005.
   *
   * @default all close events and failed connections; not for a peer that does not speak the protocol
   */
  shouldRetry?: (errOrCloseEvent: unknown) => boolean;
}

const replaceDeadSockets = (client: Client, pongWaitMs: number): void => {
  if (!pongWaitMs) return;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const isAlive = () => clearTimeout(timer);
  client.on('ping', (received) => {
    if (received) return;
    isAlive();
    timer = setTimeout(() => client.terminate(), pongWaitMs);
  });
  client.on('message', isAlive);
  client.on('closed', isAlive);
};

const resumingSubscribe = (client: Client, onResync: (info: ResyncInfo) => void): Client['subscribe'] => {
  let connections = 0;
  client.on('connected', () => {
    connections++;
  });

  return <Data, Extensions>(
    request: SubscribePayload,
    sink: Sink<FormattedExecutionResult<Data, Extensions>>,
  ) => {
    const cursors = createCursors();
    const payload: SubscribePayload = {
      ...request,
      // graphql-ws serializes the payload at every subscribe, the ones after a reconnect too.
      get extensions() {
        const after = cursors.after();
        return after.length > 0 ? { ...request.extensions, after } : request.extensions;
      },
    };
    return client.subscribe<Data, Extensions>(payload, {
      next(result) {
        const verdict = cursors.take(result.extensions, connections);
        if (verdict.kind === 'drop') return;
        sink.next(result);
        if (verdict.kind === 'deliver') return;
        const { cause, topics } = verdict;
        // Not in this call: graphql-ws would close the socket for good if the hook threw.
        queueMicrotask(() => onResync({ cause, topics, payload: request }));
      },
      error: (error) => sink.error(error),
      complete: () => sink.complete(),
    });
  };
};

/**
 * ```ts
 * const client = createEdAgentClient({
 *   url: 'ws://localhost:4000/graphql',
 *   connectionParams: async () => ({ authorization: `Bearer ${await fetchToken()}` }),
 * });
 * const link = new GraphQLWsLink(client); // Apollo Client; urql and plain graphql-ws code take it as well
 * ```
 *
 * Makes a graphql-ws client whose subscriptions lose nothing and deliver nothing twice: each keeps one cursor a topic,
 * and resumes after those whenever its socket was lost, for as long as it takes.
 */
export const createEdAgentClient = <P extends Payload = Payload>(
  options: EdAgentClientOptions<P>,
): Client => {
  const { onResync = () => {}, pongWaitMs = 5_000, connectionParams, ...rest } = options;
  const retry = createRetry();
  let socket: ClosableSocket | undefined;

  const params = retryingParams(connectionParams, () => socket);
  const client = createClient<P>({
    ...rest,
    ...(params !== undefined && { connectionParams: params }),
    keepAlive: rest.keepAlive ?? 10_000,
    connectionAckWaitTimeout: rest.connectionAckWaitTimeout ?? 20_000,
    retryAttempts: rest.retryAttempts ?? Infinity,
    retryWait: rest.retryWait ?? retry.wait,
    shouldRetry: rest.shouldRetry ?? isRetryable,
  });
  client.on('opened', (opened) => {
    socket = opened as ClosableSocket;
  });
  client.on('connected', retry.connected);
  replaceDeadSockets(client, pongWaitMs);
  const subscribe = resumingSubscribe(client, onResync);

  return {
    ...client,
    subscribe,
    iterate: (payload) => toIterator((sink) => subscribe(payload, sink)),
    async dispose() {
      retry.wake();
      try {
        await client.dispose();
      } catch {
        // graphql-ws waits for the connection being made, in order to close it; when that fails there is none to close.
      }
    },
  };
};
