import type { ConversationPartsFragment } from '../generated/graphql.ts';
import { type GraphqlClient, reasonOf } from '../graphql/client.ts';
import { subscribe } from '../graphql/subscribe.ts';
import { createStore, type Store } from '../ui/store.ts';
import {
  type Announcement,
  type ConversationsView,
  createConversationsModel,
  type ViewerEvent,
} from './conversations-state.ts';
import {
  AnnouncementsDocument,
  ConversationSummaryDocument,
  ConversationsDocument,
  ViewerEventsDocument,
} from './documents.ts';

const pageSize = 50;
const retryMs = 2_000;

export type ListState =
  | { readonly kind: 'loading' }
  | { readonly kind: 'ready' }
  | { readonly kind: 'failed'; readonly reason: string };

export interface ConversationsStore {
  readonly load: Store<ListState>;
  readonly view: Store<ConversationsView>;
  loadMore(): Promise<void>;
  dispose(): void;
}

interface Fetched {
  readonly cursor: string;
  readonly conversations: readonly ConversationPartsFragment[];
  readonly hasNextPage: boolean;
  readonly endCursor: string | null;
}

/** The viewer's conversations and announcements, live. */
export const createConversationsStore = (client: GraphqlClient, viewerId: string): ConversationsStore => {
  const model = createConversationsModel(viewerId);
  const load = createStore<ListState>({ kind: 'loading' });
  const view = createStore<ConversationsView>(model.view());
  const disposers: (() => void)[] = [];
  /** Read by themselves; events that come meanwhile make it once more. */
  const reading = new Map<string, boolean>();
  /** Events that came while the first page was read again: it may be older than they are. */
  let meanwhile: ViewerEvent[] = [];
  let isDisposed = false;
  let isRefetching = false;
  let loadingMore: Promise<void> | undefined;

  const show = () => view.set(model.view());
  const retryLater = (action: () => void) => {
    const timer = setTimeout(action, retryMs);
    disposers.push(() => clearTimeout(timer));
  };

  const fetchPage = async (after: string | null): Promise<Fetched> => {
    const { data, error } = await client.urql
      .query(ConversationsDocument, { first: pageSize, after })
      .toPromise();
    if (!data) throw error ?? new Error('No data.');
    const { conversations } = data.viewer;
    return {
      cursor: conversations.cursor,
      conversations: conversations.edges.map(({ node }) => node),
      hasNextPage: conversations.pageInfo.hasNextPage,
      endCursor: conversations.pageInfo.endCursor ?? null,
    };
  };

  const fetchAnnouncements = async (): Promise<{
    cursor: string;
    announcements: readonly Announcement[];
  }> => {
    const { data, error } = await client.urql.query(AnnouncementsDocument, {}).toPromise();
    if (!data) throw error ?? new Error('No data.');
    const { cursor, edges } = data.viewer.broadcasts;
    return { cursor, announcements: edges.map(({ node }) => node) };
  };

  const readOne = async (id: string): Promise<void> => {
    if (reading.has(id)) {
      reading.set(id, true);
      return;
    }
    reading.set(id, false);
    const { data } = await client.urql.query(ConversationSummaryDocument, { id }).toPromise();
    const isStale = reading.get(id) === true;
    reading.delete(id);
    if (isDisposed) return;
    if (isStale) return readOne(id);
    if (!data) return;
    model.put(id, data.conversation ?? null);
    show();
  };

  const listen = (after: string[]) => {
    disposers.push(
      subscribe(
        client.urql,
        ViewerEventsDocument,
        { after },
        {
          next({ messageReceived: event }) {
            if (isRefetching) meanwhile.push(event);
            const wanted = model.apply(event);
            show();
            const touched =
              'conversationId' in event && reading.has(event.conversationId) ? [event.conversationId] : [];
            for (const id of new Set([...wanted, ...touched])) void readOne(id);
          },
          // The connection says for the whole page why it ended.
          ended() {},
        },
      ),
    );
  };

  const catchUp = () => {
    const touched = new Set<string>();
    for (const event of meanwhile) {
      if ('conversationId' in event) touched.add(event.conversationId);
      else model.apply(event);
    }
    for (const id of touched) void readOne(id);
  };

  const begin = async (isFirst: boolean) => {
    isRefetching = !isFirst;
    meanwhile = [];
    try {
      const page = await fetchPage(null);
      // Those to some users only come by the viewer's topic, whose cursor is the page's: they are read after it.
      const { cursor, announcements } = await fetchAnnouncements();
      if (isDisposed) return;
      model.begin(page, announcements);
      isRefetching = false;
      catchUp();
      show();
      load.set({ kind: 'ready' });
      if (isFirst) listen([page.cursor, cursor]);
    } catch (error) {
      if (isDisposed) return;
      if (isFirst) load.set({ kind: 'failed', reason: reasonOf(error) });
      retryLater(() => void begin(isFirst));
    }
  };

  const loadMore = async () => {
    const { hasMore, endCursor } = model.view();
    if (!hasMore) return;
    try {
      const fetched = await fetchPage(endCursor);
      if (isDisposed || model.view().endCursor !== endCursor) return;
      model.addMore(fetched);
      show();
    } catch {
      // Asked for again by the next scroll.
    }
  };

  disposers.push(
    client.onResync(({ topics }) => {
      const isMine = topics.some((topic) => topic === 'broadcast' || topic === `user:${viewerId}`);
      if (isMine && load.get().kind === 'ready') void begin(false);
    }),
  );
  void begin(true);

  return {
    load,
    view,
    loadMore() {
      loadingMore ??= loadMore().finally(() => {
        loadingMore = undefined;
      });
      return loadingMore;
    },
    dispose() {
      isDisposed = true;
      for (const dispose of disposers) dispose();
    },
  };
};
