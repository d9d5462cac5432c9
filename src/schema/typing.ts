import type { TypingItem } from '../conversations/port.ts';
import { builder, sharesEvents } from './builder.ts';
import { AuthorRef } from './refs.ts';

const TypingEventRef = builder.objectRef<TypingItem>('TypingEvent').implement({
  description:
    'Someone began, goes on, or ceased to type on one of their devices. Ephemeral: never replayed.',
  fields: (t) => ({
    conversationId: t.exposeID('conversationId', { description: 'Where.' }),
    author: t.expose('author', {
      type: AuthorRef,
      description: 'Who. The tutor types while an answer is being made.',
    }),
    isTyping: t.exposeBoolean('isTyping', { description: 'False: they ceased.' }),
    expiresAt: t.expose('expiresAt', {
      type: 'DateTime',
      description:
        'Until when this holds unless renewed; an event with `isTyping: false` follows then. When it ended, if they ceased.',
    }),
  }),
});

builder.mutationField('setTyping', (t) =>
  t.withAuth({ authenticated: true }).boolean({
    description:
      'Tells the others of a conversation that the viewer types. True holds 6 s: renew it every 3 s. Returns `isTyping`.',
    args: {
      conversationId: t.arg.id({
        required: true,
        description: 'NOT_FOUND when the viewer takes no part in it.',
      }),
      isTyping: t.arg.boolean({ required: true, description: 'False: ceased, at once.' }),
    },
    resolve: (_root, { conversationId, isTyping }, { services, viewer, typistId }) =>
      services.typing.set(viewer, typistId, conversationId, isTyping),
  }),
);

builder.subscriptionField('typing', (t) =>
  t.withAuth({ authenticated: true }).field({
    type: TypingEventRef,
    extensions: sharesEvents,
    description: 'Who types in a conversation: first those who do now, then every change.',
    args: {
      conversationId: t.arg.id({
        required: true,
        description: 'NOT_FOUND when the viewer takes no part in it.',
      }),
    },
    subscribe: (_root, { conversationId }, { services, viewer }) =>
      services.typing.subscribe(viewer, conversationId),
    resolve: (item) => item,
  }),
);
