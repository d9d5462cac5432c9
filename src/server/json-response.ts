import type { IncomingMessage, ServerResponse } from 'node:http';
import type { GraphQLError } from 'graphql';
import { discardBody } from './body.ts';
import { badInputExtensions, httpStatusOf, toWire } from './mask-error.ts';

const jsonHeaders = {
  'content-type': 'application/json; charset=utf-8',
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
};

export const sendJson = (response: ServerResponse, status: number, body: object): void => {
  response.writeHead(status, jsonHeaders);
  response.end(JSON.stringify(body));
};

/** A masked error as the whole answer. */
export const sendError = (response: ServerResponse, error: GraphQLError): void =>
  sendJson(response, httpStatusOf(error), { errors: [toWire(error)] });

export const refuseMethod = (response: ServerResponse, allowed: readonly string[]): void => {
  response.writeHead(405, { allow: allowed.join(', ') }).end();
};

export const refusePayload = async (
  request: IncomingMessage,
  response: ServerResponse,
  maxBytes: number,
): Promise<void> => {
  const message = `The request body is too large: at most ${maxBytes} bytes are allowed.`;
  const body = JSON.stringify({ errors: [{ message, extensions: badInputExtensions }] });
  response.writeHead(413, { ...jsonHeaders, connection: 'close', 'content-length': Buffer.byteLength(body) });
  response.write(body);
  await discardBody(request);
  response.end();
};
