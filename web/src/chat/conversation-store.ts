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
import { createLiveRead } from './live-read.ts';
import { createPacedBatch } from './paced-batch.ts';

const pageSize = 50;

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

/** A page, and where the subscription goes on after it. */
interface Fetched {
  readonly page: MessagePage;
  readonly cursor: string;
}

/** Keeps the names of others who type. Returns its own undo. */
const followTypists = (
  { urql, connection }: GraphqlClient,
  id: string,
  viewerId: string,
  typists: Store<readonly string[]>,
): (() => void) => {
  const names = new Map<string, string>();
  const clear = () => {
    names.clear();
    typists.set([]);
  };
  // Who ceases meanwhile is not told of again; who still types is.
  const stopWatching = connection.subscribe(() => {
    if (connection.get().kind !== 'live') clear();
  });
  const stop = subscribe(
    urql,
    TypingDocument,
    { id },
    {
      next({ typing: { author, isTyping } }) {
        if (author.kind === 'TUTOR' || author.id === viewerId) return;
        if (isTyping) names.set(author.id, author.name);
        else names.delete(author.id);
        typists.set([...names.values()]);
      },
      ended: clear,
    },
  );
  return () => {
    stop();
    stopWatching();
    clear();
  };
};

/**
 * One conversation, live: the newest page first, then the subscription after its cursor, so that nothing lies between.
 *
 *     loading ──▶ ready ──(the right to it ends)──▶ missing
 *        └──▶ failed ──(tried again by itself)──▶ ready, missing
 */
export const createConversationStore = (options: ConversationStoreOptions): ConversationStore => {
  const { id, client, viewerId, seed } = options;
  const model = createConversationModel();
  const load = createStore<LoadState>({ kind: 'loading' });
  const view = createStore<ConversationView>(model.view());
  const typists = createStore<readonly string[]>([]);
  let isDisposed = false;
  let loadingOlder: Promise<void> | undefined;

  const batch = createPacedBatch<ConversationEvent>((events) => {
    model.apply(events);
    view.set(model.view());
  });

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

  const live = createLiveRead<Fetched>({
    read() {
      model.expectRefetch();
      return fetchPage(null);
    },
    show({ page }) {
      model.begin(page);
      view.set(model.view());
      load.set({ kind: 'ready' });
    },
    follow({ cursor }, ended) {
      const leaveTypists = followTypists(client, id, viewerId, typists);
      const leave = subscribe(
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
            ended({ forGood: isGone || client.connection.get().kind === 'ended' });
          },
        },
      );
      return () => {
        leave();
        leaveTypists();
      };
    },
    onFailed(error) {
      if (load.get().kind !== 'ready') load.set({ kind: 'failed', reason: reasonOf(error) });
    },
  });

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

  const stopResync = client.onResync(({ topics }) => {
    if (topics.includes(`conversation:${id}`) && load.get().kind === 'ready') live.refresh();
  });

  const nothingBefore: MessagePage = { messages: [], hasPreviousPage: false, startCursor: null };
  if (seed) live.begin({ page: nothingBefore, cursor: seed.cursor });
  else live.refresh();

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
      stopResync();
      live.dispose();
      batch.dispose();
    },
  };
};
