import { Client, CombinedError, fetchExchange, subscriptionExchange } from '@urql/core';
import { createEdAgentClient, type ResyncInfo } from 'edagent-client';
import { TokenError } from '../auth/token-error.ts';
import type { TokenSource } from '../auth/token-source.ts';
import { createStore, type Store } from '../ui/store.ts';
import { createAuthorizedFetch } from './authorized-fetch.ts';
import { createRetryClock } from './retry-clock.ts';

export type ConnectionState =
  | { readonly kind: 'connecting' }
  | { readonly kind: 'live' }
  /** `until`: the moment of the next attempt. `reason`: why no token could be had for the last one. */
  | { readonly kind: 'waiting'; readonly until: number; readonly reason: string | undefined }
  /** For good: `signed-out` by 4401, otherwise by a code that is not retried. */
  | { readonly kind: 'ended'; readonly signedOut: boolean; readonly reason: string };

export interface GraphqlClient {
  readonly urql: Client;
  readonly connection: Store<ConnectionState>;
  /** Tells which topics have to be queried again. Returns its own undo. */
  onResync(listener: (info: ResyncInfo) => void): () => void;
  retryNow(): void;
  dispose(): Promise<void>;
}

const finalCodes: ReadonlySet<number> = new Set([4400, 4401, 4406, 4409, 4429, 4500, 4004, 4005]);

const toWebSocketUrl = (origin: string) => `${origin.replace(/^http/, 'ws')}/graphql`;

interface CloseLike {
  readonly code?: number;
  readonly reason?: string;
}

/** Queries and mutations by POST, subscriptions by one WebSocket. One for each signed-in user. */
export const createGraphqlClient = (tokens: TokenSource): GraphqlClient => {
  const connection = createStore<ConnectionState>({ kind: 'connecting' });
  const resyncListeners = new Set<(info: ResyncInfo) => void>();
  let tokenProblem: string | undefined;
  const clock = createRetryClock({
    onWait: (until) => connection.set({ kind: 'waiting', until, reason: tokenProblem }),
  });

  const freshToken = async (): Promise<string> => {
    try {
      const token = await tokens.token({ fresh: true });
      tokenProblem = undefined;
      return token;
    } catch (error) {
      tokenProblem = error instanceof TokenError ? error.message : undefined;
      throw error;
    }
  };

  const lost = () => {
    if (connection.get().kind === 'live') connection.set({ kind: 'connecting' });
  };

  const socket = createEdAgentClient({
    url: toWebSocketUrl(location.origin),
    connectionParams: async () => ({ authorization: `Bearer ${await freshToken()}` }),
    // The server ends a subscription for now by the live socket; whatever waits without one waits for a socket.
    retryWait: (retries) =>
      connection.get().kind === 'live' ? clock.waitForSubscription(retries) : clock.waitForSocket(),
    onResync(info) {
      for (const listener of [...resyncListeners]) listener(info);
    },
    on: {
      // The wait before an attempt is over; a banner that has counted down stays until it is live.
      connected() {
        clock.connected();
        connection.set({ kind: 'live' });
      },
      // Comes before the close, and the wait for the next socket may begin between the two.
      error: lost,
      closed(event) {
        const { code = 1006, reason = '' } = event as CloseLike;
        if (finalCodes.has(code)) connection.set({ kind: 'ended', signedOut: code === 4401, reason });
        else lost();
      },
    },
  });

  const urql = new Client({
    url: '/graphql',
    preferGetMethod: false,
    requestPolicy: 'network-only',
    fetch: createAuthorizedFetch({ tokens, send: (input, init) => fetch(input, init) }),
    exchanges: [
      subscriptionExchange({
        forwardSubscription: (request) => ({
          subscribe: (sink) => ({
            unsubscribe: socket.subscribe({ ...request, query: request.query ?? '' }, sink as never),
          }),
        }),
      }),
      fetchExchange,
    ],
  });

  const retryNow = () => clock.wake();
  // A browser that knows it is offline would otherwise notice by the next ping only.
  const goneOffline = () => socket.terminate();
  addEventListener('online', retryNow);
  addEventListener('offline', goneOffline);

  return {
    urql,
    connection,
    onResync(listener) {
      resyncListeners.add(listener);
      return () => {
        resyncListeners.delete(listener);
      };
    },
    retryNow,
    async dispose() {
      removeEventListener('online', retryNow);
      removeEventListener('offline', goneOffline);
      clock.wake();
      await socket.dispose();
    },
  };
};

/** What a person is told of a refusal, or of why there was no answer. */
export const reasonOf = (error: unknown): string => {
  const cause = error instanceof CombinedError ? error.networkError : error;
  if (cause instanceof TokenError) return cause.message;
  if (error instanceof CombinedError && !error.networkError)
    return error.graphQLErrors[0]?.message ?? error.message;
  return 'The server cannot be reached.';
};
