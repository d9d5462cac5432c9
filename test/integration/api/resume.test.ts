import { ApolloClient, gql, InMemoryCache } from '@apollo/client';
import { GraphQLWsLink } from '@apollo/client/link/subscriptions';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { subscriptionExchange, Client as UrqlClient } from '@urql/core';
import type { Client, FormattedExecutionResult, Sink } from 'graphql-ws';
import type WebSocket from 'ws';
import { type AnswerEvent, createAnswerTexts } from '../../../client/src/index.ts';
import { historyDocument, messageReceivedDocument, sendDocument } from '../../support/documents.ts';
import { eventually } from '../../support/eventually.ts';
import { createScriptedTutor } from '../../support/scripted-tutor.ts';
import { newUserId } from '../../support/test-app.ts';
import { type Api, eventsOf, startApi } from './harness.ts';

// biome-ignore lint/suspicious/noExplicitAny: the union of all members, as the document selects it
type Event = any;
type Variables = Record<string, unknown>;

/** One way to use the API, over a graphql-ws client whose socket the test may cut. */
interface Follower {
  mutate(query: string, variables: Variables): Promise<Event>;
  follow(
    variables: Variables,
    onEvent: (event: Event) => void,
    onFailure: (failure: unknown) => void,
  ): () => void;
  readonly client: Client;
  dispose(): void;
}

type ToFollower = (api: Api, token: string) => Follower;

/** What tells durable events apart; clients add type names of their own to the rest. */
const placeOf = ({ __typename, id, topic, cursor }: Event) => ({ __typename, id, topic, cursor });

const once = (client: Client, query: string, variables: Variables): Promise<Event> =>
  new Promise((resolve, reject) => {
    let value: Event;
    client.subscribe(
      { query, variables },
      {
        next: ({ data }) => {
          value = data;
        },
        error: reject,
        complete: () => resolve(value),
      },
    );
  });

/** As PROTOCOL.md tells those who write a client of their own: one cursor a topic, given back on every subscribe. */
const stock: ToFollower = (api, token) => {
  const client = api.stockClient(token, { retryWait: async () => {} });
  return {
    client,
    mutate: (query, variables) => once(client, query, variables),
    follow(variables, onEvent, onFailure) {
      const cursors = new Map<string, string>();
      const resuming = {
        ...variables,
        get after() {
          return cursors.size > 0 ? [...cursors.values()] : variables.after;
        },
      };
      return client.subscribe<{ messageReceived: Event }>(
        { query: messageReceivedDocument, variables: resuming },
        {
          next({ data }) {
            const event = data?.messageReceived;
            for (const { topic, cursor } of event.cursors ?? []) cursors.set(topic, cursor);
            if (event.topic) cursors.set(event.topic, event.cursor);
            onEvent(event);
          },
          error: onFailure,
          complete: () => onFailure('complete'),
        },
      );
    },
    dispose: () => {},
  };
};

const edagent: ToFollower = (api, token) => {
  const client = api.client(token);
  return {
    client,
    mutate: (query, variables) => once(client, query, variables),
    follow: (variables, onEvent, onFailure) =>
      client.subscribe<{ messageReceived: Event }>(
        { query: messageReceivedDocument, variables },
        {
          next: ({ data }) => onEvent(data?.messageReceived),
          error: onFailure,
          complete: () => onFailure('complete'),
        },
      ),
    dispose: () => {},
  };
};

const apollo: ToFollower = (api, token) => {
  const client = api.client(token);
  const apolloClient = new ApolloClient({ link: new GraphQLWsLink(client), cache: new InMemoryCache() });
  return {
    client,
    async mutate(query, variables) {
      const { data } = await apolloClient.mutate({
        mutation: gql(query),
        variables,
        fetchPolicy: 'no-cache',
      });
      return data;
    },
    follow(variables, onEvent, onFailure) {
      const subscription = apolloClient
        .subscribe<{ messageReceived: Event }>({
          query: gql(messageReceivedDocument),
          variables,
          fetchPolicy: 'no-cache',
        })
        .subscribe({
          next: ({ data, error }) => (error ? onFailure(error) : onEvent(data?.messageReceived)),
          error: onFailure,
          complete: () => onFailure('complete'),
        });
      return () => subscription.unsubscribe();
    },
    dispose: () => apolloClient.stop(),
  };
};

const urql: ToFollower = (api, token) => {
  const client = api.client(token);
  const urqlClient = new UrqlClient({
    url: api.url,
    preferGetMethod: false,
    exchanges: [
      subscriptionExchange({
        enableAllOperations: true,
        forwardSubscription: (request) => ({
          subscribe: (sink) => ({
            unsubscribe: client.subscribe(
              { ...request, query: request.query ?? '' },
              sink as Sink<FormattedExecutionResult>,
            ),
          }),
        }),
      }),
    ],
  });
  return {
    client,
    async mutate(query, variables) {
      const { data } = await urqlClient.mutation(query, variables).toPromise();
      return data;
    },
    follow(variables, onEvent, onFailure) {
      const subscription = urqlClient
        .subscription<{ messageReceived: Event }>(messageReceivedDocument, variables)
        .subscribe(({ data, error }) => (error ? onFailure(error) : onEvent(data?.messageReceived)));
      return () => subscription.unsubscribe();
    },
    dispose: () => {},
  };
};

describe('connect, send, deltas, finished, drop the socket, resume', () => {
  // It says nothing on its own: on a busy machine an answer would end before a socket is dropped in the middle of it.
  const tutor = createScriptedTutor();
  let api: Api;
  beforeAll(async () => {
    api = await startApi({ tutor });
  });
  afterAll(() => api.dispose());

  /** All durable events after a cursor, as one who was never away gets them. */
  const replay = async (token: string, variables: Variables): Promise<Event[]> => {
    const socket = await api.connect(token);
    socket.subscribe('all', messageReceivedDocument, variables);
    await eventually(() => eventsOf(socket, 'all').some(({ __typename }) => __typename === 'Ready'));
    return eventsOf(socket, 'all').filter(({ id }) => id);
  };

  const followers = {
    'a stock graphql-ws client': stock,
    'edagent-client': edagent,
    'Apollo Client': apollo,
    urql,
  };

  test.each(Object.entries(followers))(
    '[L4] [N5] nothing is lost or doubled with %s',
    async (_, toFollower) => {
      const token = await api.token(newUserId());
      const created = await api.query(
        token,
        'mutation ($input: CreateConversationInput!) { createConversation(input: $input) { id } }',
        { input: { clientConversationId: 'c' } },
      );
      const { id } = created.data.createConversation;
      const history = await api.query(token, historyDocument, { id });
      const variables = { conversationId: id, after: [history.data.conversation.messages.cursor] };
      const input = { conversationId: id, text: 'Make me a study plan for fractions' };

      const follower = toFollower(api, token);
      const sockets: WebSocket[] = [];
      follower.client.on('opened', (socket) => sockets.push(socket as WebSocket));
      const events: Event[] = [];
      const failures: unknown[] = [];
      const texts = createAnswerTexts();
      const stop = follower.follow(
        variables,
        (event) => {
          events.push(event);
          texts.apply(event as AnswerEvent);
        },
        (failure) => failures.push(failure),
      );
      const count = (typename: string): number =>
        events.filter(({ __typename }) => __typename === typename).length;
      const deltasOf = (messageId: string): Event[] =>
        events.filter((event) => event.__typename === 'AnswerDelta' && event.messageId === messageId);
      await eventually(() => count('Ready') === 1);
      const calls = tutor.calls.length;

      const first = await follower.mutate(sendDocument, { input: { ...input, clientMessageId: 'first' } });
      const firstId: string = first.sendMessage.answer.id;
      const firstCall = await tutor.call(calls);
      for (const [index, piece] of ['Begin with ', 'halves.'].entries()) {
        firstCall.say(piece);
        await eventually(() => deltasOf(firstId).length === index + 1);
      }
      firstCall.finish();
      await eventually(() => count('AnswerFinished') === 1);
      sockets.at(-1)?.terminate();

      const second = await api.query(token, sendDocument, { input: { ...input, clientMessageId: 'second' } });
      const secondId: string = second.data.sendMessage.answer.id;
      const secondCall = await tutor.call(calls + 1);
      for (const piece of ['Then ', 'thirds, ']) {
        const known = deltasOf(secondId).length;
        secondCall.say(piece);
        await eventually(() => deltasOf(secondId).length > known);
      }
      sockets.at(-1)?.terminate();
      secondCall.say('then quarters.');
      secondCall.finish();
      await eventually(() => count('AnswerFinished') === 2);
      await eventually(() => count('Ready') === 3);

      const expected = await replay(token, variables);
      expect(events.filter((event) => event.id).map(placeOf)).toEqual(expected.map(placeOf));
      expect(expected).toHaveLength(9);
      expect(events.filter(({ __typename }) => __typename === 'Ready').map(({ resumed }) => resumed)).toEqual(
        [
          // No cursor of broadcasts was given at first.
          false,
          true,
          true,
        ],
      );
      for (const messageId of [firstId, secondId]) {
        const finished = expected.find(
          (event) => event.__typename === 'AnswerFinished' && event.messageId === messageId,
        );
        expect(texts.get(messageId)).toMatchObject({ text: finished.text, state: 'FINISHED' });
      }
      expect(sockets).toHaveLength(3);
      expect(failures).toEqual([]);
      stop();
      follower.dispose();
    },
  );
});
