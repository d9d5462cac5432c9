import type {
  AnswerFailed,
  AnswerFinished,
  AnswerStarted,
  AnswerStopped,
  BroadcastAdded,
  BroadcastRead,
  ConversationRead,
  ConversationRemoved,
  ConversationUpdated,
  DeliveredEvent,
  MessageAdded,
} from '../domain/events.ts';
import type { EventItem } from '../feed/items.ts';
import { builder } from './builder.ts';
import { AnswerFailureRef, MessageRef } from './refs.ts';

/** Every field of these types resolves from the item alone, so that a replay gives the same bytes as the live event. */
interface DurableItem<E extends DeliveredEvent> extends EventItem {
  readonly event: E;
}

type ItemOf<E> = E extends DeliveredEvent ? DurableItem<E> : never;

/** An EventItem seen as one of the members below: which one, `event.type` tells. */
export type AnyDurableItem = ItemOf<DeliveredEvent>;

const DurableEventRef = builder.interfaceRef<EventItem>('DurableEvent').implement({
  description: 'A fact that is stored and can be replayed. Comes exactly once, and in order, for each topic.',
  fields: (t) => ({
    id: t.id({ description: 'The same in all topics.', resolve: ({ event }) => event.id }),
    topic: t.exposeString('topic', {
      description: 'The topic it was read from: `conversation:<id>`, `user:<id>` or `broadcast`.',
    }),
    cursor: t.expose('cursor', {
      type: 'Cursor',
      description: 'The position behind it in that topic. Keep the latest of each topic to resume.',
    }),
    at: t.field({ type: 'DateTime', description: 'When it happened.', resolve: ({ event }) => event.at }),
  }),
});

const conversationIdText = 'The conversation it happened in.';
const answerIdText = 'The answer.';

const MessageAddedRef = builder.objectRef<DurableItem<MessageAdded>>('MessageAdded').implement({
  interfaces: [DurableEventRef],
  description: 'A message was stored: one by a person, or an answer that will be made.',
  fields: (t) => ({
    conversationId: t.id({ description: conversationIdText, resolve: ({ event }) => event.conversationId }),
    message: t.field({
      type: MessageRef,
      description: 'The message as it was at that moment.',
      resolve: ({ event }) => event.message,
    }),
  }),
});

const AnswerStartedRef = builder.objectRef<DurableItem<AnswerStarted>>('AnswerStarted').implement({
  interfaces: [DurableEventRef],
  description:
    'An answer was begun. Comes once an answer, before its deltas, however many attempts it takes.',
  fields: (t) => ({
    conversationId: t.id({ description: conversationIdText, resolve: ({ event }) => event.conversationId }),
    messageId: t.id({ description: answerIdText, resolve: ({ event }) => event.messageId }),
  }),
});

const AnswerFinishedRef = builder.objectRef<DurableItem<AnswerFinished>>('AnswerFinished').implement({
  interfaces: [DurableEventRef],
  description: 'An answer is complete and will never change again.',
  fields: (t) => ({
    conversationId: t.id({ description: conversationIdText, resolve: ({ event }) => event.conversationId }),
    messageId: t.id({ description: answerIdText, resolve: ({ event }) => event.messageId }),
    text: t.string({ description: 'The whole text.', resolve: ({ event }) => event.text }),
  }),
});

const AnswerStoppedRef = builder.objectRef<DurableItem<AnswerStopped>>('AnswerStopped').implement({
  interfaces: [DurableEventRef],
  description: 'An answer was stopped by someone and will never change again. No delta of it follows.',
  fields: (t) => ({
    conversationId: t.id({ description: conversationIdText, resolve: ({ event }) => event.conversationId }),
    messageId: t.id({ description: answerIdText, resolve: ({ event }) => event.messageId }),
    text: t.string({
      description: 'The text made until then, possibly empty.',
      resolve: ({ event }) => event.text,
    }),
  }),
});

const AnswerFailedRef = builder.objectRef<DurableItem<AnswerFailed>>('AnswerFailed').implement({
  interfaces: [DurableEventRef],
  description: 'An answer failed and will never change again. `retryAnswer` makes a new one.',
  fields: (t) => ({
    conversationId: t.id({ description: conversationIdText, resolve: ({ event }) => event.conversationId }),
    messageId: t.id({ description: answerIdText, resolve: ({ event }) => event.messageId }),
    text: t.string({
      description: 'The text made until then, possibly empty.',
      resolve: ({ event }) => event.text,
    }),
    failure: t.field({
      type: AnswerFailureRef,
      description: 'Why, and whether it may do better later.',
      resolve: ({ event }) => event.failure,
    }),
  }),
});

const ConversationUpdatedRef = builder
  .objectRef<DurableItem<ConversationUpdated>>('ConversationUpdated')
  .implement({
    interfaces: [DurableEventRef],
    description: 'A conversation began for the viewer, got another title, or other participants.',
    fields: (t) => ({
      conversationId: t.id({ description: 'Which one.', resolve: ({ event }) => event.conversationId }),
      title: t.string({ description: 'Its title at that moment.', resolve: ({ event }) => event.title }),
    }),
  });

const ConversationRemovedRef = builder
  .objectRef<DurableItem<ConversationRemoved>>('ConversationRemoved')
  .implement({
    interfaces: [DurableEventRef],
    description:
      'A conversation is no longer there for the viewer: deleted, left, or they were removed from it. Only in the topic ' +
      '`user:<id>`.',
    fields: (t) => ({
      conversationId: t.id({ description: 'Which one.', resolve: ({ event }) => event.conversationId }),
    }),
  });

const ConversationReadRef = builder.objectRef<DurableItem<ConversationRead>>('ConversationRead').implement({
  interfaces: [DurableEventRef],
  description: 'The viewer read a conversation, on any of their devices. Only in the topic `user:<id>`.',
  fields: (t) => ({
    conversationId: t.id({ description: 'Which one.', resolve: ({ event }) => event.conversationId }),
    messageId: t.id({ description: 'The last message read.', resolve: ({ event }) => event.messageId }),
  }),
});

const BroadcastAddedRef = builder.objectRef<DurableItem<BroadcastAdded>>('BroadcastAdded').implement({
  interfaces: [DurableEventRef],
  description: 'An admin announced something: to all, or, in the topic `user:<id>`, to some.',
  fields: (t) => ({
    broadcastId: t.id({
      description: 'For `markBroadcastRead`.',
      resolve: ({ event }) => event.broadcastId,
    }),
    text: t.string({ description: 'What is announced.', resolve: ({ event }) => event.text }),
    expiresAt: t.field({
      type: 'DateTime',
      description: 'Until when it is to be shown.',
      resolve: ({ event }) => event.expiresAt,
    }),
  }),
});

const BroadcastReadRef = builder.objectRef<DurableItem<BroadcastRead>>('BroadcastRead').implement({
  interfaces: [DurableEventRef],
  description: 'The viewer read a broadcast, on any of their devices. Only in the topic `user:<id>`.',
  fields: (t) => ({
    broadcastId: t.id({ description: 'Which one.', resolve: ({ event }) => event.broadcastId }),
  }),
});

export const durableEventRefs = [
  MessageAddedRef,
  AnswerStartedRef,
  AnswerFinishedRef,
  AnswerStoppedRef,
  AnswerFailedRef,
  ConversationUpdatedRef,
  ConversationRemovedRef,
  ConversationReadRef,
  BroadcastAddedRef,
  BroadcastReadRef,
] as const;
