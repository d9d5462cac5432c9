import type { IncomingMessage } from 'node:http';
import type { Context as ConnectionContext } from 'graphql-ws';
import { closeCodes } from '../connections/close-codes.ts';
import type { RegisteredConnection } from '../connections/service-port.ts';
import { EdAgentError } from '../domain/errors.ts';
import type { Services } from '../schema/context.ts';
import { atTime } from '../util/at-time.ts';
import { newId } from '../util/id.ts';
import type { Auth, AuthToken } from './auth.ts';
import type { Outlet } from './fan-out.ts';
import type { LiveAuth } from './request-context.ts';
import { authorizationOf } from './ws-auth.ts';
import type { GuardedSocket } from './ws-socket.ts';

/** What a socket has once it is acknowledged. */
export interface Connected {
  readonly registered: RegisteredConnection;
  readonly live: LiveAuth;
  cancelExpiry: () => void;
}

/** What graphql-ws keeps for each socket on our behalf. */
export interface SocketState {
  readonly socket: GuardedSocket;
  readonly request: IncomingMessage;
  /** Where its subscriptions are delivered. */
  readonly outlet: Outlet;
  /** What graphql-ws knows of it; null until the client says hello. */
  context: ConnectionContext<Record<string, unknown>, unknown> | null;
  connected: Connected | null;
  isClosed: boolean;
}

export interface ConnectOptions {
  readonly auth: Auth;
  readonly services: Services;
}

const expireAt = (socket: GuardedSocket, token: AuthToken): (() => void) =>
  atTime(token.expiresAt, () => socket.close(closeCodes.forbidden, 'The token has expired: send a new one.'));

const toConnected = (state: SocketState, registered: RegisteredConnection, token: AuthToken): Connected => {
  let current = token;
  const connected: Connected = {
    registered,
    cancelExpiry: expireAt(state.socket, token),
    live: {
      connectionId: registered.id,
      get token() {
        return current;
      },
      renew(renewed) {
        current = renewed;
        connected.cancelExpiry();
        connected.cancelExpiry = expireAt(state.socket, renewed);
      },
    },
  };
  return connected;
};

/** Lets a socket in: token, user, limits. Resolves with the payload of `connection_ack`; throws to refuse. */
export const createConnect = ({ auth, services: { accounts, connections, limits } }: ConnectOptions) => {
  return async (state: SocketState, connectionParams: unknown): Promise<Record<string, unknown>> => {
    const token = await auth.authenticate(authorizationOf(connectionParams));
    await accounts.load(token);
    const registered = await connections.register({
      id: newId(),
      userId: token.userId,
      userName: token.name,
      transport: 'WEBSOCKET',
      userAgent: state.request.headers['user-agent'] ?? null,
      close: state.socket.close,
    });
    if (state.isClosed) {
      // It left while it was let in: nobody else would take it out again.
      registered.remove();
      throw new EdAgentError('UNAVAILABLE', 'The socket closed before it was acknowledged.');
    }
    state.connected = toConnected(state, registered, token);
    return {
      connectionId: registered.id,
      nodeId: connections.nodeId,
      userId: token.userId,
      serverTime: new Date().toISOString(),
      tokenExpiresAt: token.expiresAt.toISOString(),
      limits,
    };
  };
};
