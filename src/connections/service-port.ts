import type { User } from '../domain/entities.ts';
import type { ConnectionInfo, NodeInfo, RatePoint } from './port.ts';

/** A connection of this node, as the transports register it. */
export interface NewConnection {
  readonly id: string;
  readonly userId: string;
  readonly userName: string;
  readonly transport: ConnectionInfo['transport'];
  readonly userAgent: string | null;
  /** Counts the messages that it is sent. Looked at now and then: to be told of each would cost more than to send it. */
  readonly sent: { readonly messagesOut: number };
  /** Ends the connection on the wire with a close code and a reason the client may see. */
  readonly close: (code: number, reason: string) => void;
}

export interface RegisteredConnection {
  readonly id: string;
  countIn(): void;
  subscriptionBegan(): void;
  subscriptionEnded(): void;
  /** Idempotent. */
  remove(): void;
}

/** The state of the cluster, or, for a learner, of their own connections. */
export interface StatusSnapshot {
  readonly at: string;
  readonly connectionCount: number;
  readonly userCount: number;
  readonly nodes: readonly NodeInfo[];
  readonly rates: RatePoint;
}

export interface ConnectionFilter {
  readonly userId?: string;
  readonly nodeId?: string;
}

export interface ConnectionPage {
  readonly rows: readonly ConnectionInfo[];
  readonly totalCount: number;
  readonly endCursor: string | null;
  readonly hasNextPage: boolean;
}

export interface Connections {
  readonly nodeId: string;
  /** @throws RATE_LIMITED when the user has too many, UNAVAILABLE when the node has too many. */
  register(connection: NewConnection): Promise<RegisteredConnection>;
  /** `userId`: only this user's (a learner's view); null: the whole cluster. */
  status(userId: string | null): Promise<StatusSnapshot>;
  /** The points of the last `minutes` (1 to 15), oldest first. */
  history(minutes: number): Promise<readonly RatePoint[]>;
  /** Longest connected first. */
  page(filter: ConnectionFilter, first: number, after: string | null): Promise<ConnectionPage>;
  /** A new status when something changed, at most one a second, the present one first. `return()` settles at once. */
  watchStatus(): AsyncIterableIterator<StatusSnapshot>;
  /** Cuts connections on every node (close code 4292). Returns how many it was for. */
  disconnect(by: { connectionId: string } | { userId: string }, reason: string | null): Promise<number>;
  /** Stored; cuts the user's connections on every node (4401) when blocked. @throws NOT_FOUND for an unknown user. */
  setUserBlocked(userId: string, blocked: boolean, reason: string | null): Promise<User>;
  /** How many connections of these users there are; null: of all. */
  countOf(userIds: readonly string[] | null): Promise<number>;
  /** Counters for the rates. */
  countMessage(): void;
  countDelta(): void;
  countAnswer(): void;
  countBroadcast(): void;
  countFirstToken(ms: number): void;
  /**
   * Ends all connections of this node (1001), for shutdown: one after the other within `withinMs`, sooner when they are few,
   * otherwise all their clients would come to the other nodes in one moment. Resolves when each was told.
   */
  closeAll(code: number, reason: string, withinMs: number): Promise<void>;
  dispose(): Promise<void>;
}
