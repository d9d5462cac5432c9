import type { FailureCode } from '../domain/answer.ts';
import { ChunkError } from './chat-chunk.ts';
import { TutorError } from './port.ts';

/** Where in a call it failed: before the answer began to stream, or after. */
export type CallPhase = 'request' | 'stream';

const contextWording =
  /context[_ ](length|size|window)|maximum context|context the overflows|reduce the length|prompt is too long|token count.{0,40}exceed/i;
const rateWording = /rate[_ ]?limit|too many requests/i;

const maxDetail = 200;

/** The code for a status that is no success. `body` is consulted where one status stands for several causes. */
export const codeOfStatus = (status: number, body: string): FailureCode => {
  if (status === 429) return 'TUTOR_RATE_LIMITED';
  if (status === 413) return 'CONTEXT_TOO_LONG';
  // Some local servers report a full context as 500.
  if ([400, 422, 500].includes(status) && contextWording.test(body)) return 'CONTEXT_TOO_LONG';
  if (status === 408) return 'TUTOR_TIMEOUT';
  if (status >= 500) return 'TUTOR_UNREACHABLE';
  return 'TUTOR_REFUSED';
};

/** The code for an error object that came in the stream, after status 200. */
const codeOfStreamError = (detail: string): FailureCode => {
  if (contextWording.test(detail)) return 'CONTEXT_TOO_LONG';
  return rateWording.test(detail) ? 'TUTOR_RATE_LIMITED' : 'TUTOR_INTERRUPTED';
};

/**
 * Makes the errors of one endpoint. Their messages hold neither its address nor its key, and they have no cause: the errors
 * of the line carry the address, which has no place in a log.
 */
export interface Failures {
  /** What the endpoint answered in place of a stream. */
  ofStatus(status: number, body: string): TutorError;
  /** What was thrown by the line, or by what it carried. */
  ofCall(error: unknown, phase: CallPhase): TutorError;
}

export const createFailures = (endpoint: { baseUrl: string; apiKey: string | null }): Failures => {
  const secrets = [endpoint.apiKey, endpoint.baseUrl, ...hostsOf(endpoint.baseUrl)].filter((part) => !!part);
  const shorten = (text: string): string => {
    const safe = secrets.reduce<string>((rest, secret) => rest.replaceAll(secret ?? '', '[redacted]'), text);
    return safe.length > maxDetail ? `${safe.slice(0, maxDetail)}…` : safe;
  };
  const fail = (code: FailureCode, message: string) => new TutorError(code, shorten(message));
  const ofStream = (detail: unknown): TutorError => {
    const text = typeof detail === 'string' ? detail : JSON.stringify(detail);
    return fail(codeOfStreamError(text), `the model reported in the stream: ${text}`);
  };

  return {
    ofStatus: (status, body) => fail(codeOfStatus(status, body), `the model answered ${status}: ${body}`),
    ofCall(error, phase) {
      if (error instanceof TutorError) return error;
      if (error instanceof ChunkError) return ofStream(error.detail);
      return phase === 'request'
        ? fail('TUTOR_UNREACHABLE', `the model could not be reached: ${reasonOf(error)}`)
        : fail('TUTOR_INTERRUPTED', `the model broke off: ${reasonOf(error)}`);
    },
  };
};

const hostsOf = (url: string): string[] => {
  if (!URL.canParse(url)) return [];
  const { host, hostname } = new URL(url);
  return [host, hostname];
};

/** The system's code of the innermost cause (ECONNREFUSED, ENOTFOUND …), else the message. */
const reasonOf = (error: unknown): string => {
  let reason = isErrorLike(error) ? error.message : String(error);
  for (let cause = error; isErrorLike(cause); cause = cause.cause) {
    if (typeof cause.code === 'string') reason = cause.code;
  }
  return reason;
};

/** By shape: errors of the system and of other realms are not always instances of this realm's Error. */
const isErrorLike = (value: unknown): value is { message: string; code?: unknown; cause?: unknown } =>
  typeof value === 'object' && value !== null && 'message' in value && typeof value.message === 'string';
