import { Client, type ExecutionResult, subscriptionExchange } from '@urql/core';
import { type Cache, cacheExchange } from '@urql/exchange-graphcache';
import { createAnswerTexts, createEdAgentClient } from 'edagent-client';
import type { FormattedExecutionResult, Sink } from 'graphql-ws';
import * as documents from '../documents.ts';
import type * as types from '../generated/graphql.ts';
import { createReload } from '../reload.ts';
import { schema } from '../schema.ts';
import type { Conversation, ConversationOptions } from '../terminal.ts';

type Message = types.MessageFieldsFragment;
const query = documents.ConversationQuery;

/** Types without an id; and authors, whose name is the one at that time, so that they stay in their messages. */
const embedded = [
  ...['AnswerStatus', 'Author', 'MessageConnection', 'MessageEdge', 'SendMessageSuccess', 'Viewer'],
  ...['AnswerDelta', 'AnswerFailed', 'AnswerFinished', 'AnswerStarted', 'AnswerStopped', 'MessageAdded'],
];

const add = (cache: Cache, id: string, message: Message) =>
  cache.updateQuery({ query, variables: { id } }, (data) => {
    const edges = data?.conversation?.messages.edges;
    const added = { __typename: 'MessageEdge', node: message };
    if (!edges?.some(({ node }) => node.id === message.id)) edges?.push(added);
    return data;
  });

export const openConversation = async (options: ConversationOptions): Promise<Conversation> => {
  const client = createEdAgentClient({
    url: options.url,
    webSocketImpl: options.webSocketImpl,
    connectionParams: async () => ({ authorization: `Bearer ${await options.token()}` }),
    onResync: () => void resync.reload(),
  });
  const sends = new Set<Promise<unknown>>();
  let texts = createAnswerTexts();
  let unfollow = () => {};

  let turn: Promise<unknown> = Promise.resolve();
  /** Events wait for sends under way: what they add must not be built upon an optimistic message. */
  const afterSends = (work: () => void) => {
    const settled = () => Promise.allSettled(sends);
    turn = turn.then(settled).then(work).catch(options.onError);
  };

  const writeSent = ({ sendMessage: sent }: types.SendMessageMutation, _: object, cache: Cache) => {
    if (sent.__typename === 'SendMessageSuccess') add(cache, id, sent.message);
  };

  const writeEvent = (
    { messageReceived: event }: types.MessageReceivedSubscription,
    _: object,
    cache: Cache,
  ) => {
    if (event.__typename === 'MessageAdded') add(cache, id, event.message);
    const changed = texts.apply(event);
    if (!changed) return;
    const answer = { __typename: 'AnswerStatus' as const, state: changed.state };
    cache.writeFragment(documents.AnswerFields, { id: changed.messageId, text: changed.text, answer });
  };

  const sendOptimistically = ({ input }: types.SendMessageMutationVariables, cache: Cache) => {
    const user = cache.readQuery({ query, variables: { id } })?.viewer.user;
    const author = { ...user, __typename: 'Author', kind: 'LEARNER' };
    const message = {
      __typename: 'Message',
      id: input.clientMessageId,
      text: input.text,
      author,
      answer: null,
    };
    return { __typename: 'SendMessageSuccess', message, answer: null };
  };

  const cache = cacheExchange({
    keys: Object.fromEntries(embedded.map((name) => [name, () => null])),
    schema,
    updates: { Mutation: { sendMessage: writeSent }, Subscription: { messageReceived: writeEvent } },
    optimistic: { sendMessage: sendOptimistically },
  });

  const urql = new Client({
    url: options.url,
    preferGetMethod: false,
    exchanges: [
      cache,
      subscriptionExchange({
        enableAllOperations: true,
        forwardSubscription: (request, { kind }) => ({
          subscribe: (sink) => {
            const next = (result: ExecutionResult) =>
              kind === 'subscription' ? afterSends(() => sink.next(result)) : sink.next(result);
            const whole = { ...sink, next } as Sink<FormattedExecutionResult>;
            return { unsubscribe: client.subscribe({ ...request, query: request.query ?? '' }, whole) };
          },
        }),
      }),
    ],
  });

  const create = () =>
    urql.mutation(documents.CreateConversation, { input: { clientConversationId: crypto.randomUUID() } });
  const id = options.id ?? (await create()).data?.createConversation.id ?? '';

  /** Query, then subscribe after the cursor of the page: nothing is missed in between. */
  const load = async (isLast = () => true) => {
    const { data, error } = await urql.query(query, { id }, { requestPolicy: 'network-only' });
    if (!isLast()) return;
    if (!data?.conversation) throw error ?? new Error(`There is no conversation ${id}.`);
    unfollow();
    texts = createAnswerTexts();
    const variables = { id, after: [data.conversation.messages.cursor] };
    const subscription = urql.subscription(documents.MessageReceived, variables).subscribe((result) => {
      if (result.error) options.onError(result.error);
    });
    unfollow = subscription.unsubscribe;
  };

  const resync = createReload(load, options.onError);
  await load();
  let shown: readonly Message[] = [];
  const watching = urql.query(query, { id }, { requestPolicy: 'cache-only' }).subscribe(({ data }) => {
    shown = data?.conversation?.messages.edges.map(({ node }) => node) ?? shown;
    options.show(shown);
  });

  return {
    id,
    messages: () => shown,
    async send(text, clientMessageId = crypto.randomUUID()) {
      const input = { conversationId: id, clientMessageId, text };
      const sent = urql.mutation(documents.SendMessage, { input }).toPromise();
      sends.add(sent);
      const { data, error } = await sent.finally(() => sends.delete(sent));
      if (error) throw error;
      if (data?.sendMessage.__typename === 'AnswerInProgress') throw new Error(data.sendMessage.reason);
    },
    async dispose() {
      resync.dispose();
      unfollow();
      watching.unsubscribe();
      await client.dispose();
    },
  };
};
