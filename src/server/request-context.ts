import { badInput, EdAgentError } from '../domain/errors.ts';
import type { Context, Services } from '../schema/context.ts';
import type { Auth, AuthToken } from './auth.ts';

/** A token as the live connection holds it; `renewAuth` puts another in its place. */
export interface LiveAuth {
  readonly connectionId: string;
  readonly token: AuthToken;
  renew(token: AuthToken): void;
}

const maxResumeCursors = 2;

/** `extensions.after` of an operation. @throws BAD_INPUT when it is not a list of at most two strings. */
const parseResumeAfter = (extensions: unknown): readonly string[] | null => {
  if (typeof extensions !== 'object' || extensions === null || !('after' in extensions)) return null;
  const { after } = extensions;
  if (after === null || after === undefined) return null;
  const isList = Array.isArray(after) && after.every((cursor) => typeof cursor === 'string');
  if (!isList || after.length > maxResumeCursors) {
    throw badInput('extensions.after', `must be a list of at most ${maxResumeCursors} cursors.`);
  }
  return after;
};

export interface ContextParts {
  readonly services: Services;
  readonly auth: Auth;
  readonly token: AuthToken | null;
  readonly connectionId: string;
  /** Null: plain HTTP, where there is nothing to renew. */
  readonly live: LiveAuth | null;
  readonly extensions: unknown;
}

export const createContext = ({
  services,
  auth,
  token,
  connectionId,
  live,
  extensions,
}: ContextParts): Context => ({
  services,
  viewer: token && { userId: token.userId, name: token.name, role: token.role },
  tokenExpiresAt: token?.expiresAt ?? null,
  connectionId,
  typistId: live ? live.connectionId : 'http',
  resumeAfter: parseResumeAfter(extensions),
  async renewAuth(text) {
    if (!live)
      throw badInput('renewAuth', 'there is no live connection; send the new token with the next request.');
    const renewed = await auth.authenticate(/^bearer /i.test(text) ? text : `Bearer ${text}`);
    if (renewed.userId !== live.token.userId) {
      throw new EdAgentError('FORBIDDEN', 'The new token is of another user: connect again instead.');
    }
    // What runs on the connection was allowed by the role of its beginning.
    if (live.token.role === 'ADMIN' && renewed.role !== 'ADMIN') {
      throw new EdAgentError('FORBIDDEN', 'The new token has a lesser role: connect again instead.');
    }
    live.renew(renewed);
    return { role: renewed.role, expiresAt: renewed.expiresAt };
  },
});
