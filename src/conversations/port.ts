import type {
  Broadcast,
  Conversation,
  Message,
  Participant,
  Profile,
  Role,
  User,
} from '../domain/entities.ts';
import type { FeedSubscription } from '../feed/port.ts';
import type { Page, PageArguments, WhileAnswering } from '../store/port.ts';
import type { PullSource } from '../util/pull-source.ts';

/** Who asks, from the token. */
export interface Viewer {
  readonly userId: string;
  readonly name: string;
  readonly role: Role;
}

/** The user and their context. */
export interface Accounts {
  /**
   * The viewer's user, created on first sight. Cached for a moment on each node.
   * @throws UNAUTHENTICATED when blocked.
   */
  load(viewer: Viewer): Promise<User>;
  /**
   * As `load`, for who needs no more than that the user exists and is not blocked: that holds for longer, until it is forgotten.
   * @throws UNAUTHENTICATED when blocked.
   */
  admit(viewer: Viewer): Promise<void>;
  /** Reads around the cache. */
  find(userId: string): Promise<User | null>;
  /** @throws BAD_INPUT goals over 2,000 characters, level over 200, more than 20 interests or one over 100. */
  updateProfile(viewer: Viewer, change: Partial<Profile>): Promise<User>;
  usage(viewer: Viewer): Promise<Usage>;
  /** Forgets what is cached of a user (their block or role changed). */
  forget(userId: string): void;
}

/** What the viewer used in the last 24 hours. */
export interface Usage {
  readonly since: string;
  readonly messages: number;
  readonly answers: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
}

export interface SendRequest {
  readonly clientMessageId: string;
  readonly conversationId: string | null;
  readonly text: string;
  readonly answer: boolean;
  readonly whileAnswering: WhileAnswering;
}

/** Outcome that a user interface branches on: an answer is open, or too many wait. */
export interface AnswerInProgressOutcome {
  readonly kind: 'answer-in-progress';
  /** The answer that is open. */
  readonly messageId: string;
}

export type SendResult =
  | {
      readonly kind: 'sent';
      readonly message: Message;
      readonly answer: Message | null;
      readonly conversation: Conversation;
      /** Just before the message, in `conversation:<id>`. */
      readonly cursor: string;
    }
  | AnswerInProgressOutcome;

export type RetryResult =
  | { readonly kind: 'created'; readonly answer: Message; readonly conversation: Conversation }
  | AnswerInProgressOutcome
  /** Only the last answer of a conversation can be retried. */
  | { readonly kind: 'not-last' };

/** All methods refuse with NOT_FOUND what is not the viewer's, FORBIDDEN what only the owner may, BAD_INPUT bad arguments. */
export interface Conversations {
  create(
    viewer: Viewer,
    input: { clientConversationId: string; title: string | null },
  ): Promise<Conversation>;
  /** Null when it does not exist or is not the viewer's. */
  find(viewer: Viewer, id: string): Promise<Conversation | null>;
  page(viewer: Viewer, page: PageArguments): Promise<Page<Conversation>>;
  messages(viewer: Viewer, conversationId: string, page: PageArguments): Promise<Page<Message>>;
  message(viewer: Viewer, id: string): Promise<Message | null>;
  unreadCount(viewer: Viewer, conversationId: string): Promise<number>;
  lastMessage(viewer: Viewer, conversationId: string): Promise<Message | null>;
  participants(viewer: Viewer, conversationId: string): Promise<Participant[]>;
  rename(viewer: Viewer, id: string, title: string): Promise<Conversation>;
  remove(viewer: Viewer, id: string): Promise<string>;
  addParticipant(viewer: Viewer, id: string, userId: string): Promise<Conversation>;
  removeParticipant(viewer: Viewer, id: string, userId: string): Promise<Conversation>;
  markRead(viewer: Viewer, id: string, messageId: string): Promise<Conversation>;
  /** @throws RATE_LIMITED beyond the viewer's messages a minute; a repeat does not count. */
  send(viewer: Viewer, request: SendRequest): Promise<SendResult>;
  stopAnswer(viewer: Viewer, messageId: string): Promise<Message>;
  retryAnswer(viewer: Viewer, input: { clientRetryId: string; messageId: string }): Promise<RetryResult>;
  /** `conversationId` null: all of the viewer's conversations. `after`: cursors as the client gave them. */
  subscribe(
    viewer: Viewer,
    conversationId: string | null,
    after: readonly string[],
  ): Promise<FeedSubscription>;
}

/** What the `typing` subscription yields. */
export interface TypingItem {
  readonly conversationId: string;
  readonly author: Message['author'];
  readonly isTyping: boolean;
  /** ISO 8601. For `isTyping: false`: when it ended. */
  readonly expiresAt: string;
}

export interface Typing {
  set(viewer: Viewer, connectionId: string, conversationId: string, isTyping: boolean): Promise<boolean>;
  /** The present typists first, then changes. Ends when the viewer's right ends. `return()` settles at once. */
  subscribe(viewer: Viewer, conversationId: string): Promise<PullSource<TypingItem>>;
  dispose(): Promise<void>;
}

export interface BroadcastRequest {
  readonly clientBroadcastId: string;
  readonly text: string;
  readonly userIds: readonly string[] | null;
  /** ISO 8601; null: after the configured time. */
  readonly expiresAt: string | null;
}

export interface Broadcasts {
  /** `connectionCount`: of those it was for, at that moment, over all nodes. */
  send(viewer: Viewer, request: BroadcastRequest): Promise<{ broadcast: Broadcast; connectionCount: number }>;
  page(page: PageArguments): Promise<Page<Broadcast>>;
  pageFor(viewer: Viewer, unreadOnly: boolean, page: PageArguments): Promise<Page<Broadcast>>;
  markRead(viewer: Viewer, id: string): Promise<Broadcast>;
}
