import { type Client, type ClientOptions, type ConnectionInitMessage, createClient } from 'graphql-ws/client';
import { toIterator } from './iterator.ts';
import { authorizationOf, renewTokens } from './renewal.ts';
import { type ClosableSocket, createRetry, isRetryable, retryingParams } from './retry.ts';
import { createSubscriptions, type ResyncInfo, type RetryInfo } from './subscriptions.ts';

type Payload = ConnectionInitMessage['payload'];

/** All options of graphql-ws, some with other defaults, and a few more. */
export interface EdAgentClientOptions<P extends Payload = Payload> extends ClientOptions<P> {
  /**
   * ```ts
   * connectionParams: async () => ({ authorization: `Bearer ${await fetchToken()}` })
   * ```
   * A function is called for every connection, so that each one gets a fresh token, and again for every renewal
   * (`renewToken`). When it throws, that attempt has failed (the socket closes with 4900) and the next one follows.
   */
  connectionParams?: P | (() => Promise<P> | P);
  /**
   * ```ts
   * renewToken: () => fetchToken()
   * ```
   * Gives the token that takes the place of the one of the live connection, at 80 % of its life by the server's clock, so
   * that no socket is closed because a token ended. When it throws, or its token does not end later, it is called again
   * until the old one has ended. `false`: the server closes the socket then (4403), and the next one follows.
   *
   * @default the `authorization` of `connectionParams`, if that is a function
   */
  renewToken?: false | (() => Promise<string> | string);
  /**
   * ```ts
   * onResync: () => refetchConversation()
   * ```
   * Called when events of a subscription were not delivered and will not be: refetch. It runs after the event itself
   * was given to the sink.
   */
  onResync?: (info: ResyncInfo) => void;
  /**
   * Called when the server ended a subscription for now (`temporary: true`, while its store is away) and it is begun again
   * after a wait. Nothing has to be done.
   */
  onRetry?: (info: RetryInfo) => void;
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
   * How often to retry in a row before the subscriptions fail: to connect, and to subscribe after a temporary error.
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

type TokenSource = (() => unknown) | false | undefined;

const toTokenSource = (renewToken: TokenSource, connectionParams: unknown): TokenSource =>
  renewToken ??
  (typeof connectionParams === 'function' && (async () => authorizationOf(await connectionParams())));

const terminated = 4499;

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
  const retry = createRetry();
  const { connectionParams, renewToken, pongWaitMs = 5_000, keepAlive = 10_000 } = options;
  const { connectionAckWaitTimeout = 20_000, retryAttempts = Infinity } = options;
  const { retryWait = retry.wait, shouldRetry = isRetryable } = options;
  let socket: ClosableSocket | undefined;

  const client = createClient<P>({
    ...options,
    // Undefined is as good as left out.
    connectionParams: retryingParams(connectionParams, () => socket) as P,
    keepAlive,
    connectionAckWaitTimeout,
    retryAttempts,
    retryWait,
    shouldRetry,
  });
  client.on('opened', (opened) => {
    socket = opened as ClosableSocket;
  });
  client.on('closed', (event) => {
    // graphql-ws gives up a terminated socket and goes on listening to it: a node that was frozen would speak again.
    if ((event as { code?: number }).code === terminated && socket) socket.onmessage = null;
  });
  client.on('connected', retry.connected);
  replaceDeadSockets(client, pongWaitMs);
  const nextToken = toTokenSource(renewToken, connectionParams);
  const stopRenewing = nextToken && renewTokens(client, nextToken);
  const { subscribe, dispose } = createSubscriptions(client, options);

  return {
    ...client,
    subscribe,
    iterate: (payload) => toIterator((sink) => subscribe(payload, sink)),
    async dispose() {
      retry.wake();
      if (stopRenewing) stopRenewing();
      dispose();
      try {
        await client.dispose();
      } catch {
        // graphql-ws waits for the connection being made, in order to close it; when that fails there is none to close.
      }
    },
  };
};
