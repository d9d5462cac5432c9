import { type ApolloCache, ApolloClient, InMemoryCache } from '@apollo/client';
import { GraphQLWsLink } from '@apollo/client/link/subscriptions';
import { type AnswerTexts, createAnswerTexts, createEdAgentClient } from 'edagent-client';
import { ConversationQuery, CreateConversation, MessageReceived, SendMessage } from '../documents.ts';
import type {
  MessageFieldsFragment as Message,
  MessageReceivedSubscription,
  SendMessageMutation,
} from '../generated/graphql.ts';
import { createReload } from '../reload.ts';
import type { Conversation, ConversationOptions } from '../terminal.ts';

type MessageEvent = MessageReceivedSubscription['messageReceived'];

const add = (cache: ApolloCache, id: string, message: Message) =>
  cache.updateQuery({ query: ConversationQuery, variables: { id } }, (data) => {
    const page = data?.conversation?.messages;
    if (!data?.conversation || !page || page.edges.some(({ node }) => node.id === message.id))
      return undefined;
    const edges = [...page.edges, { __typename: 'MessageEdge' as const, node: message }];
    return { ...data, conversation: { ...data.conversation, messages: { ...page, edges } } };
  });

const applyEvent = (cache: ApolloCache, id: string, event: MessageEvent, texts: AnswerTexts) => {
  if (event.__typename === 'MessageAdded') add(cache, id, event.message);
  const answer = texts.apply(event);
  if (!answer) return;
  cache.modify<Message>({
    id: `Message:${answer.messageId}`,
    fields: {
      text: () => answer.text,
      answer: () => ({ __typename: 'AnswerStatus', state: answer.state }),
    },
  });
};

export const openConversation = async (options: ConversationOptions): Promise<Conversation> => {
  const client = createEdAgentClient({
    url: options.url,
    webSocketImpl: options.webSocketImpl,
    connectionParams: async () => ({ authorization: `Bearer ${await options.token()}` }),
    onResync: () => void resync.reload(),
  });
  // The name of an author is the one at that time, so authors stay in their messages.
  const cache = new InMemoryCache({ typePolicies: { Author: { keyFields: false } } });
  const apollo = new ApolloClient({ link: new GraphQLWsLink(client), cache });
  const sends = new Set<Promise<unknown>>();
  let unfollow = () => {};

  const create = async () => {
    const variables = { input: { clientConversationId: crypto.randomUUID() } };
    const { data } = await apollo.mutate({ mutation: CreateConversation, variables });
    return data?.createConversation.id ?? '';
  };
  const id = options.id ?? (await create());
  const query = { query: ConversationQuery, variables: { id } };
  const read = () => apollo.readQuery(query, true);

  /** The event of a message of one's own may come before the result that takes the optimistic one away. */
  const isOwn = (event: MessageEvent) =>
    event.__typename === 'MessageAdded' && event.message.author.id === read()?.viewer.user.id;

  const follow = (cursor: string) => {
    const texts = createAnswerTexts();
    let turn: Promise<unknown> = Promise.resolve();
    const variables = { id, after: [cursor] };
    const subscription = apollo
      .subscribe({ query: MessageReceived, variables, fetchPolicy: 'no-cache' })
      .subscribe(({ data, error }) => {
        if (error) options.onError(error);
        const event = data?.messageReceived;
        if (!event) return;
        turn = turn
          .then(() => Promise.allSettled(isOwn(event) ? sends : []))
          .then(() => subscription.closed || applyEvent(cache, id, event, texts));
      });
    unfollow = () => subscription.unsubscribe();
  };

  /** Query, then subscribe after the cursor of the page: nothing is missed in between. */
  const load = async (isLast = () => true) => {
    const { data } = await apollo.query({ ...query, fetchPolicy: 'network-only' });
    if (!isLast()) return;
    if (!data?.conversation) throw new Error(`There is no conversation ${id}.`);
    unfollow();
    follow(data.conversation.messages.cursor);
  };

  const resync = createReload(load, options.onError);

  const messages = () => read()?.conversation?.messages.edges.map(({ node }) => node) ?? [];

  const optimistic = (messageId: string, text: string): SendMessageMutation => {
    const author = {
      __typename: 'Author',
      kind: 'LEARNER',
      id: '',
      name: '',
      ...read()?.viewer.user,
    } as const;
    const message = { __typename: 'Message', id: messageId, text, author, answer: null } as const;
    return { sendMessage: { __typename: 'SendMessageSuccess', message, answer: null } };
  };

  await load();
  const watching = apollo
    .watchQuery({ ...query, fetchPolicy: 'cache-only' })
    .subscribe(() => options.show(messages()));

  return {
    id,
    messages,
    async send(text, clientMessageId = crypto.randomUUID()) {
      const sent = apollo.mutate({
        mutation: SendMessage,
        variables: { input: { conversationId: id, clientMessageId, text } },
        optimisticResponse: optimistic(clientMessageId, text),
        update: (layer, { data }) => {
          const result = data?.sendMessage;
          if (result?.__typename === 'SendMessageSuccess') add(layer, id, result.message);
        },
      });
      sends.add(sent);
      const { data } = await sent.finally(() => sends.delete(sent));
      if (data?.sendMessage.__typename === 'AnswerInProgress') throw new Error(data.sendMessage.reason);
    },
    async dispose() {
      resync.dispose();
      unfollow();
      watching.unsubscribe();
      apollo.stop();
      await client.dispose();
    },
  };
};
