import { createContext, useContext } from 'react';
import type { ViewerQuery } from '../generated/graphql.ts';
import { type GraphqlClient, reasonOf } from '../graphql/client.ts';
import { randomId } from '../ui/random-id.ts';
import { type KeyValueStorage, toSafeStorage } from '../ui/storage.ts';
import { type ConversationStore, createConversationStore, type Seed } from './conversation-store.ts';
import { type ConversationsStore, createConversationsStore } from './conversations-store.ts';
import { SendMessageDocument } from './documents.ts';
import { createOutbox, type Outbox, type SendOutcome } from './outbox.ts';
import type { PendingSend } from './pending-sends.ts';

export type Viewer = ViewerQuery['viewer'];

/** What all of the chat shares, for one signed-in user. */
export interface ChatServices {
  readonly client: GraphqlClient;
  readonly viewer: Viewer;
  readonly storage: KeyValueStorage;
  readonly conversations: ConversationsStore;
  readonly outbox: Outbox;
  /** The same store for the same conversation, as long as it is among those shown last. */
  open(id: string): ConversationStore;
  /** The same for a new conversation and for what becomes of it: its pane stays as it is. */
  paneKey(conversationId: string | null): string;
  dispose(): void;
}

/** Each open one costs two subscriptions. */
const openMax = 4;

const sendWith =
  (client: GraphqlClient) =>
  async ({ clientMessageId, conversationId, text }: PendingSend): Promise<SendOutcome> => {
    const { data, error } = await client.urql
      .mutation(SendMessageDocument, { input: { clientMessageId, conversationId, text } })
      .toPromise();
    const outcome = data?.sendMessage;
    if (outcome?.__typename === 'SendMessageSuccess') {
      const { message, conversation, cursor } = outcome;
      return { kind: 'sent', messageId: message.id, conversationId: conversation.id, cursor };
    }
    if (outcome) return { kind: 'refused', reason: outcome.reason };
    const extensions = error?.graphQLErrors[0]?.extensions;
    if (extensions?.code === 'RATE_LIMITED') {
      const { retryAfter } = extensions;
      const when = typeof retryAfter === 'number' ? ` Try again in ${retryAfter} s.` : '';
      return { kind: 'refused', reason: `You are sending too quickly.${when}` };
    }
    if (!extensions || extensions.temporary === true) return { kind: 'unreachable' };
    return { kind: 'refused', reason: reasonOf(error) };
  };

export interface ChatServicesOptions {
  readonly client: GraphqlClient;
  readonly viewer: Viewer;
  /** A conversation was begun by a message: shows it, if the reader still waits for it. */
  readonly onBegun: (conversationId: string) => void;
}

export const createChatServices = ({ client, viewer, onBegun }: ChatServicesOptions): ChatServices => {
  const viewerId = viewer.user.id;
  const storage = toSafeStorage(() => localStorage);
  const open = new Map<string, ConversationStore>();
  const seeds = new Map<string, Seed>();
  const paneKeys = new Map<string, string>();
  let newPane = 0;
  const conversations = createConversationsStore(client, viewerId);
  const outbox = createOutbox({
    viewerId,
    storage,
    send: sendWith(client),
    newId: randomId,
    onBegun(conversationId, cursor) {
      if (cursor !== undefined) seeds.set(conversationId, { cursor });
      paneKeys.set(conversationId, `new:${newPane}`);
      newPane++;
      onBegun(conversationId);
    },
  });
  const stop = client.connection.subscribe(() => {
    if (client.connection.get().kind === 'live') outbox.flush();
  });
  addEventListener('storage', outbox.lookAgain);
  outbox.flush();

  return {
    client,
    viewer,
    storage,
    conversations,
    outbox,
    open(id) {
      const known = open.get(id);
      const isUsable = known && known.load.get().kind !== 'missing';
      if (known && !isUsable) known.dispose();
      const store = isUsable ? known : createConversationStore({ id, client, viewerId, seed: seeds.get(id) });
      seeds.delete(id);
      open.delete(id);
      open.set(id, store);
      for (const [oldest, each] of open) {
        if (open.size <= openMax) break;
        open.delete(oldest);
        each.dispose();
      }
      return store;
    },
    paneKey: (conversationId) =>
      conversationId === null ? `new:${newPane}` : (paneKeys.get(conversationId) ?? conversationId),
    dispose() {
      stop();
      removeEventListener('storage', outbox.lookAgain);
      outbox.dispose();
      conversations.dispose();
      for (const store of open.values()) store.dispose();
    },
  };
};

const ChatContext = createContext<ChatServices | undefined>(undefined);
export const ChatProvider = ChatContext.Provider;

export const useChat = (): ChatServices => {
  const services = useContext(ChatContext);
  if (!services) throw new Error('useChat outside of a ChatProvider.');
  return services;
};
