import { closeCodes } from '../connections/close-codes.ts';
import type { RegisteredConnection } from '../connections/service-port.ts';
import { EdAgentError } from '../domain/errors.ts';
import type { Services } from '../schema/context.ts';
import { atTime } from '../util/at-time.ts';
import { newId } from '../util/id.ts';
import type { Auth, AuthToken } from './auth.ts';
import type { LiveAuth } from './request-context.ts';
import { authorizationOf } from './ws-auth.ts';
import type { GuardedSocket } from './ws-socket.ts';
import type { Connected, SocketState } from './ws-state.ts';

export interface ConnectOptions {
  readonly auth: Auth;
  readonly services: Services;
}

const expireAt = (socket: GuardedSocket, token: AuthToken): (() => void) =>
  atTime(token.expiresAt, () => socket.close(closeCodes.forbidden, 'The token has expired: send a new one.'));

class LiveConnection implements Connected, LiveAuth {
  readonly registered: RegisteredConnection;
  token: AuthToken;
  readonly #socket: GuardedSocket;
  #cancelExpiry: () => void;
  #isOver: boolean;

  constructor(socket: GuardedSocket, registered: RegisteredConnection, token: AuthToken) {
    this.#socket = socket;
    this.registered = registered;
    this.token = token;
    this.#isOver = false;
    this.#cancelExpiry = expireAt(socket, token);
  }

  get live(): LiveAuth {
    return this;
  }

  get connectionId(): string {
    return this.registered.id;
  }

  cancelExpiry(): void {
    this.#isOver = true;
    this.#cancelExpiry();
  }

  renew(token: AuthToken): void {
    this.token = token;
    this.#cancelExpiry();
    // A renewal may be under way while the socket closes; nobody would cancel this one.
    if (!this.#isOver) this.#cancelExpiry = expireAt(this.#socket, token);
  }
}

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
      userAgent: state.userAgent,
      sent: state,
      close: (code, reason) => state.socket.close(code, reason),
    });
    if (state.isClosed) {
      // It left while it was let in: nobody else would take it out again.
      registered.remove();
      throw new EdAgentError('UNAVAILABLE', 'The socket closed before it was acknowledged.');
    }
    state.connected = new LiveConnection(state.socket, registered, token);
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
