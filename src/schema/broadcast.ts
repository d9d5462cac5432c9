import type { Broadcast } from '../domain/entities.ts';
import { broadcastTopic } from '../domain/topics.ts';
import { broadcastKey } from '../store/page-keys.ts';
import { builder } from './builder.ts';
import { defineConnection, forwardArgs, toConnection, toPageArguments } from './pagination.ts';
import { BroadcastRef } from './refs.ts';

BroadcastRef.implement({
  description: 'An announcement of the admins.',
  fields: (t) => ({
    id: t.exposeID('id', { description: 'The `broadcastId` of its events.' }),
    text: t.exposeString('text', { description: 'What is announced.' }),
    at: t.expose('at', { type: 'DateTime', description: 'When it was sent.' }),
    expiresAt: t.expose('expiresAt', { type: 'DateTime', description: 'Until when it is shown.' }),
    readAt: t.expose('readAt', {
      type: 'DateTime',
      nullable: true,
      description: "When the viewer marked it as read; null before, and in the admins' list.",
    }),
  }),
});

export const BroadcastConnection = defineConnection('Broadcast', BroadcastRef, {
  list: 'Broadcasts, newest first.',
  cursor:
    'The position of the topic `broadcast` at which the page was read. `messageReceived` after it goes on without a hole ' +
    'for those sent to all.',
});

builder.queryField('broadcasts', (t) =>
  t.withAuth({ admin: true }).field({
    type: BroadcastConnection,
    args: forwardArgs,
    description: 'Admins only. All that were sent, newest first.',
    resolve: async (_root, args, { services }) => {
      const page = await services.broadcasts.page(toPageArguments(args));
      return toConnection(page, broadcastTopic, broadcastKey);
    },
  }),
);

const BroadcastInput = builder.inputType('BroadcastInput', {
  description: 'What to announce, and to whom.',
  fields: (t) => ({
    clientBroadcastId: t.id({
      required: true,
      description:
        'Made by the client, 1 to 64 characters, unique for each sender. A repeat sends nothing and gives the same ' +
        'broadcast; with other content it is BAD_INPUT.',
    }),
    text: t.string({ required: true, description: '1 to 2,000 characters; anything else is BAD_INPUT.' }),
    userIds: t.idList({
      description: 'To these 1 to 1,000 users only; BAD_INPUT for one who was never seen. Null: to all.',
    }),
    expiresAt: t.field({
      type: 'DateTime',
      description:
        'Until when it is shown; BAD_INPUT in the past. Null: 30 days, unless configured otherwise.',
    }),
  }),
});

const BroadcastResult = builder
  .objectRef<{ broadcast: Broadcast; connectionCount: number }>('BroadcastResult')
  .implement({
    description: 'A broadcast is stored and on its way.',
    fields: (t) => ({
      broadcast: t.expose('broadcast', { type: BroadcastRef, description: 'What was sent.' }),
      connectionCount: t.exposeInt('connectionCount', {
        description:
          'How many connections there were, over all nodes, of those it is for. The others find it later.',
      }),
    }),
  });

builder.mutationFields((t) => ({
  broadcast: t.withAuth({ admin: true }).field({
    type: BroadcastResult,
    description: 'Admins only. Announces to all or to some users, announced as BroadcastAdded.',
    args: { input: t.arg({ type: BroadcastInput, required: true, description: 'What to announce.' }) },
    resolve: (_root, { input }, { services, viewer }) =>
      services.broadcasts.send(viewer, {
        clientBroadcastId: input.clientBroadcastId,
        text: input.text,
        userIds: input.userIds ?? null,
        expiresAt: input.expiresAt ?? null,
      }),
  }),
  markBroadcastRead: t.withAuth({ authenticated: true }).field({
    type: BroadcastRef,
    description:
      "Marks it as read on all of the viewer's devices, announced to them as BroadcastRead. NOT_FOUND when it is not for them.",
    args: { id: t.arg.id({ required: true, description: 'Of the broadcast.' }) },
    resolve: (_root, { id }, { services, viewer }) => services.broadcasts.markRead(viewer, id),
  }),
}));
