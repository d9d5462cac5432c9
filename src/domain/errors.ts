/**
 * Refusals: what the caller must fix. Every one has a code of a closed list, and reaches the client as
 * `extensions: { code, temporary, retryAfter? }` with its message as it stands here, so a message names the thing and
 * the fix and never an address, a query or a stack.
 */

export const errorCodes = {
  UNAUTHENTICATED: 'Sign in first: send a valid bearer token.',
  FORBIDDEN: 'You may not do this.',
  NOT_FOUND: 'There is no such thing, or it is not yours.',
  BAD_INPUT: 'The request is not valid.',
  RATE_LIMITED: 'Too many requests: try again later.',
  UNAVAILABLE: 'The service cannot do this right now: try again in a moment.',
} as const;

export type ErrorCode = keyof typeof errorCodes;

export interface EdAgentErrorOptions {
  /** Time after which the same request may succeed, in milliseconds. */
  readonly retryAfterMs?: number;
  /** The argument or input field at fault, as the schema spells it. */
  readonly field?: string;
  readonly cause?: unknown;
}

/** A refusal with a code. Knows nothing of GraphQL; `server/mask-error.ts` gives it its form on the wire. */
export class EdAgentError extends Error {
  readonly code: ErrorCode;
  readonly retryAfterMs: number | undefined;
  readonly field: string | undefined;

  constructor(code: ErrorCode, message: string = errorCodes[code], options: EdAgentErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'EdAgentError';
    this.code = code;
    this.retryAfterMs = options.retryAfterMs;
    this.field = options.field;
  }

  /** Whether the same request may succeed later without a change. */
  get temporary(): boolean {
    return this.code === 'RATE_LIMITED' || this.code === 'UNAVAILABLE';
  }
}

export const badInput = (field: string, message: string): EdAgentError =>
  new EdAgentError('BAD_INPUT', `${field}: ${message}`, { field });

export const notFound = (what: string): EdAgentError =>
  new EdAgentError('NOT_FOUND', `${what}: there is none with this id, or it is not yours.`);

export const unavailable = (message: string, cause?: unknown): EdAgentError =>
  new EdAgentError('UNAVAILABLE', message, { cause });

/** A setting that keeps the server from starting. The message names the variable and the fix. */
export class ConfigError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'ConfigError';
  }
}
