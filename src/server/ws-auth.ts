import { closeCodes } from '../connections/close-codes.ts';
import { OverloadedError } from '../connections/overloaded.ts';
import { EdAgentError } from '../domain/errors.ts';
import { AuthError } from './auth.ts';

/** Ends a handshake: what the client is told, and whether it comes back. */
export interface Rejection {
  readonly code: number;
  readonly reason: string;
}

/** The `authorization` of connectionParams; the key in any case. */
export const authorizationOf = (connectionParams: unknown): string | null => {
  if (typeof connectionParams !== 'object' || connectionParams === null) return null;
  for (const [key, value] of Object.entries(connectionParams)) {
    if (key.toLowerCase() === 'authorization' && typeof value === 'string') return value;
  }
  return null;
};

/** Null: not a refusal; a bug. */
export const toRejection = (error: unknown): Rejection | null => {
  if (error instanceof AuthError) {
    const code = error.reason === 'expired' ? closeCodes.forbidden : closeCodes.unauthorized;
    return { code, reason: error.message };
  }
  if (error instanceof OverloadedError) return { code: closeCodes.overloaded, reason: error.message };
  if (!(error instanceof EdAgentError)) return null;
  switch (error.code) {
    case 'UNAUTHENTICATED':
      return { code: closeCodes.unauthorized, reason: error.message };
    case 'RATE_LIMITED':
      return { code: closeCodes.forbidden, reason: error.message };
    default:
      return { code: closeCodes.tryAgainLater, reason: error.message };
  }
};
