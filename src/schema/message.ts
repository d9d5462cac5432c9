import type { SendResult } from '../conversations/port.ts';
import { builder, needsContext } from './builder.ts';
import { AnswerInProgress } from './errors.ts';
import { defineConnection } from './pagination.ts';
import { AnswerStatusRef, AuthorRef, ConversationRef, MessageRef } from './refs.ts';

MessageRef.implement({
  description: 'What someone wrote. An answer is itself a message, by the tutor.',
  fields: (t) => ({
    id: t.exposeID('id', { description: 'Of an answer: the `messageId` of its events and deltas.' }),
    conversationId: t.exposeID('conversationId', { description: 'Where it stands.' }),
    author: t.expose('author', { type: AuthorRef, description: 'Who wrote it, as they were at the time.' }),
    text: t.exposeString('text', {
      description: 'Of an answer that is not closed: what has been stored so far, possibly nothing yet.',
    }),
    inReplyTo: t.exposeID('inReplyTo', {
      nullable: true,
      description: 'Of an answer: the message it answers. Null for people.',
    }),
    retryOf: t.exposeID('retryOf', {
      nullable: true,
      description: 'Of an answer made by `retryAnswer`: the answer it takes the place of.',
    }),
    answer: t.expose('answer', {
      type: AnswerStatusRef,
      nullable: true,
      description: 'How far the answer is. Null for people.',
    }),
    createdAt: t.expose('createdAt', {
      type: 'DateTime',
      description: 'When it was stored; of an answer, when it was asked for.',
    }),
    conversation: t.withAuth({ authenticated: true }).field({
      type: ConversationRef,
      nullable: true,
      extensions: needsContext,
      description: 'The conversation as it is now. Null when the viewer no longer takes part in it.',
      resolve: ({ conversationId }, _args, { services, viewer }) =>
        services.conversations.find(viewer, conversationId),
    }),
  }),
});

export const MessageConnection = defineConnection('Message', MessageRef, {
  list: 'Messages of one conversation, oldest first.',
  cursor:
    'The position at which the page was read. `messageReceived` of this conversation, after it, goes on without a hole.',
});

const WhileAnsweringRef = builder.enumType('WhileAnswering', {
  description: 'What to do when an answer of the conversation is open.',
  values: {
    WAIT: {
      description:
        'The new answer waits its turn. At most 5 wait; with more, nothing is sent and the result is AnswerInProgress.',
    },
    INTERRUPT: {
      description:
        "Stops the answer that is being made and the sender's waiting ones; what was made of it is kept.",
    },
    REFUSE: { description: 'Nothing is sent; the result is AnswerInProgress.' },
  },
});

const SendMessageInput = builder.inputType('SendMessageInput', {
  description: 'A message to send.',
  fields: (t) => ({
    clientMessageId: t.id({
      required: true,
      description:
        'Made by the client, 1 to 64 characters, unique for each sender. A repeat gives the same message, conversation and ' +
        'answer, and does not count against a limit; with other content it is BAD_INPUT.',
    }),
    conversationId: t.id({
      description: 'Null: in a new conversation. NOT_FOUND when the viewer takes no part in it.',
    }),
    text: t.string({
      required: true,
      description: 'BAD_INPUT when empty or longer than `Limits.messageLength`.',
    }),
    answer: t.boolean({ defaultValue: true, description: 'Whether the tutor answers it.' }),
    whileAnswering: t.field({
      type: WhileAnsweringRef,
      defaultValue: 'WAIT',
      description: 'What to do when an answer of the conversation is open.',
    }),
  }),
});

const SendMessageSuccess = builder
  .objectRef<Extract<SendResult, { kind: 'sent' }>>('SendMessageSuccess')
  .implement({
    description: 'The message is stored.',
    fields: (t) => ({
      message: t.expose('message', { type: MessageRef, description: 'What was sent.' }),
      answer: t.expose('answer', {
        type: MessageRef,
        nullable: true,
        description: 'The answer to come, WAITING at first; null when none was asked for.',
      }),
      conversation: t.expose('conversation', {
        type: ConversationRef,
        description: 'The one it was sent in, new when none was named.',
      }),
      cursor: t.expose('cursor', {
        type: 'Cursor',
        description:
          'The position just before the message: `messageReceived` of the conversation, after it, begins with the message.',
      }),
    }),
  });

builder.mutationField('sendMessage', (t) =>
  t.withAuth({ authenticated: true }).field({
    type: SendMessageSuccess,
    errors: {
      types: [AnswerInProgress],
      union: { name: 'SendMessageResult', description: 'What became of the message.' },
    },
    description:
      'Sends a message and asks for its answer, in one transaction. RATE_LIMITED, with `retryAfter`, beyond ' +
      '`Limits.messagesPerMinute`.',
    args: { input: t.arg({ type: SendMessageInput, required: true, description: 'What to send.' }) },
    resolve: async (_root, { input }, { services, viewer }) => {
      const result = await services.conversations.send(viewer, {
        clientMessageId: input.clientMessageId,
        conversationId: input.conversationId ?? null,
        text: input.text,
        answer: input.answer ?? true,
        whileAnswering: input.whileAnswering ?? 'WAIT',
      });
      if (result.kind === 'answer-in-progress') throw new AnswerInProgress(result.messageId);
      return result;
    },
  }),
);
