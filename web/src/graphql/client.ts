import { Client, CombinedError, fetchExchange, subscriptionExchange } from '@urql/core';
import { createEdAgentClient, type ResyncInfo } from 'edagent-client';
import type { TokenSource } from '../auth/token-source.ts';
import { createStore, type Store } from '../ui/store.ts';
import { createAuthorizedFetch } from './authorized-fetch.ts';
import { createRetryClock } from './retry-clock.ts';

export type ConnectionState =
  | { readonly kind: 'connecting' }
  | { readonly kind: 'live' }
  /** `until`: the moment of the next attempt. */
  | { readonly kind: 'waiting'; readonly until: number }
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
  const clock = createRetryClock({
    onWait(until) {
      // A subscription that waits on a live socket is none of the reader's business.
      if (connection.get().kind !== 'live') connection.set({ kind: 'waiting', until });
    },
  });

  const socket = createEdAgentClient({
    url: toWebSocketUrl(location.origin),
    connectionParams: async () => ({ authorization: `Bearer ${await tokens.token({ fresh: true })}` }),
    retryWait: () => clock.wait(),
    onResync(info) {
      for (const listener of [...resyncListeners]) listener(info);
    },
    on: {
      // The wait before an attempt is over; a banner that has counted down stays until it is live.
      connected() {
        clock.connected();
        connection.set({ kind: 'live' });
      },
      closed(event) {
        const { code = 1006, reason = '' } = event as CloseLike;
        if (finalCodes.has(code)) connection.set({ kind: 'ended', signedOut: code === 4401, reason });
        else if (connection.get().kind === 'live') connection.set({ kind: 'connecting' });
      },
    },
  });

  const urql = new Client({
    url: '/graphql',
    preferGetMethod: false,
    requestPolicy: 'network-only',
    fetch: createAuthorizedFetch(tokens, (input, init) => fetch(input, init)),
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

/** What a person is told of a refusal. */
export const reasonOf = (error: unknown): string => {
  if (error instanceof CombinedError && !error.networkError)
    return error.graphQLErrors[0]?.message ?? error.message;
  return 'The server cannot be reached.';
};
