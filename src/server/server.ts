import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { GraphQLSchema } from 'graphql';
import { ConfigError } from '../domain/errors.ts';
import type { Services } from '../schema/context.ts';
import type { Log } from '../util/log.ts';
import type { Auth } from './auth.ts';
import { readBody } from './body.ts';
import { type Health, type HealthReport, liveReport, readyReport } from './health.ts';
import { refuseMethod, refusePayload, sendError, sendJson } from './json-response.ts';
import { badInputExtensions, createMaskError } from './mask-error.ts';
import { createPipeline, graphqlMethods, graphqlPath } from './pipeline.ts';
import { pathOf } from './request-path.ts';
import { createUsualRequests } from './usual-requests.ts';
import type { Web } from './web.ts';
import { createWebSockets } from './ws.ts';

export interface ServerOptions {
  readonly schema: GraphQLSchema;
  readonly services: Services;
  readonly auth: Auth;
  readonly health: Health;
  readonly log: Log;
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
  readonly isGraphiqlOn: boolean;
  /** The chat and the admin page; null: not served. */
  readonly web: Web | null;
  /** How often sockets are pinged; one that did not answer is cut. @default 15_000 */
  readonly pingEveryMs?: number;
  /** How long a peer may take nothing of what waits for it. @default 10_000 */
  readonly stallMs?: number;
}

export interface Server {
  /** Base address, without a path. */
  readonly url: string;
  /** No new connections, so that a balancer goes elsewhere at once; those that are open go on. */
  stopListening(): void;
  /** No new requests or sockets either; those that are open get their close. */
  dispose(): Promise<void>;
}

/** A request that comes slower than this is cut off; answers may last as long as they like. */
const requestTimeouts = { headersTimeout: 15_000, requestTimeout: 60_000 };

/** A body that was read before, as Yoga takes one: by its keys, of which a buffer has one for each byte. */
const toReadBody = (bytes: Buffer): AsyncIterable<Buffer> & { readonly bytes: Buffer } => ({
  bytes,
  async *[Symbol.asyncIterator]() {
    yield bytes;
  },
});

const listen = (server: ReturnType<typeof createHttpServer>, port: number, host: string): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const why = error.code === 'EADDRINUSE' ? 'the port is in use' : error.code;
      reject(
        new ConfigError(`config: cannot listen on HOST ${host}, PORT ${port}: ${why}`, { cause: error }),
      );
    });
    server.listen(port, host, resolve);
  });

export const createServer = async (options: ServerOptions): Promise<Server> => {
  const { schema, services, auth, health, log, host, port, isGraphiqlOn, web } = options;
  const { pingEveryMs, stallMs } = options;
  const timing = {
    ...(pingEveryMs === undefined ? {} : { pingEveryMs }),
    ...(stallMs === undefined ? {} : { stallMs }),
  };
  const maskError = createMaskError(log);
  const pipeline = createPipeline({ schema, services, auth, maskError, log, isGraphiqlOn, ...timing });
  const usualRequests = createUsualRequests({ pipeline, services, auth, maskError });
  const { payloadBytes } = services.limits;

  const serveGraphql = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    if (!graphqlMethods.includes(request.method ?? '')) {
      refuseMethod(response, graphqlMethods);
      return;
    }
    if (request.method === 'POST') {
      const body = await readBody(request, payloadBytes);
      if (body.kind === 'broken') return;
      if (body.kind === 'too-large') return refusePayload(request, response, payloadBytes);
      const responded = await usualRequests.respond(request, response, body.bytes);
      if (responded.kind === 'done') return;
      Object.assign(request, { body: toReadBody(body.bytes) });
      if (responded.kind === 'failed') {
        await pipeline(request, response, { req: request, res: response, result: responded.result });
        return;
      }
    }
    await pipeline(request, response, { req: request, res: response });
  };

  const report = (response: ServerResponse, { status, body }: HealthReport): void =>
    sendJson(response, status, body);

  const respondNothing = (response: ServerResponse, path: string): void => {
    if (path === '/' && isGraphiqlOn) {
      response.writeHead(302, { location: graphqlPath }).end();
      return;
    }
    const why = web?.isPagePath(path)
      ? 'The page is not built; "npm run build" builds it'
      : 'There is nothing here';
    sendJson(response, 404, { errors: [{ message: `${why}; the API is at ${graphqlPath}.` }] });
  };

  const route = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const path = pathOf(request);
    switch (path) {
      case graphqlPath:
        return serveGraphql(request, response);
      case '/health/live':
        return report(response, liveReport());
      case '/health/ready':
        return report(response, await readyReport(health));
      case null:
        sendJson(response, 400, {
          errors: [{ message: 'Host and path make no address.', extensions: badInputExtensions }],
        });
        return;
      default:
        if (!(await web?.respond(path, request, response))) respondNothing(response, path);
    }
  };

  const http = createHttpServer(requestTimeouts, (request, response) => {
    route(request, response).catch((error: unknown) => {
      const masked = maskError(error);
      if (response.headersSent || response.destroyed) response.destroy();
      else sendError(response, masked);
    });
  });
  const webSockets = createWebSockets({
    server: http,
    schema,
    pipeline,
    services,
    auth,
    maskError,
    log,
    isDraining: health.isDraining,
    ...timing,
  });
  await listen(http, port, host);
  const address = http.address() as AddressInfo;
  const shownHost = address.family === 'IPv6' ? `[${address.address}]` : address.address;

  return {
    url: `http://${shownHost}:${address.port}`,
    stopListening() {
      http.close();
    },
    async dispose() {
      const closed = new Promise<void>((resolve) => http.close(() => resolve()));
      await webSockets.dispose();
      http.closeIdleConnections();
      const timer = setTimeout(() => http.closeAllConnections(), 1_000);
      await closed;
      clearTimeout(timer);
    },
  };
};
