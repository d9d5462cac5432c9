import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import { type DocumentNode, type ExecutionResult, getOperationAST } from 'graphql';
import { LRUCache } from 'lru-cache';
import type { Services } from '../schema/context.ts';
import { newId } from '../util/id.ts';
import { isObject } from '../util/is-object.ts';
import type { Auth } from './auth.ts';
import type { MaskError } from './mask-error.ts';
import { graphqlMethods, type Pipeline } from './pipeline.ts';
import { createContext } from './request-context.ts';

/**
 * The request that comes nearly always: a query or a mutation, as JSON by POST, whose document was parsed and validated before. It is
 * executed here, by Yoga's pipeline, without the way there and back through the types of the fetch API. Everything else is
 * Yoga's: other methods and media types, subscriptions, requests that are malformed or invalid, and every result with an error,
 * whose status Yoga tells.
 */
export interface UsualRequests {
  respond(request: IncomingMessage, response: ServerResponse, body: Buffer): Promise<Responded>;
}

export type Responded =
  | { readonly kind: 'done' }
  /** Nothing was done. */
  | { readonly kind: 'unusual' }
  /** It was executed, and Yoga is to send what became of it. */
  | { readonly kind: 'failed'; readonly result: ExecutionResult };

export interface UsualRequestsOptions {
  readonly pipeline: Pipeline;
  readonly services: Services;
  readonly auth: Auth;
  readonly maskError: MaskError;
}

interface Params {
  readonly query: string;
  readonly operationName?: string | null;
  readonly variables?: Record<string, unknown> | null;
  readonly extensions?: Record<string, unknown> | null;
}

/** What Yoga's pipeline made of a document. */
interface Plan extends Pick<ReturnType<Pipeline['getEnveloped']>, 'schema' | 'execute'> {
  readonly document: DocumentNode;
}

const maxPlans = 500;
/** Of a client that writes its values into the document; nothing of it would be met again. */
const maxTextLength = 10_000;

const paramNames = new Set(['query', 'variables', 'operationName', 'extensions']);

const isParams = (value: unknown): value is Params => {
  if (!isObject(value)) return false;
  const { query, operationName = null, variables = null, extensions = null } = value;
  return (
    typeof query === 'string' &&
    (operationName === null || typeof operationName === 'string') &&
    (variables === null || isObject(variables)) &&
    (extensions === null || isObject(extensions)) &&
    Object.keys(value).every((name) => paramNames.has(name))
  );
};

const parseParams = (body: Buffer): Params | null => {
  try {
    const value: unknown = JSON.parse(body.toString());
    return isParams(value) ? value : null;
  } catch {
    return null;
  }
};

const isJson = (type: string | undefined): boolean =>
  type === 'application/json' || type?.startsWith('application/json;') === true;

/** By the `accept` of browsers, of the usual clients, and of those who send none; null: Yoga finds out. */
const responseTypes = new Map([
  [undefined, 'application/json'],
  ['*/*', 'application/json'],
  ['application/json', 'application/json'],
  ['application/json, text/plain, */*', 'application/json'],
  ['application/graphql-response+json', 'application/graphql-response+json'],
  ['application/graphql-response+json, application/json', 'application/graphql-response+json'],
  ['application/graphql-response+json,application/json;q=0.9', 'application/graphql-response+json'],
  [
    'application/graphql-response+json, application/graphql+json, application/json, text/event-stream, multipart/mixed',
    'application/graphql-response+json',
  ],
]);

/** Of the answer to a request like this; null when Yoga has to find out. */
const toHeaders = (headers: IncomingHttpHeaders): Record<string, string> | null => {
  const type = responseTypes.get(headers.accept);
  if (!type || !isJson(headers['content-type'])) return null;
  const contentType = `${type}; charset=utf-8`;
  const { origin } = headers;
  if (origin === undefined) return { 'content-type': contentType };
  if (headers['access-control-request-headers'] !== undefined) return null;
  return {
    'content-type': contentType,
    'access-control-allow-origin': origin,
    vary: 'Origin',
    'access-control-allow-methods': graphqlMethods.join(', '),
  };
};

export const createUsualRequests = (options: UsualRequestsOptions): UsualRequests => {
  const { pipeline, services, auth, maskError } = options;
  const plans = new LRUCache<string, Plan>({ max: maxPlans });

  /** Null for what is not valid, and for subscriptions. */
  const createPlan = (params: Params): Plan | null => {
    const { parse, validate, schema, execute } = pipeline.getEnveloped({ params });
    try {
      const document: DocumentNode = parse(params.query);
      if (validate(schema, document).length > 0) return null;
      const operation = getOperationAST(document, params.operationName);
      return operation && operation.operation !== 'subscription' ? { schema, document, execute } : null;
    } catch {
      return null;
    }
  };

  const findPlan = (params: Params): Plan | null => {
    const { query, operationName = null } = params;
    if (query.length > maxTextLength) return null;
    const key = `${operationName?.length ?? -1}:${operationName ?? ''}${query}`;
    const known = plans.get(key);
    if (known) return known;
    const plan = createPlan(params);
    if (plan) plans.set(key, plan);
    return plan;
  };

  const run = async (
    { schema, document, execute }: Plan,
    { operationName, variables, extensions }: Params,
    { headers }: IncomingMessage,
  ): Promise<ExecutionResult> => {
    try {
      const { authorization } = headers;
      const token = authorization === undefined ? null : await auth.authenticate(authorization);
      const result: ExecutionResult = await execute({
        schema,
        document,
        operationName,
        variableValues: variables,
        contextValue: createContext({ services, auth, token, connectionId: newId(), live: null, extensions }),
      });
      return result;
    } catch (error) {
      return { errors: [maskError(error)] };
    }
  };

  return {
    async respond(request, response, body) {
      const headers = toHeaders(request.headers);
      const params = headers && parseParams(body);
      const plan = params && findPlan(params);
      if (!plan) return { kind: 'unusual' };
      const result = await run(plan, params, request);
      if (result.errors || result.extensions) return { kind: 'failed', result };
      const text = JSON.stringify(result);
      response.writeHead(200, { ...headers, 'content-length': Buffer.byteLength(text) }).end(text);
      return { kind: 'done' };
    },
  };
};
