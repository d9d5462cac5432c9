import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import {
  type ExecutionArgs,
  type ExecutionResult,
  type GraphQLError,
  type GraphQLSchema,
  getOperationAST,
} from 'graphql';
import { handleProtocols, makeServer, type ServerOptions, type SubscribePayload } from 'graphql-ws';
import { type WebSocket, WebSocketServer } from 'ws';
import { closeCodes } from '../connections/close-codes.ts';
import { badInput, EdAgentError } from '../domain/errors.ts';
import type { Services } from '../schema/context.ts';
import type { Log } from '../util/log.ts';
import type { Auth } from './auth.ts';
import { createFanOut } from './fan-out.ts';
import { type MaskError, toWire } from './mask-error.ts';
import { graphqlPath, type Pipeline } from './pipeline.ts';
import { pathOf, refuseUpgrade } from './request-path.ts';
import { type Rejection, toRejection } from './ws-auth.ts';
import { createConnect } from './ws-connect.ts';
import { createSocketGuard } from './ws-socket.ts';
import { createSocketState, type SocketHost, type SocketState } from './ws-state.ts';
import { createWsSubscriptions } from './ws-subscriptions.ts';

/**
 * graphql-transport-ws on the path of the API, through Yoga's own pipeline: parse, validate, context, limits and masking
 * are those of HTTP. A connection:
 *
 *     opened ──(connection_init: token, user, limits)──▶ acknowledged ──▶ closed
 */
export interface WebSocketsOptions {
  readonly server: Server;
  readonly schema: GraphQLSchema;
  readonly pipeline: Pipeline;
  readonly services: Services;
  readonly auth: Auth;
  readonly maskError: MaskError;
  readonly log: Log;
  readonly isDraining: () => boolean;
  /** @default 15_000 */
  readonly pingEveryMs?: number;
  /** How long a peer may take nothing of more than 1 MB or 1,000 frames that wait for it. @default 10_000 */
  readonly stallMs?: number;
}

export interface WebSockets {
  dispose(): Promise<void>;
}

type Handlers = ServerOptions<Record<string, unknown>, SocketState>;
type HandlerContext = Parameters<NonNullable<Handlers['onConnect']>>[0];

const maxUnsentBytes = 1_024 ** 2;
const maxUnsentFrames = 1_000;
export const shutdownReason = 'This node is shutting down: connect again.';

export const createWebSockets = (options: WebSocketsOptions): WebSockets => {
  const { server, schema, pipeline, services, auth, maskError, log, isDraining } = options;
  const { pingEveryMs = 15_000, stallMs = 10_000 } = options;
  const { limits } = services;
  const closings = new Set<Promise<void>>();

  const connect = createConnect({ auth, services });
  const fanOut = createFanOut({ maskError });
  const wsSubscriptions = createWsSubscriptions({ schema, pipeline, services, auth, maskError, fanOut });
  const guard = createSocketGuard({ pingEveryMs, maxUnsentBytes, maxUnsentFrames, stallMs });
  const onSocketError = (error: Error): void => log.debug({ err: error }, 'a socket broke');

  const rejectionOf = (error: unknown): Rejection => {
    const rejection = toRejection(error);
    if (rejection) return rejection;
    maskError(error);
    return { code: closeCodes.tryAgainLater, reason: 'Unexpected error.' };
  };

  const toArgs = async (
    { extra, subscriptions }: HandlerContext,
    payload: SubscribePayload,
  ): Promise<ExecutionArgs | readonly GraphQLError[]> => {
    const { connected } = extra;
    if (!connected) throw new EdAgentError('UNAUTHENTICATED');
    if (Object.keys(subscriptions).length > limits.subscriptionsPerConnection) {
      throw new EdAgentError(
        'RATE_LIMITED',
        `Too many operations on one connection: at most ${limits.subscriptionsPerConnection}.`,
      );
    }
    const enveloped = pipeline.getEnveloped({ live: connected.live, params: payload });
    const document = enveloped.parse(payload.query);
    const errors = enveloped.validate(enveloped.schema, document);
    if (errors.length > 0) return errors.map(maskError);
    if (!getOperationAST(document, payload.operationName)) {
      throw badInput(
        'operationName',
        'names no operation of the document, or is missing where there are several.',
      );
    }
    return {
      schema: enveloped.schema,
      operationName: payload.operationName ?? null,
      document,
      variableValues: payload.variables ?? null,
      contextValue: await enveloped.contextFactory(),
      rootValue: { execute: enveloped.execute, subscribe: enveloped.subscribe },
    };
  };

  /** Nothing may get out: graphql-ws would close the socket under the client's other subscriptions. */
  const settle = async <T>(work: () => T): Promise<Awaited<T> | ExecutionResult> => {
    try {
      return await work();
    } catch (error) {
      return { errors: [maskError(error)] };
    }
  };

  const handlers: Handlers = {
    execute: (args) =>
      settle(() => (args.rootValue as EnvelopedRoot).execute({ ...args, rootValue: undefined })),
    subscribe: (args) =>
      settle(() => (args.rootValue as EnvelopedRoot).subscribe({ ...args, rootValue: undefined })),
    async onConnect(context) {
      context.extra.context = context;
      if (isDraining()) {
        context.extra.socket.close(closeCodes.goingAway, shutdownReason);
        return false;
      }
      try {
        const { connectionParams } = context;
        // The token need not stay in memory.
        Object.assign(context, { connectionParams: undefined });
        return await connect(context.extra, connectionParams);
      } catch (error) {
        const { code, reason } = rejectionOf(error);
        context.extra.socket.close(code, reason);
        return false;
      }
    },
    async onSubscribe(context, _id, payload) {
      // All of it is caught, as above.
      try {
        const args = await toArgs(context, payload);
        if (!('length' in args)) context.extra.connected?.registered.subscriptionBegan();
        return args;
      } catch (error) {
        return [maskError(error)];
      }
    },
    onNext: (_context, _id, _payload, _args, { errors, data, extensions }) =>
      errors && {
        errors: errors.map((error) => toWire(error).toJSON()),
        ...(data === undefined ? {} : { data }),
        ...(extensions === undefined ? {} : { extensions }),
      },
    // Also what graphql-ws itself made of something that was thrown.
    onError: (_context, _id, _payload, errors) => errors.map((error) => toWire(maskError(error)).toJSON()),
    onComplete(context) {
      context.extra.connected?.registered.subscriptionEnded();
    },
    onClose({ extra }) {
      extra.isClosed = true;
      extra.connected?.cancelExpiry();
      extra.connected?.registered.remove();
    },
  };

  const graphqlWs = makeServer(handlers);
  const wss = new WebSocketServer({
    noServer: true,
    maxPayload: limits.payloadBytes,
    handleProtocols,
    perMessageDeflate: false,
  });

  const host: SocketHost = { guard, fanOut, maskError, accept: wsSubscriptions.accept };

  const open = (socket: WebSocket, stream: Duplex, userAgent: string | null): void => {
    const state = createSocketState(host, { socket, stream, userAgent });
    const closed = graphqlWs.opened(state.socket, state);
    socket.on('error', onSocketError);
    socket.once('close', (code, reason) => {
      state.socket.release();
      const closing = closed(code, String(reason))
        .catch((error: unknown) => void maskError(error))
        .finally(() => {
          state.socket.letGo();
          closings.delete(closing);
        });
      closings.add(closing);
    });
  };

  const onUpgrade = (request: IncomingMessage, stream: Duplex, head: Buffer): void => {
    // Before anything is written, otherwise a peer that resets at once ends the process.
    stream.on('error', onSocketError);
    if (pathOf(request) !== graphqlPath) {
      refuseUpgrade(stream);
      return;
    }
    wss.handleUpgrade(request, stream, head, (socket) =>
      open(socket, stream, request.headers['user-agent'] ?? null),
    );
  };
  server.on('upgrade', onUpgrade);

  return {
    async dispose() {
      server.off('upgrade', onUpgrade);
      for (const client of wss.clients) client.close(closeCodes.goingAway, shutdownReason);
      const closing = new Promise<void>((resolve) => wss.close(() => resolve()));
      const timer = setTimeout(() => {
        for (const client of wss.clients) client.terminate();
      }, 1_000);
      await closing;
      clearTimeout(timer);
      await Promise.all(closings);
      fanOut.dispose();
      guard.dispose();
    },
  };
};

interface EnvelopedRoot {
  readonly execute: NonNullable<Handlers['execute']>;
  readonly subscribe: NonNullable<Handlers['subscribe']>;
}
