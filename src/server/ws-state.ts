import type { Duplex } from 'node:stream';
import { CloseCode, type Context as ConnectionContext } from 'graphql-ws';
import type { WebSocket } from 'ws';
import { closeCodes } from '../connections/close-codes.ts';
import type { RegisteredConnection } from '../connections/service-port.ts';
import type { FanOut, Outlet } from './fan-out.ts';
import type { MaskError } from './mask-error.ts';
import type { LiveAuth } from './request-context.ts';
import type { GuardedSocket, SocketGuard, SocketOwner } from './ws-socket.ts';

/** What a socket has once it is acknowledged. */
export interface Connected {
  readonly registered: RegisteredConnection;
  readonly live: LiveAuth;
  cancelExpiry(): void;
}

/** What graphql-ws keeps for each socket on our behalf. */
export interface SocketState {
  readonly socket: GuardedSocket;
  readonly userAgent: string | null;
  /** What it was sent, in protocol messages. */
  readonly messagesOut: number;
  /** Where its subscriptions are delivered. */
  readonly outlet: Outlet;
  /** What graphql-ws knows of it; null until the client says hello. */
  context: ConnectionContext<Record<string, unknown>, unknown> | null;
  connected: Connected | null;
  isClosed: boolean;
}

/** What the sockets of a node have in common. */
export interface SocketHost {
  readonly guard: SocketGuard;
  readonly fanOut: FanOut;
  readonly maskError: MaskError;
  /** True: the message begins a subscription that graphql-ws need not see. */
  readonly accept: (state: SocketState, data: string) => boolean;
}

/** graphql-ws throws for messages that only servers send. */
const isProtocolFault = (error: unknown): boolean =>
  error instanceof Error && error.message.startsWith('Unexpected message of type');

/** A class, not closures, because of what an idle socket weighs; for the same reason it does not keep the request. */
class State implements SocketState, SocketOwner, Outlet {
  readonly socket: GuardedSocket;
  readonly userAgent: string | null;
  context: SocketState['context'] = null;
  connected: Connected | null = null;
  isClosed = false;
  scheduled = 0;
  frames = '';
  frameCount = 0;
  turn = 0;
  messagesOut = 0;
  blocked: Outlet['blocked'] = null;
  readonly #host: SocketHost;

  constructor(host: SocketHost, socket: WebSocket, stream: Duplex, userAgent: string | null) {
    this.#host = host;
    this.userAgent = userAgent;
    this.socket = host.guard.guard(socket, stream, this);
  }

  get outlet(): Outlet {
    return this;
  }

  onStall(): void {
    this.socket.close(closeCodes.overLimit, 'Too slow to take what was subscribed to.');
  }

  onBroken(error: unknown): void {
    if (isProtocolFault(error)) {
      this.socket.close(CloseCode.BadRequest, 'Invalid message received');
      return;
    }
    this.#host.maskError(error);
    this.socket.close(closeCodes.tryAgainLater, 'Unexpected error.');
  }

  onIn(): void {
    this.connected?.registered.countIn();
  }

  accept(data: string): boolean {
    return this.#host.accept(this, data);
  }

  onOut(count: number): void {
    this.messagesOut += count;
  }

  get isWaiting(): boolean {
    return this.blocked !== null && this.blocked.length > 0;
  }

  onRoom(): void {
    this.#host.fanOut.resume(this);
  }
}

export interface SocketParts {
  readonly socket: WebSocket;
  readonly stream: Duplex;
  readonly userAgent: string | null;
}

export const createSocketState = (
  host: SocketHost,
  { socket, stream, userAgent }: SocketParts,
): SocketState => new State(host, socket, stream, userAgent);
