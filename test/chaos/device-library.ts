import { ApolloClient, CombinedGraphQLErrors, InMemoryCache } from '@apollo/client';
import { GraphQLWsLink } from '@apollo/client/link/subscriptions';
import { subscriptionExchange, Client as UrqlClient } from '@urql/core';
import { type DocumentNode, parse } from 'graphql';
import type { Client, FormattedExecutionResult, Sink } from 'graphql-ws';
import WebSocket from 'ws';
import type { Data } from './api.ts';
import type { Library } from './history.ts';

/** How the app of a device subscribes: through one of the libraries, each set up as its documentation says. */
export interface DeviceLibrary {
  /** @returns what ends it. The app has to call it after an error too. */
  subscribe(query: string, variables: Record<string, unknown>, sink: DataSink): () => void;
  dispose(): void;
}

export interface DataSink {
  next(data: Data): void;
  /** A list of GraphQL errors, or what has a `code`: the close event. */
  error(error: unknown): void;
  /** Apollo Client says so after an error too. */
  complete(): void;
}

// GraphQLWsLink looks at the browser's WebSocket.CLOSED when a subscription is refused, and Node.js 20 has none: the
// ReferenceError would end the socket in place of the subscription.
globalThis.WebSocket ??= WebSocket as unknown as typeof globalThis.WebSocket;

const parsed = new Map<string, DocumentNode>();

/** The same document each time: both libraries keep by it what they have made of it. */
const parseOnce = (query: string): DocumentNode => {
  const document = parsed.get(query) ?? parse(query, { noLocation: true });
  parsed.set(query, document);
  return document;
};

const overGraphqlWs = (client: Client): DeviceLibrary => ({
  subscribe: (query, variables, { next, error, complete }) =>
    client.subscribe<Data>(
      { query, variables },
      {
        next: ({ data, errors }) => (data ? next(data) : error(errors)),
        error,
        complete,
      },
    ),
  dispose() {},
});

/** GraphQLWsLink leaves of a close event no more than a message. */
const toCloseEvent = (error: Error): unknown => {
  const code = /^Socket closed with event (\d+)/.exec(error.message)?.[1];
  return code === undefined ? error : { code };
};

const overApollo = (client: Client): DeviceLibrary => {
  const apollo = new ApolloClient({ link: new GraphQLWsLink(client), cache: new InMemoryCache() });
  return {
    subscribe(query, variables, sink) {
      const subscription = apollo
        // The cache is for entities. Events are none, and two of them would be merged into one.
        .subscribe<Data>({ query: parseOnce(query), variables, fetchPolicy: 'no-cache' })
        .subscribe({
          next({ data, error }) {
            if (CombinedGraphQLErrors.is(error)) sink.error(error.errors);
            else if (error) sink.error(toCloseEvent(error));
            else sink.next(data);
          },
          error: sink.error,
          complete: sink.complete,
        });
      return () => subscription.unsubscribe();
    },
    dispose: () => apollo.stop(),
  };
};

const overUrql = (client: Client): DeviceLibrary => {
  const urql = new UrqlClient({
    // Asked for by its constructor; nothing is fetched here.
    url: 'http://127.0.0.1/graphql',
    preferGetMethod: false,
    exchanges: [
      subscriptionExchange({
        forwardSubscription: (request, { context }) => ({
          subscribe: ({ next, error, complete }) => ({
            unsubscribe: client.subscribe({ ...request, query: request.query ?? '' }, {
              next,
              error,
              complete() {
                complete();
                context.onComplete();
              },
            } as Sink<FormattedExecutionResult>),
          }),
        }),
      }),
    ],
  });
  return {
    subscribe(query, variables, sink) {
      const subscription = urql
        .subscription<Data>(parseOnce(query), variables, { onComplete: sink.complete })
        .subscribe(({ data, error, hasNext }) => {
          // Error before data: beside an error stands the data of the event before. And when the server completes, the last
          // event comes once more, with nothing next.
          if (error) sink.error(error.networkError ?? error.graphQLErrors);
          else if (hasNext) sink.next(data);
        });
      return () => subscription.unsubscribe();
    },
    dispose() {},
  };
};

const libraries: Record<Library, (client: Client) => DeviceLibrary> = {
  'graphql-ws': overGraphqlWs,
  apollo: overApollo,
  urql: overUrql,
};

export const createDeviceLibrary = (library: Library, client: Client): DeviceLibrary =>
  libraries[library](client);
