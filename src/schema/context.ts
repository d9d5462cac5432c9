import type { Connections } from '../connections/service-port.ts';
import type { Accounts, Broadcasts, Conversations, Typing, Viewer } from '../conversations/port.ts';
import type { Role } from '../domain/entities.ts';

/** The limits a viewer is told of. */
export interface ViewerLimits {
  readonly messageLength: number;
  readonly messagesPerMinute: number;
  readonly connections: number;
  readonly subscriptionsPerConnection: number;
  readonly payloadBytes: number;
}

export interface Services {
  readonly accounts: Accounts;
  readonly conversations: Conversations;
  readonly typing: Typing;
  readonly broadcasts: Broadcasts;
  readonly connections: Connections;
  readonly limits: ViewerLimits;
}

/** What every resolver gets, the same on every transport. */
export interface Context {
  readonly services: Services;
  /** Null when no token was given; fields that need one refuse with UNAUTHENTICATED. */
  readonly viewer: Viewer | null;
  readonly tokenExpiresAt: Date | null;
  /** The connection of this operation; over plain HTTP an id made for the request. */
  readonly connectionId: string;
  /** Tells the devices of one user apart when they type: the connection; over plain HTTP, which has none, all are one. */
  readonly typistId: string;
  /** `extensions.after` of the operation, for clients that keep the cursors outside their documents. */
  readonly resumeAfter: readonly string[] | null;
  /** Puts a new token in place of the connection's. @throws FORBIDDEN for another subject, BAD_INPUT outside a connection. */
  readonly renewAuth: (token: string) => Promise<{ role: Role; expiresAt: Date }>;
}
