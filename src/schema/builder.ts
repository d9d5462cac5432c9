import SchemaBuilder from '@pothos/core';
import ErrorsPlugin from '@pothos/plugin-errors';
import ScopeAuthPlugin from '@pothos/plugin-scope-auth';
import { EdAgentError } from '../domain/errors.ts';
import type { Context } from './context.ts';
import { admitViewer, type SignedInContext } from './require-user.ts';

export interface SchemaShape {
  Context: Context;
  DefaultFieldNullability: false;
  Scalars: {
    ID: { Input: string; Output: string };
    Cursor: { Input: string; Output: string };
    /** In: ISO 8601 in UTC, whatever offset the client wrote. */
    DateTime: { Input: string; Output: string | Date };
  };
  AuthScopes: { authenticated: boolean; admin: boolean };
  AuthContexts: { authenticated: SignedInContext; admin: SignedInContext };
}

export const builder = new SchemaBuilder<SchemaShape>({
  plugins: [ErrorsPlugin, ScopeAuthPlugin],
  defaultFieldNullability: false,
  // No default types: a class listed here would send the messages of all its instances to clients, past the mask.
  errors: { defaultTypes: [], directResult: true },
  scopeAuth: {
    // Once at subscribe, otherwise every event would ask again, and a payload would touch the context.
    authorizeOnSubscribe: true,
    authScopes: (context) => ({
      authenticated: async () => {
        await admitViewer(context);
        return true;
      },
      admin: async () => {
        await admitViewer(context);
        return context.viewer?.role === 'ADMIN';
      },
    }),
    unauthorizedError: (_parent, context) =>
      context.viewer
        ? new EdAgentError('FORBIDDEN', 'Only an admin may do this.')
        : new EdAgentError('UNAUTHENTICATED'),
  },
});

/** Of a field that reads the store or the viewer: selecting it in a subscription takes that out of its cohort. */
export const needsContext = { needsContext: true } as const;

/**
 * Of a subscription field whose source is a PullSource that gives all its subscribers the same event objects, and which
 * resolves an event to itself: its subscriptions form cohorts.
 */
export const sharesEvents = { sharesEvents: true } as const;
