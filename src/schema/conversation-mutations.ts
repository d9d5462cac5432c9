import { builder } from './builder.ts';
import { ConversationRef } from './refs.ts';

const CreateConversationInput = builder.inputType('CreateConversationInput', {
  description: 'A new conversation.',
  fields: (t) => ({
    clientConversationId: t.id({
      required: true,
      description:
        'Made by the client, 1 to 64 characters. A repeat by the same user gives the same conversation; with another title ' +
        'it is BAD_INPUT.',
    }),
    title: t.string({
      description: '1 to 200 characters, otherwise BAD_INPUT. Null: taken from the first message.',
    }),
  }),
});

builder.mutationFields((t) => {
  const mine = t.withAuth({ authenticated: true });
  const conversationId = mine.arg.id({
    required: true,
    description: 'NOT_FOUND when the viewer takes no part in it.',
  });
  return {
    createConversation: mine.field({
      type: ConversationRef,
      description: 'Begins an empty conversation that the viewer owns.',
      args: {
        input: mine.arg({ type: CreateConversationInput, required: true, description: 'What to begin.' }),
      },
      resolve: (_root, { input: { clientConversationId, title } }, { services, viewer }) =>
        services.conversations.create(viewer, { clientConversationId, title: title ?? null }),
    }),
    renameConversation: mine.field({
      type: ConversationRef,
      description: 'Owner only, otherwise FORBIDDEN. Announced as ConversationUpdated.',
      args: {
        id: conversationId,
        title: mine.arg.string({
          required: true,
          description: '1 to 200 characters; anything else is BAD_INPUT.',
        }),
      },
      resolve: (_root, { id, title }, { services, viewer }) =>
        services.conversations.rename(viewer, id, title),
    }),
    deleteConversation: mine.id({
      description:
        'Owner only, otherwise FORBIDDEN. Deletes it for everyone, announced as ConversationRemoved. Returns its id.',
      args: { id: conversationId },
      resolve: (_root, { id }, { services, viewer }) => services.conversations.remove(viewer, id),
    }),
    addParticipant: mine.field({
      type: ConversationRef,
      description:
        'Owner only, otherwise FORBIDDEN. The added user sees all of the conversation. BAD_INPUT beyond 50 participants ' +
        'and for a user who was never seen.',
      args: {
        conversationId,
        userId: mine.arg.id({ required: true, description: 'Who joins; whoever takes part already stays.' }),
      },
      resolve: (_root, args, { services, viewer }) =>
        services.conversations.addParticipant(viewer, args.conversationId, args.userId),
    }),
    removeParticipant: mine.field({
      type: ConversationRef,
      description:
        'The owner removes others; everyone may remove themselves, which is to leave; FORBIDDEN for all else. Ends the ' +
        "removed user's subscriptions to the conversation.",
      args: {
        conversationId,
        userId: mine.arg.id({ required: true, description: 'Who goes.' }),
      },
      resolve: (_root, args, { services, viewer }) =>
        services.conversations.removeParticipant(viewer, args.conversationId, args.userId),
    }),
    markRead: mine.field({
      type: ConversationRef,
      description:
        "Moves the viewer's read mark forward to a message, never back. Announced to their own devices as ConversationRead.",
      args: {
        conversationId,
        messageId: mine.arg.id({
          required: true,
          description: 'The last message read; NOT_FOUND when it is not of this conversation.',
        }),
      },
      resolve: (_root, args, { services, viewer }) =>
        services.conversations.markRead(viewer, args.conversationId, args.messageId),
    }),
  };
});
