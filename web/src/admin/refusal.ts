import { TokenError } from '../auth/token-error.ts';

/** Why something was not done, as it is shown to the admin. */
export interface Refusal {
  /** As in the API, or NETWORK when no answer came. */
  readonly code: string;
  readonly message: string;
  /** The argument or input field at fault, as the schema spells it. */
  readonly field: string | null;
  /** What was asked for may have been done all the same: the answer got lost, or the server does not know. */
  readonly isUnsure: boolean;
}

export type Outcome<T> =
  | { readonly kind: 'done'; readonly value: T }
  | { readonly kind: 'refused'; readonly refusal: Refusal };

/** What urql's CombinedError holds. */
interface RequestError {
  readonly networkError?: Error | undefined;
  readonly graphQLErrors: readonly {
    readonly message: string;
    readonly extensions?: Record<string, unknown> | undefined;
  }[];
}

const toSentence = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

/** Refused before anything was done; with every other code the outcome is not known. */
const certainCodes = new Set(['UNAUTHENTICATED', 'FORBIDDEN', 'NOT_FOUND', 'BAD_INPUT', 'RATE_LIMITED']);

/** The server closes the socket of who is blocked, or whose token is not valid, with this, and the client stays away. */
const unauthorizedClose = 4401;

/** Why the socket was closed for good; null when it was not. What urql calls an error is then the close event. */
const closedFor = (error: object | undefined): string | null => {
  if (!error || !('code' in error) || error.code !== unauthorizedClose) return null;
  return 'reason' in error && typeof error.reason === 'string' && error.reason !== ''
    ? error.reason
    : 'Closed by the server';
};

export const toRefusal = ({ networkError, graphQLErrors }: RequestError): Refusal => {
  const [error] = graphQLErrors;
  const closed = closedFor(networkError);
  if (closed !== null) {
    return { code: 'UNAUTHENTICATED', message: `${closed}.`, field: null, isUnsure: true };
  }
  if (networkError instanceof TokenError) {
    return { code: 'NETWORK', message: networkError.message, field: null, isUnsure: false };
  }
  if (networkError || !error) {
    return { code: 'NETWORK', message: 'The server cannot be reached.', field: null, isUnsure: true };
  }
  const { code: given, field: named } = error.extensions ?? {};
  const code = typeof given === 'string' ? given : 'INTERNAL';
  const field = typeof named === 'string' ? named : null;
  const prefix = `${field}: `;
  const message = error.message.startsWith(prefix) ? error.message.slice(prefix.length) : error.message;
  return { code, message: toSentence(message), field, isUnsure: !certainCodes.has(code) };
};
