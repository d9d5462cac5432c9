import { builder, needsContext } from './builder.ts';
import { UserRef } from './refs.ts';

export const RoleRef = builder.enumType('Role', {
  description: 'What a user may do beside their own conversations; from the token.',
  values: {
    LEARNER: { description: 'Talks with the tutor.' },
    ADMIN: {
      description:
        'May also see who is connected, announce, cut off and block. May not read the conversations of others.',
    },
  },
});

UserRef.implement({
  description: 'A person who has signed in at least once.',
  fields: (t) => ({
    id: t.exposeID('id', { description: 'The subject of their token.' }),
    name: t.exposeString('name', { description: 'The name in their latest token.' }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When they were first seen.' }),
    blockedAt: t.expose('blockedAt', {
      type: 'DateTime',
      nullable: true,
      authScopes: { admin: true },
      extensions: needsContext,
      description: 'Admins only, FORBIDDEN for others. Since when the user is blocked; null when not.',
    }),
    blockedReason: t.exposeString('blockedReason', {
      nullable: true,
      authScopes: { admin: true },
      extensions: needsContext,
      description:
        'Admins only, FORBIDDEN for others. Why the user is blocked; null when not, or when none was given.',
    }),
  }),
});

builder.mutationField('setUserBlocked', (t) =>
  t.withAuth({ admin: true }).field({
    type: UserRef,
    description:
      'Admins only. Blocks a user or ends the block. Stored: a blocked user is refused with UNAUTHENTICATED at every later ' +
      'connect and request, and their connections are closed with 4401 on every node within 2 s (5 s without Redis). ' +
      'NOT_FOUND for a user who was never seen.',
    args: {
      userId: t.arg.id({ required: true, description: 'The user.' }),
      blocked: t.arg.boolean({ required: true, description: 'True to block, false to end the block.' }),
      reason: t.arg.string({ description: 'Why, for other admins.' }),
    },
    resolve: (_root, { userId, blocked, reason }, { services }) =>
      services.connections.setUserBlocked(userId, blocked, reason ?? null),
  }),
);
