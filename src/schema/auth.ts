import type { Role } from '../domain/entities.ts';
import { builder } from './builder.ts';
import { RoleRef } from './user.ts';

interface AuthStatus {
  readonly userId: string;
  readonly role: Role;
  readonly expiresAt: Date;
}

const AuthStatusRef = builder.objectRef<AuthStatus>('AuthStatus').implement({
  description: 'How the connection is signed in.',
  fields: (t) => ({
    userId: t.exposeID('userId', { description: 'The subject of the token.' }),
    role: t.expose('role', { type: RoleRef, description: 'The role that the token gives.' }),
    expiresAt: t.expose('expiresAt', {
      type: 'DateTime',
      description: 'When the token ends. Without a renewal before that, the socket is closed with 4403.',
    }),
  }),
});

builder.mutationField('renewAuth', (t) =>
  t.withAuth({ authenticated: true }).field({
    type: AuthStatusRef,
    description:
      'Puts a new token in place of the one of this connection, which goes on with its subscriptions. FORBIDDEN for a ' +
      'token of another user or of a lesser role, UNAUTHENTICATED for one that is not valid, BAD_INPUT outside a WebSocket connection.',
    args: {
      token: t.arg.string({ required: true, description: 'The new token, without the word Bearer.' }),
    },
    resolve: async (_root, { token }, { viewer, renewAuth }) => {
      const { role, expiresAt } = await renewAuth(token);
      return { userId: viewer.userId, role, expiresAt };
    },
  }),
);
