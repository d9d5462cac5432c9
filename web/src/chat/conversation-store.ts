import { type GraphqlClient, reasonOf } from '../graphql/client.ts';
import { subscribe } from '../graphql/subscribe.ts';
import { createStore, type Store } from '../ui/store.ts';
import {
  type ConversationEvent,
  type ConversationView,
  createConversationModel,
  type MessagePage,
} from './conversation-state.ts';
import { ConversationDocument, ConversationEventsDocument, TypingDocument } from './documents.ts';
import { createFrameBatch } from './frame-batch.ts';

const pageSize = 50;
const refetchMs = 2_000;

export type LoadState =
  | { readonly kind: 'loading' }
  | { readonly kind: 'ready' }
  | { readonly kind: 'missing' }
  | { readonly kind: 'failed'; readonly reason: string };

export interface ConversationStore {
  readonly id: string;
  readonly load: Store<LoadState>;
  readonly view: Store<ConversationView>;
  /** Names of others who type. */
  readonly typists: Store<readonly string[]>;
  loadOlder(): Promise<void>;
  dispose(): void;
}

interface Fetched {
  readonly page: MessagePage;
  readonly cursor: string;
}

/** What is known of a conversation that was just begun here: nothing came before. */
export interface Seed {
  readonly cursor: string;
}

export interface ConversationStoreOptions {
  readonly id: string;
  readonly client: GraphqlClient;
  readonly viewerId: string;
  readonly seed?: Seed | undefined;
}

const createTypists = (client: GraphqlClient, id: string, viewerId: string) => {
  const typists = createStore<readonly string[]>([]);
  const names = new Map<string, string>();
  const stop = subscribe(
    client.urql,
    TypingDocument,
    { id },
    {
      next({ typing: { author, isTyping } }) {
        if (author.kind === 'TUTOR' || author.id === viewerId) return;
        if (isTyping) names.set(author.id, author.name);
        else names.delete(author.id);
        typists.set([...names.values()]);
      },
      ended: () => typists.set([]),
    },
  );
  return { typists, stop };
};

/**
 * One conversation, live: the newest page first, then the subscription after its cursor, so that nothing lies between.
 *
 *     loading ──▶ ready ──(the right to it ends)──▶ missing
 *        └──▶ missing, failed (tried again by `retry` of the page, or when the connection comes back)
 */
export const createConversationStore = (options: ConversationStoreOptions): ConversationStore => {
  const { id, client, viewerId, seed } = options;
  const model = createConversationModel();
  const load = createStore<LoadState>({ kind: 'loading' });
  const view = createStore<ConversationView>(model.view());
  const disposers: (() => void)[] = [];
  let isDisposed = false;
  let loadingOlder: Promise<void> | undefined;

  const batch = createFrameBatch<ConversationEvent>((events) => {
    model.apply(events);
    view.set(model.view());
  });
  disposers.push(batch.dispose);

  const fetchPage = async (before: string | null): Promise<Fetched | undefined> => {
    const { data, error } = await client.urql
      .query(ConversationDocument, { id, last: pageSize, before })
      .toPromise();
    if (isDisposed) return undefined;
    if (error) throw error;
    if (!data?.conversation) {
      load.set({ kind: 'missing' });
      return undefined;
    }
    const { cursor, edges, pageInfo } = data.conversation.messages;
    const { hasPreviousPage, startCursor = null } = pageInfo;
    return { cursor, page: { messages: edges.map(({ node }) => node), hasPreviousPage, startCursor } };
  };

  const retryLater = (action: () => void) => {
    const timer = setTimeout(action, refetchMs);
    disposers.push(() => clearTimeout(timer));
  };

  const listen = (cursor: string) => {
    const { typists: names, stop } = createTypists(client, id, viewerId);
    disposers.push(
      stop,
      names.subscribe(() => typists.set(names.get())),
      subscribe(
        client.urql,
        ConversationEventsDocument,
        { id, after: [cursor] },
        {
          next: ({ messageReceived }) => batch.add(messageReceived),
          ended(error) {
            // It ends without an error when the right to it does, and with NOT_FOUND when that ended while offline; a connection that ended says so for the whole page.
            const isGone =
              error?.graphQLErrors.some(({ extensions }) => extensions.code === 'NOT_FOUND') ?? true;
            if (isGone) load.set({ kind: 'missing' });
            else if (client.connection.get().kind !== 'ended') retryLater(() => void begin());
          },
        },
      ),
    );
  };
  const typists = createStore<readonly string[]>([]);

  const begin = async () => {
    try {
      const fetched = await fetchPage(null);
      if (!fetched) return;
      model.begin(fetched.page);
      view.set(model.view());
      load.set({ kind: 'ready' });
      listen(fetched.cursor);
    } catch (error) {
      if (isDisposed) return;
      load.set({ kind: 'failed', reason: reasonOf(error) });
      retryLater(() => void begin());
    }
  };

  const refetch = async () => {
    model.expectRefetch();
    try {
      const fetched = await fetchPage(null);
      if (!fetched) return;
      model.begin(fetched.page);
      view.set(model.view());
    } catch {
      if (!isDisposed) retryLater(() => void refetch());
    }
  };

  const loadOlder = async () => {
    const { hasOlder, olderCursor } = model.view();
    if (!hasOlder || olderCursor === null) return;
    try {
      const fetched = await fetchPage(olderCursor);
      // A refetch meanwhile has begun the list anew.
      if (!fetched || model.view().olderCursor !== olderCursor) return;
      model.addOlder(fetched.page);
      view.set(model.view());
    } catch {
      // Asked for again by the next scroll.
    }
  };

  disposers.push(
    client.onResync(({ topics }) => {
      if (topics.includes(`conversation:${id}`) && load.get().kind === 'ready') void refetch();
    }),
  );

  if (seed) {
    model.begin({ messages: [], hasPreviousPage: false, startCursor: null });
    load.set({ kind: 'ready' });
    listen(seed.cursor);
  } else void begin();

  return {
    id,
    load,
    view,
    typists,
    loadOlder() {
      loadingOlder ??= loadOlder().finally(() => {
        loadingOlder = undefined;
      });
      return loadingOlder;
    },
    dispose() {
      isDisposed = true;
      for (const dispose of disposers) dispose();
    },
  };
};
