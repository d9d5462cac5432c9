import { GraphQLError, type GraphQLErrorOptions } from 'graphql';
import { EdAgentError, type ErrorCode } from '../domain/errors.ts';
import { newId } from '../util/id.ts';
import type { Log } from '../util/log.ts';

/**
 * The one place where errors get their form on the wire, on every transport. A refusal keeps its message and gets
 * `extensions: { code, temporary, field?, retryAfter? }` (`retryAfter` in whole seconds). What GraphQL itself found wrong
 * with the request is BAD_INPUT. Everything else is a bug: "Unexpected error." with an id that the log has too.
 *
 * `extensions.http` is for Yoga, which takes it out again; other transports do so by `toWire`.
 */
export type MaskError = (error: unknown) => GraphQLError;

/** Has its final form: masking it again changes nothing, otherwise a bug would become the caller's fault. */
class MaskedError extends GraphQLError {}

const httpStatus: Record<ErrorCode, number> = {
  UNAUTHENTICATED: 401,
  FORBIDDEN: 403,
  NOT_FOUND: 404,
  BAD_INPUT: 400,
  RATE_LIMITED: 429,
  UNAVAILABLE: 503,
};

interface HttpExtension {
  readonly status: number;
  readonly headers?: Record<string, string>;
  /** The specification wants 200 in its place for `accept: application/json`. */
  readonly spec?: true;
}

/** Stops at an error that was masked before. */
const causeOf = (error: unknown): unknown => {
  let cause = error;
  while (cause instanceof GraphQLError && !(cause instanceof MaskedError) && cause.originalError) {
    cause = cause.originalError;
  }
  return cause;
};

const placeOf = (error: unknown): GraphQLErrorOptions =>
  error instanceof GraphQLError
    ? {
        nodes: error.nodes ?? null,
        source: error.source ?? null,
        positions: error.positions ?? null,
        path: error.path ?? null,
      }
    : {};

/** Whether it came while a field was resolved; then the others have their results, and the request did not fail. */
const hasPath = (error: unknown): boolean => error instanceof GraphQLError && error.path !== undefined;

const retryAfterOf = ({ retryAfterMs }: EdAgentError): number | null =>
  retryAfterMs === undefined ? null : Math.ceil(retryAfterMs / 1_000);

/** The status of a request that failed as a whole. Without a login everything fails, wherever it was noticed. */
const httpOf = (error: EdAgentError, at: unknown): HttpExtension | null => {
  if (hasPath(at) && error.code !== 'UNAUTHENTICATED') return null;
  const retryAfter = retryAfterOf(error);
  return {
    status: httpStatus[error.code],
    ...(retryAfter === null ? {} : { headers: { 'retry-after': String(retryAfter) } }),
    ...(error.code === 'BAD_INPUT' ? { spec: true } : {}),
  };
};

const refusal = (error: EdAgentError, at: unknown): GraphQLError => {
  const http = httpOf(error, at);
  const retryAfter = retryAfterOf(error);
  return new MaskedError(error.message, {
    ...placeOf(at),
    extensions: {
      code: error.code,
      temporary: error.temporary,
      ...(error.field === undefined ? {} : { field: error.field }),
      ...(retryAfter === null ? {} : { retryAfter }),
      ...(http === null ? {} : { http }),
    },
  });
};

export const badInputExtensions = { code: 'BAD_INPUT', temporary: false } as const;

/** The body is no GraphQL request at all: 400 for every media type, not only for the newer one. */
const isMalformed = ({ extensions: { code, http } }: GraphQLError): boolean =>
  code === 'BAD_REQUEST' && (http as HttpExtension | undefined)?.status !== 405;

/** Found by graphql-js or by the limits on documents, not thrown by a resolver. */
const badRequest = (error: GraphQLError, at: GraphQLError): GraphQLError => {
  const http = isMalformed(error)
    ? { status: 400 }
    : (error.extensions.http ?? (hasPath(at) ? undefined : { status: 400, spec: true }));
  return new MaskedError(error.message, {
    ...placeOf(at),
    extensions: { ...badInputExtensions, ...(http === undefined ? {} : { http }) },
  });
};

/**
 * While fields are resolved graphql-js finds fault with the request only in arguments. Else it is our results that do not
 * fit the schema, and its message quotes them.
 */
const isOfRequest = (cause: GraphQLError, at: GraphQLError): boolean =>
  !hasPath(at) || cause.message.startsWith('Argument "');

export const createMaskError = (log: Log): MaskError => {
  const unexpected = (cause: unknown, at: unknown): GraphQLError => {
    const errorId = newId();
    log.error({ err: cause, errorId }, 'unexpected error');
    return new MaskedError('Unexpected error.', {
      ...placeOf(at),
      extensions: {
        code: 'INTERNAL',
        temporary: false,
        errorId,
        ...(hasPath(at) ? {} : { http: { status: 500 } }),
      },
    });
  };

  return (error) => {
    if (error instanceof MaskedError) return error;
    const cause = causeOf(error);
    if (cause instanceof MaskedError) {
      return new MaskedError(cause.message, { ...placeOf(error), extensions: cause.extensions });
    }
    if (cause instanceof EdAgentError) return refusal(cause, error);
    if (cause instanceof GraphQLError && error instanceof GraphQLError && isOfRequest(cause, error)) {
      return badRequest(cause, error);
    }
    return unexpected(cause, error);
  };
};

/** The status of an answer that is this masked error alone. */
export const httpStatusOf = ({ extensions: { http } }: GraphQLError): number =>
  (http as HttpExtension | undefined)?.status ?? 500;

/** A masked error without what only HTTP is to see. */
export const toWire = (error: GraphQLError): GraphQLError => {
  const { http, ...extensions } = error.extensions;
  return http === undefined ? error : new MaskedError(error.message, { ...placeOf(error), extensions });
};
