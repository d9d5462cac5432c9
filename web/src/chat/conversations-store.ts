import { type GraphqlClient, reasonOf } from '../graphql/client.ts';
import { subscribe } from '../graphql/subscribe.ts';
import { createStore, type Store } from '../ui/store.ts';
import { createTimers } from '../ui/timers.ts';
import {
  type Announcement,
  type ConversationsPage,
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
import { createLiveRead } from './live-read.ts';

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

interface Fetched extends ConversationsPage {
  readonly cursor: string;
}

/** The first page and the unread announcements, each with where the subscription goes on after it. */
interface Beginning {
  readonly page: Fetched;
  readonly cursor: string;
  readonly announcements: readonly Announcement[];
}

/** The viewer's conversations and announcements, live. */
export const createConversationsStore = (client: GraphqlClient, viewerId: string): ConversationsStore => {
  const model = createConversationsModel(viewerId);
  const load = createStore<ListState>({ kind: 'loading' });
  const view = createStore<ConversationsView>(model.view());
  const timers = createTimers();
  /** Read by themselves; events that come meanwhile make it once more. */
  const reading = new Map<string, boolean>();
  /** Events that came while the first page was read again: it may be older than they are. */
  let meanwhile: ViewerEvent[] = [];
  let isDisposed = false;
  let loadingMore: Promise<void> | undefined;

  const show = () => view.set(model.view());

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

  const fetchBeginning = async (): Promise<Beginning> => {
    meanwhile = [];
    const page = await fetchPage(null);
    // Those to some users only come by the viewer's topic, whose cursor is the page's: they are read after it.
    const { data, error } = await client.urql.query(AnnouncementsDocument, {}).toPromise();
    if (!data) throw error ?? new Error('No data.');
    const { cursor, edges } = data.viewer.broadcasts;
    return { page, cursor, announcements: edges.map(({ node }) => node) };
  };

  const readOne = async (id: string): Promise<void> => {
    if (reading.has(id)) {
      reading.set(id, true);
      return;
    }
    reading.set(id, false);
    const { data, error } = await client.urql.query(ConversationSummaryDocument, { id }).toPromise();
    const isStale = reading.get(id) === true;
    reading.delete(id);
    if (isDisposed) return;
    if (isStale) return readOne(id);
    if (!data || error) {
      timers.start(retryMs, () => void readOne(id));
      return;
    }
    model.put(id, data.conversation ?? null);
    show();
  };

  const live = createLiveRead<Beginning>({
    read: fetchBeginning,
    show({ page, announcements }) {
      model.begin(page, announcements);
      // Both those that are being read and those that events told of may be newer in the page, or older.
      const touched = new Set(reading.keys());
      for (const event of meanwhile) {
        if ('conversationId' in event) touched.add(event.conversationId);
        else model.apply(event);
      }
      meanwhile = [];
      for (const id of touched) void readOne(id);
      show();
      load.set({ kind: 'ready' });
    },
    follow: ({ page, cursor }, ended) =>
      subscribe(
        client.urql,
        ViewerEventsDocument,
        { after: [page.cursor, cursor] },
        {
          next({ messageReceived: event }) {
            if (live.isReading()) meanwhile.push(event);
            const wanted = model.apply(event);
            show();
            const touched =
              'conversationId' in event && reading.has(event.conversationId) ? [event.conversationId] : [];
            for (const id of new Set([...wanted, ...touched])) void readOne(id);
          },
          // A connection that ended says so for the whole page.
          ended: () => ended({ forGood: client.connection.get().kind === 'ended' }),
        },
      ),
    onFailed(error) {
      if (load.get().kind !== 'ready') load.set({ kind: 'failed', reason: reasonOf(error) });
    },
  });

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

  const stopResync = client.onResync(({ topics }) => {
    const isMine = topics.some((topic) => topic === 'broadcast' || topic === `user:${viewerId}`);
    if (isMine && load.get().kind === 'ready') live.refresh();
  });
  live.refresh();

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
      stopResync();
      live.dispose();
      timers.dispose();
    },
  };
};
