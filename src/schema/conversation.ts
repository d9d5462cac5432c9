import { notFound } from '../domain/errors.ts';
import { conversationTopic } from '../domain/topics.ts';
import { messageKey } from '../store/page-keys.ts';
import { builder, needsContext } from './builder.ts';
import { MessageConnection } from './message.ts';
import { bothWaysArgs, defineConnection, toConnection, toPageArguments } from './pagination.ts';
import { ConversationRef, MessageRef, ParticipantRef, UserRef } from './refs.ts';

ParticipantRef.implement({
  description: 'Someone who takes part in a conversation.',
  fields: (t) => ({
    user: t.expose('user', { type: UserRef, description: 'The person.' }),
    joinedAt: t.expose('joinedAt', { type: 'DateTime', description: 'Since when they take part.' }),
  }),
});

ConversationRef.implement({
  description:
    'A conversation of one or more people with the tutor. Whoever takes no part in it gets NOT_FOUND, as if it did not exist.',
  fields: (t) => {
    const mine = t.withAuth({ authenticated: true });
    return {
      id: t.exposeID('id', { description: 'Fixed for ever.' }),
      title: t.exposeString('title', {
        description: 'The first 60 characters of its first message until it is renamed.',
      }),
      createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it began.' }),
      updatedAt: t.expose('updatedAt', {
        type: 'DateTime',
        description: 'When it last changed: a message, an answer, a title, who takes part.',
      }),
      owner: mine.field({
        type: UserRef,
        extensions: needsContext,
        description: 'Who created it, and may rename it, delete it, and add and remove people.',
        resolve: async ({ ownerId }, _args, { services, viewer }) => {
          const owner =
            ownerId === viewer.userId
              ? await services.accounts.load(viewer)
              : await services.accounts.find(ownerId);
          if (!owner) throw notFound('owner');
          return owner;
        },
      }),
      participants: mine.field({
        type: [ParticipantRef],
        extensions: needsContext,
        description: 'The people who take part, the owner among them; at most 50. The tutor is not listed.',
        resolve: ({ id }, _args, { services, viewer }) => services.conversations.participants(viewer, id),
      }),
      messages: mine.field({
        type: MessageConnection,
        extensions: needsContext,
        args: bothWaysArgs,
        description: 'Oldest first. Without arguments the last 50.',
        resolve: async ({ id }, args, { services, viewer }) => {
          const page = await services.conversations.messages(viewer, id, toPageArguments(args, 'backward'));
          return toConnection(page, conversationTopic(id), messageKey);
        },
      }),
      unreadCount: mine.int({
        extensions: needsContext,
        description: "Messages of others behind the viewer's read mark.",
        resolve: ({ id }, _args, { services, viewer }) => services.conversations.unreadCount(viewer, id),
      }),
      lastMessage: mine.field({
        type: MessageRef,
        nullable: true,
        extensions: needsContext,
        description: 'Null while there is none.',
        resolve: ({ id }, _args, { services, viewer }) => services.conversations.lastMessage(viewer, id),
      }),
    };
  },
});

export const ConversationConnection = defineConnection('Conversation', ConversationRef, {
  list: 'Conversations, latest change first.',
  cursor:
    'The position at which the page was read. `messageReceived` without a conversation, after it, goes on without a hole.',
});

builder.queryField('conversation', (t) =>
  t.withAuth({ authenticated: true }).field({
    type: ConversationRef,
    nullable: true,
    description: 'Null when it does not exist or the viewer takes no part in it.',
    args: { id: t.arg.id({ required: true, description: 'Of the conversation.' }) },
    resolve: (_root, { id }, { services, viewer }) => services.conversations.find(viewer, id),
  }),
);
