import type { AnswerFailure, AnswerUsage, ClosedState } from '../domain/answer.ts';
import type {
  Broadcast,
  Conversation,
  Message,
  Participant,
  Profile,
  Role,
  User,
} from '../domain/entities.ts';
import type { PlacedEvent } from '../domain/events.ts';
import type { Topic } from '../domain/topics.ts';

/**
 * The truth. Each method is one transaction (or one statement): it has happened in full or not at all, and what it
 * returns is committed. Methods that change something clients can observe return the events they placed, in the order of
 * their seqs, for the caller to announce; a caller that dies before has lost nothing, since feeds read what is missing.
 *
 * A transaction locks rows of its entities first and its topics last, in one sorted statement; deadlocks and
 * serialization failures are retried inside. When the database cannot be reached, methods reject with an EdAgentError
 * UNAVAILABLE. Ids that are well-formed but name nothing, and things the viewer has no right to, give null or
 * `not-found`: the two cannot be told apart.
 *
 * What is asked once a connection or once a subscription (`users.ensure`, `isParticipant`, `openIn`, `log.read`, `log.state`)
 * may share a statement with equal calls of the same moment. The statement begins after the call, so that nothing older is
 * seen than without sharing; a call that fails for what it asked fails alone. What is shared is not to be changed.
 */
export interface Store {
  readonly users: UserStore;
  readonly conversations: ConversationStore;
  readonly messages: MessageStore;
  readonly answers: AnswerStore;
  readonly broadcasts: BroadcastStore;
  readonly log: LogStore;
  readonly nodes: NodeStore;
  /** Resolves when the database answers a query. */
  ping(): Promise<void>;
  dispose(): Promise<void>;
}

export interface Committed<T> {
  readonly result: T;
  readonly placed: readonly PlacedEvent[];
}

export type PageArguments =
  | { readonly direction: 'forward'; readonly limit: number; readonly after: string | null }
  | { readonly direction: 'backward'; readonly limit: number; readonly before: string | null };

export interface Page<T> {
  /** In the order of the list, whichever direction was asked. */
  readonly rows: readonly T[];
  readonly hasPreviousPage: boolean;
  readonly hasNextPage: boolean;
  /** Seq of the topic that announces changes of this list, read in the same statement as the rows. */
  readonly seq: number;
  readonly epoch: string;
}

export interface UserStore {
  /** Creates the user with an empty profile on first sight; otherwise brings name and role up to date. */
  ensure(user: { id: string; name: string; role: Role }): Promise<User>;
  find(id: string): Promise<User | null>;
  findMany(ids: readonly string[]): Promise<User[]>;
  updateProfile(id: string, change: Partial<Profile>): Promise<User>;
  /** Null when there is no such user. */
  setBlocked(id: string, blocked: boolean, reason: string | null): Promise<User | null>;
}

export interface ConversationStore {
  /** Idempotent by (owner, clientConversationId); `conflict` when that id was used with another title. */
  create(input: {
    ownerId: string;
    clientConversationId: string;
    title: string | null;
  }): Promise<{ kind: 'conflict' } | ({ kind: 'created' } & Committed<Conversation>)>;
  /** Null when it does not exist or the viewer takes no part in it. */
  find(id: string, viewerId: string): Promise<Conversation | null>;
  /** Whether the user takes part in it now. */
  isParticipant(id: string, userId: string): Promise<boolean>;
  /** Those the viewer takes part in, latest change first. Cursor: of `user:<viewer>`. Keys in `after` are made by `conversationKey`. */
  page(viewerId: string, page: PageArguments): Promise<Page<Conversation>>;
  unreadCount(id: string, viewerId: string): Promise<number>;
  lastMessage(id: string): Promise<Message | null>;
  participants(id: string): Promise<Participant[]>;
  rename(id: string, viewerId: string, title: string): Promise<OwnerOutcome<Conversation>>;
  remove(id: string, viewerId: string): Promise<OwnerOutcome<string>>;
  /** `unknown-user` when the user does not exist; `full` beyond `maxParticipants`. */
  addParticipant(
    id: string,
    viewerId: string,
    userId: string,
  ): Promise<OwnerOutcome<Conversation> | { kind: 'unknown-user' } | { kind: 'full' }>;
  /** The owner removes anyone; others only themselves, which is to leave. `forbidden` for all else. */
  removeParticipant(id: string, viewerId: string, userId: string): Promise<OwnerOutcome<Conversation>>;
  /** Moves the read mark forward, never back. */
  markRead(id: string, viewerId: string, messageId: string): Promise<OwnerOutcome<Conversation>>;
}

export type OwnerOutcome<T> =
  | { readonly kind: 'not-found' }
  | { readonly kind: 'forbidden' }
  | ({ readonly kind: 'done' } & Committed<T>);

export type WhileAnswering = 'WAIT' | 'INTERRUPT' | 'REFUSE';

export interface SendInput {
  readonly author: { readonly id: string; readonly name: string };
  readonly clientMessageId: string;
  /** Null: in a new conversation. */
  readonly conversationId: string | null;
  readonly text: string;
  readonly answer: boolean;
  readonly whileAnswering: WhileAnswering;
  readonly tutorName: string;
}

export interface Sent {
  readonly message: Message;
  readonly answer: Message | null;
  readonly conversation: Conversation;
  /** Seq of `conversation:<id>` just before the message. */
  readonly seqBefore: number;
  readonly epoch: string;
  /** True when this clientMessageId had been sent before: nothing was changed. */
  readonly repeated: boolean;
  /** Answers whose producers must be told to stop (INTERRUPT). */
  readonly stopping: readonly string[];
  /** Answers that are to stop and that no live node makes: `closeUnmade` ends them. */
  readonly unmade: readonly string[];
}

export type SendOutcome =
  | ({ readonly kind: 'sent' } & Committed<Sent>)
  | { readonly kind: 'not-found' }
  /** The id was used before with other content. */
  | { readonly kind: 'conflict' }
  /** REFUSE while an answer is open, or too many wait. */
  | { readonly kind: 'answer-in-progress'; readonly messageId: string };

export interface MessageStore {
  send(input: SendInput): Promise<SendOutcome>;
  /** Whether this sender used this id before: what is sent under it is a repeat. */
  wasSent(authorId: string, clientMessageId: string): Promise<boolean>;
  /** With the text so far for an answer that is being made. */
  find(id: string, viewerId: string): Promise<Message | null>;
  /** Oldest first. Keys are made by `messageKey`. Null when the viewer takes no part in the conversation. Seq of `conversation:<id>`. */
  page(conversationId: string, viewerId: string, page: PageArguments): Promise<Page<Message> | null>;
  /** The last `limit` closed messages up to and with this one, oldest first, for the tutor. */
  historyUpTo(messageId: string, limit: number): Promise<Message[]>;
}

export interface AnswerLease {
  readonly messageId: string;
  readonly conversationId: string;
  /** The message that is answered. */
  readonly inReplyTo: string;
  /** The learner whose message is answered. */
  readonly askedBy: string;
  readonly attempt: number;
  /** Fences this holder's writes: each claim raises it, and a write under an older one changes nothing. */
  readonly generation: number;
  /** Seq of AnswerStarted in `conversation:<id>`. */
  readonly startedSeq: number;
  readonly startedAt: string;
}

export interface AnswerClosing {
  readonly messageId: string;
  readonly generation: number;
  readonly state: ClosedState;
  readonly text: string;
  readonly failure: AnswerFailure | null;
  readonly usage: AnswerUsage | null;
}

export interface HeldAnswer {
  readonly messageId: string;
  readonly generation: number;
  /** Its stop was requested. */
  readonly isStopping: boolean;
}

export interface Beat {
  /** What this node holds, whether it knows of it or not: the commit of a claim may be lost on its way back. */
  readonly held: readonly HeldAnswer[];
  /** Ids of the answers of all nodes whose stop was requested longer ago than `stopOverdueMs` and is not carried out. */
  readonly overdueStops: readonly string[];
  /** Whether `claimable` would name any, orphans too. */
  readonly isAnyClaimable: boolean;
}

/** What a claim came to. */
export interface Claimed extends Committed<AnswerLease | null> {
  /** Nobody may make it any more, and it is still open: `closeUnmade` ends it. */
  readonly isUnmade: boolean;
}

/** The text of one attempt as all nodes share it, which the store does not know. */
export interface SharedText {
  readonly attempt: number;
  readonly text: string;
}

export interface UnmadeAnswer {
  readonly messageId: string;
  readonly maxAttempts: number;
  /** Read before; it counts when it is of the last attempt and goes on where the checkpoint ends. */
  readonly shared: SharedText | null;
}

export interface OpenAnswer {
  readonly messageId: string;
  readonly attempt: number;
  readonly startedSeq: number;
  /** The text of the last checkpoint of this attempt. */
  readonly text: string;
}

export type StopOutcome =
  | { readonly kind: 'not-found' }
  /**
   * `stopping`: a live node makes it and must be told. `isUnmade`: none does, and `closeUnmade` ends it. Otherwise it is
   * closed now, or was before.
   */
  | ({
      readonly kind: 'done';
      readonly stopping: boolean;
      readonly isUnmade: boolean;
    } & Committed<Message>);

export type RetryOutcome =
  | ({ readonly kind: 'created' } & Committed<{
      readonly answer: Message;
      readonly conversation: Conversation;
      readonly repeated: boolean;
    }>)
  | { readonly kind: 'not-found' }
  | { readonly kind: 'conflict' }
  /** Only the last answer of a conversation can be retried. */
  | { readonly kind: 'not-last' }
  | { readonly kind: 'answer-in-progress'; readonly messageId: string };

export interface AnswerStore {
  /**
   * Ids of answers that may be claimed: waiting with none before them open, or given back; with `orphans` also those held by
   * a node whose lease ended.
   */
  claimable(limit: number, options: { orphans: boolean }): Promise<string[]>;
  /**
   * Takes the right to make this answer: the first claim places AnswerStarted, later ones (after the holder's lease ended)
   * raise attempt and generation. Null: not claimable (any more); with `isUnmade` when its stop was requested or
   * `maxAttempts` were lost.
   */
  claim(messageId: string, nodeId: string, maxAttempts: number): Promise<Claimed>;
  /**
   * Ends an answer whose stop was requested as stopped, and one that no live node holds and of which `maxAttempts` were
   * lost as failed. `closed` false: neither, or closed before.
   */
  closeUnmade(answer: UnmadeAnswer): Promise<Committed<{ closed: boolean }>>;
  /** Appends pieces of text to the checkpoints of this node's answers, one statement for all; stale generations change nothing. */
  checkpoint(
    pieces: readonly {
      messageId: string;
      generation: number;
      attempt: number;
      offset: number;
      text: string;
    }[],
  ): Promise<void>;
  /** Ends it once and for all. `closed` false: closed before, or the generation is stale. With a requested stop it is STOPPED. */
  close(closing: AnswerClosing): Promise<Committed<{ closed: boolean }>>;
  /** Renews this node's lease, as `nodes.renew`, and tells what there is to do, all in one statement whatever the node holds. */
  beat(nodeId: string, options: { leaseMs: number; stopOverdueMs: number }): Promise<Beat>;
  /**
   * Gives leases back so that any node may claim at once. `handedOver`: by a node that goes, with nothing lost, so that
   * these attempts do not count against the maximum.
   */
  release(
    leases: readonly { messageId: string; generation: number }[],
    how: { handedOver: boolean },
  ): Promise<void>;
  requestStop(messageId: string, viewerId: string): Promise<StopOutcome>;
  retry(input: {
    viewer: { id: string; name: string };
    messageId: string;
    clientRetryId: string;
    tutorName: string;
  }): Promise<RetryOutcome>;
  /** The answer being made in this conversation, if any, with its checkpoint; not one whose stop was requested. */
  openIn(conversationId: string): Promise<OpenAnswer[]>;
  /** How many answers each user got and the tokens they used, since a time. */
  usageOf(
    userId: string,
    since: string,
  ): Promise<{ messages: number; answers: number; inputTokens: number; outputTokens: number }>;
}

export interface BroadcastStore {
  /** Idempotent by (sender, clientBroadcastId). */
  add(input: {
    senderId: string;
    clientBroadcastId: string;
    text: string;
    userIds: readonly string[] | null;
    expiresAt: string;
  }): Promise<
    | ({ kind: 'added'; repeated: boolean } & Committed<Broadcast>)
    | { kind: 'conflict' }
    | { kind: 'unknown-users'; userIds: string[] }
  >;
  /** All that were sent, newest first. Seq of `broadcast`. */
  page(page: PageArguments): Promise<Page<Broadcast>>;
  /** Those to all since the user was created and those to the user, not expired, newest first. Seq of `broadcast`. */
  pageFor(userId: string, unreadOnly: boolean, page: PageArguments): Promise<Page<Broadcast>>;
  /** `not-found` when the user is not among those it was for. */
  markRead(id: string, userId: string): Promise<OwnerOutcome<Broadcast>>;
}

export interface TopicState {
  readonly topic: Topic;
  readonly seq: number;
  /** Events at or below it have been trimmed. */
  readonly floor: number;
}

/** Where a topic stands. */
export type TopicPosition = Pick<TopicState, 'topic' | 'seq'>;

export interface LogPage {
  readonly epoch: string;
  readonly state: TopicState;
  /** From `after + 1`, dense, at most `limit`. */
  readonly events: readonly PlacedEvent[];
}

export interface LogStore {
  /** The epoch as this node knows it; compared with the store at every connect. */
  epoch(): Promise<string>;
  /** Seq, floor and events after a seq, in one statement, so that they fit together. An unknown topic has seq 0. */
  read(topic: Topic, after: number, limit: number): Promise<LogPage>;
  states(topics: readonly Topic[]): Promise<{ epoch: string; states: TopicState[] }>;
  /** Of one topic. */
  state(topic: Topic): Promise<{ epoch: string; state: TopicState }>;
  /**
   * The topics changed since the `watermark` of the call before ('' for the first: none), and the new watermark. Costs by
   * changes, not by topics. A topic may be named twice over calls, never missed.
   */
  changedSince(watermark: string): Promise<{ epoch: string; watermark: string; changed: TopicPosition[] }>;
  /** Begins a new history if the epoch is still `expected`: all cursors end in Resync. Returns the epoch in force. */
  rotateEpoch(expected: string): Promise<string>;
  /**
   * Deletes events older than `maxAgeMs` and beyond `maxPerTopic`, raises the floors, and deletes what is left of the
   * checkpoints of closed answers. Returns the number of placements deleted.
   */
  trim(limits: { maxAgeMs: number; maxPerTopic: number }): Promise<number>;
}

export interface NodeStore {
  /** Begins or renews this node's lease, by the database's clock. One statement whatever the node holds. */
  renew(nodeId: string, leaseMs: number): Promise<void>;
  /** Ends it now. */
  end(nodeId: string): Promise<void>;
  /** Deletes nodes whose lease ended long ago. */
  prune(): Promise<void>;
  /** Notes that an admin cut a connection or a user off, for nodes that do not hear it by pub/sub. */
  addDisconnect(disconnect: Disconnect): Promise<void>;
  /** What nodes that did not hear it have to obey, of the last `ageMs` by the database's clock, in one statement. */
  recentCuts(ageMs: number): Promise<RecentCuts>;
}

export interface RecentCuts {
  /** Oldest first. */
  readonly disconnects: readonly Disconnect[];
  /** Of those who were blocked in that time and still are. */
  readonly blockedUserIds: readonly string[];
}

export interface Disconnect {
  readonly id: string;
  readonly connectionId: string | null;
  readonly userId: string | null;
  readonly reason: string | null;
}
