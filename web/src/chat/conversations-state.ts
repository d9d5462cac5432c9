import type { ConversationPartsFragment, ViewerEventsSubscription } from '../generated/graphql.ts';

export type ViewerEvent = ViewerEventsSubscription['messageReceived'];

export interface ConversationSummary {
  readonly id: string;
  readonly title: string;
  readonly updatedAt: string;
  readonly unreadCount: number;
  readonly ownerId: string | undefined;
}

export interface Announcement {
  readonly id: string;
  readonly at: string;
  readonly text: string;
  readonly expiresAt: string;
}

export interface ConversationsView {
  /** Latest change first. */
  readonly conversations: readonly ConversationSummary[];
  /** Newest first. */
  readonly announcements: readonly Announcement[];
  readonly hasMore: boolean;
  readonly endCursor: string | null;
}

export interface ConversationsPage {
  readonly conversations: readonly ConversationPartsFragment[];
  readonly hasNextPage: boolean;
  readonly endCursor: string | null;
}

export interface ConversationsModel {
  view(): ConversationsView;
  /** The first page and the unread announcements; takes the place of all before. */
  begin(page: ConversationsPage, announcements: readonly Announcement[]): void;
  addMore(page: ConversationsPage): void;
  /** A conversation read by itself; null: it is no longer there. */
  put(id: string, conversation: ConversationPartsFragment | null): void;
  /** Gives the ids of conversations of which too little is known: they are to be read by `put`. */
  apply(event: ViewerEvent): readonly string[];
}

/** A message since the conversation was read, and whether it counts as unread. */
interface Recent {
  readonly id: string;
  readonly isOfOthers: boolean;
}

interface Entry {
  readonly summary: ConversationSummary;
  /** The last message when it was read: what came later is in `recent`. */
  readonly lastReadMessageId: string | undefined;
  readonly recent: readonly Recent[];
}

const later = (a: string, b: string): string => (a > b ? a : b);

const toEntry = (parts: ConversationPartsFragment): Entry => ({
  summary: {
    id: parts.id,
    title: parts.title,
    updatedAt: parts.updatedAt,
    unreadCount: parts.unreadCount,
    ownerId: parts.owner.id,
  },
  lastReadMessageId: parts.lastMessage?.id,
  recent: [],
});

const withSummary = (entry: Entry, change: Partial<ConversationSummary>): Entry => ({
  ...entry,
  summary: { ...entry.summary, ...change },
});

/** What is unread after a message was read, or undefined when that cannot be told from what came since. */
const unreadAfter = (entry: Entry, messageId: string): number | undefined => {
  const at = entry.recent.findIndex(({ id }) => id === messageId);
  if (at < 0 && messageId !== entry.lastReadMessageId) return undefined;
  return entry.recent.slice(at + 1).filter(({ isOfOthers }) => isOfOthers).length;
};

/** The list of conversations and the announcements, as their pages and the events of the viewer tell them. */
export const createConversationsModel = (viewerId: string): ConversationsModel => {
  let entries = new Map<string, Entry>();
  let announcements: readonly Announcement[] = [];
  /** The mark may overtake the announcement: they come by two topics. */
  const readAnnouncements = new Set<string>();
  let paging: Pick<ConversationsView, 'hasMore' | 'endCursor'> = { hasMore: false, endCursor: null };
  let view: ConversationsView = { conversations: [], announcements: [], ...paging };

  const render = () => {
    const conversations = [...entries.values()]
      .map(({ summary }) => summary)
      .sort((a, b) =>
        a.updatedAt === b.updatedAt ? (a.id < b.id ? 1 : -1) : a.updatedAt < b.updatedAt ? 1 : -1,
      );
    view = { conversations, announcements, ...paging };
  };

  const change = (id: string, update: (entry: Entry) => Entry): readonly string[] => {
    const entry = entries.get(id);
    if (!entry) return [id];
    entries.set(id, update(entry));
    return [];
  };

  const applyOne = (event: ViewerEvent): readonly string[] => {
    switch (event.__typename) {
      case 'MessageAdded':
        return change(event.conversationId, (entry) => {
          const { id, author } = event.message;
          if (id === entry.lastReadMessageId || entry.recent.some((recent) => recent.id === id)) return entry;
          const isOfOthers = author.id !== viewerId;
          const { updatedAt, unreadCount } = entry.summary;
          return {
            ...withSummary(entry, {
              updatedAt: later(event.at, updatedAt),
              // Who writes has read what is above: the server moves the mark with the message and tells nobody.
              unreadCount: isOfOthers ? unreadCount + 1 : 0,
            }),
            recent: [...entry.recent, { id, isOfOthers }],
          };
        });
      case 'ConversationUpdated':
        return change(event.conversationId, (entry) =>
          withSummary(entry, { title: event.title, updatedAt: later(event.at, entry.summary.updatedAt) }),
        );
      case 'ConversationRemoved':
        entries.delete(event.conversationId);
        return [];
      case 'ConversationRead': {
        const entry = entries.get(event.conversationId);
        if (!entry) return [];
        const unreadCount = unreadAfter(entry, event.messageId);
        if (unreadCount === undefined) return entry.summary.unreadCount > 0 ? [event.conversationId] : [];
        entries.set(event.conversationId, withSummary(entry, { unreadCount }));
        return [];
      }
      case 'BroadcastAdded': {
        const { broadcastId: id, at, text, expiresAt } = event;
        if (!readAnnouncements.has(id) && !announcements.some((known) => known.id === id))
          announcements = [{ id, at, text, expiresAt }, ...announcements];
        return [];
      }
      case 'BroadcastRead':
        readAnnouncements.add(event.broadcastId);
        announcements = announcements.filter(({ id }) => id !== event.broadcastId);
        return [];
      // An answer's place in time is that of its message: its end moves nothing in the list.
      case 'AnswerStarted':
      case 'AnswerDelta':
      case 'AnswerFinished':
      case 'AnswerStopped':
      case 'AnswerFailed':
      case 'Ready':
      case 'Resync':
        return [];
    }
  };

  return {
    view: () => view,
    begin(page, unread) {
      entries = new Map(page.conversations.map((parts) => [parts.id, toEntry(parts)]));
      announcements = unread.filter(({ id }) => !readAnnouncements.has(id));
      paging = { hasMore: page.hasNextPage, endCursor: page.endCursor };
      render();
    },
    addMore(page) {
      for (const parts of page.conversations)
        if (!entries.has(parts.id)) entries.set(parts.id, toEntry(parts));
      paging = { hasMore: page.hasNextPage, endCursor: page.endCursor };
      render();
    },
    put(id, conversation) {
      if (conversation) entries.set(id, toEntry(conversation));
      else entries.delete(id);
      render();
    },
    apply(event) {
      const wanted = applyOne(event);
      render();
      return wanted;
    },
  };
};
