import { EdAgentError, type ErrorCode, errorCodes } from '../domain/errors.ts';
import type { Access } from './access.ts';
import { CommandError } from './exit.ts';

/** The API over HTTP, one operation a call. Its errors end a command with the exit code that they mean. */
export interface Api {
  execute<T>(document: string, variables?: Record<string, unknown>): Promise<T>;
}

export interface WireError {
  readonly message: string;
  readonly extensions?: Readonly<Record<string, unknown>> | undefined;
}

interface WireResult {
  readonly data?: unknown;
  readonly errors?: readonly WireError[];
}

/** Long enough for a server that waits for its database. */
const timeoutMs = 15_000;

const isErrorCode = (code: unknown): code is ErrorCode =>
  typeof code === 'string' && Object.hasOwn(errorCodes, code);

/** A refusal with a code of ours, or a bug of the server, which its log knows by the id. */
export const toApiError = ({ message, extensions = {} }: WireError): Error => {
  const { code, errorId } = extensions;
  if (isErrorCode(code)) return new EdAgentError(code, message);
  return new CommandError(
    'failed',
    `The server failed: ${message}${errorId ? ` (its log has ${errorId})` : ''}`,
  );
};

const reasonOf = (error: unknown): string => {
  const cause = error instanceof Error && error.cause ? error.cause : error;
  if (!(cause instanceof Error)) return String(cause);
  return 'code' in cause && typeof cause.code === 'string' ? cause.code : cause.message;
};

const unreachable = (url: string, error: unknown): CommandError =>
  new CommandError(
    'unreachable',
    `No server answers at ${url} (${reasonOf(error)}): start one with "edagent serve", or say with --url where it is.`,
    { cause: error },
  );

const isResult = (value: unknown): value is WireResult =>
  typeof value === 'object' && value !== null && ('data' in value || 'errors' in value);

const parse = (url: string, status: number, text: string): WireResult => {
  let result: unknown;
  try {
    result = JSON.parse(text);
  } catch {
    // Told below.
  }
  if (isResult(result)) return result;
  throw new CommandError(
    'unreachable',
    `What answers at ${url} is not this API (HTTP ${status}): check --url.`,
  );
};

export const createApi = ({ httpUrl, token }: Access, signal: AbortSignal): Api => ({
  async execute<T>(document: string, variables: Record<string, unknown> = {}) {
    const headers = { 'content-type': 'application/json', authorization: `Bearer ${await token()}` };
    const body = JSON.stringify({ query: document, variables });
    let status: number;
    let text: string;
    try {
      const response = await fetch(httpUrl, {
        method: 'POST',
        headers,
        body,
        signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
      });
      status = response.status;
      text = await response.text();
    } catch (error) {
      throw unreachable(httpUrl, error);
    }
    const { data, errors = [] } = parse(httpUrl, status, text);
    const [first] = errors;
    if (first) throw toApiError(first);
    return data as T;
  },
});
