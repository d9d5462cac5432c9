import type { DeltaItem, EventItem, FeedItem, ReadyItem, ResyncItem, TopicCursor } from '../feed/items.ts';
import { assertNever } from '../util/assert-never.ts';
import { builder, sharesEvents } from './builder.ts';
import { type AnyDurableItem, durableEventRefs } from './durable-events.ts';

const TopicCursorRef = builder.objectRef<TopicCursor>('TopicCursor').implement({
  description: 'Where a subscription stands in a topic.',
  fields: (t) => ({
    topic: t.exposeString('topic', { description: '`conversation:<id>`, `user:<id>` or `broadcast`.' }),
    cursor: t.expose('cursor', { type: 'Cursor', description: 'The position, to resume after it.' }),
  }),
});

const ReadyRef = builder.objectRef<ReadyItem>('Ready').implement({
  description:
    'All that was missed has been sent; from here on everything comes live. Comes once a subscription, and again after every ' +
    're-subscribe.',
  fields: (t) => ({
    cursors: t.expose('cursors', {
      type: [TopicCursorRef],
      description: 'Where the subscription stands in each of its topics.',
    }),
    resumed: t.exposeBoolean('resumed', {
      description:
        'Whether a cursor was given for every topic and served in full. False: query what may have changed.',
    }),
  }),
});

const ResyncCauseRef = builder.enumType('ResyncCause', {
  description: 'Why a topic cannot be served from its cursor.',
  values: {
    EPOCH_CHANGED: { description: 'The history is another one than that of the cursor, after a restore.' },
    TRIMMED: { description: 'What comes after the cursor is no longer kept.' },
    TOO_FAR_BEHIND: { description: 'More came after the cursor than is replayed; querying is quicker.' },
  },
});

const ResyncRef = builder.objectRef<ResyncItem>('Resync').implement({
  description:
    'Some topics cannot be served in full and nothing of them is replayed: query again after this. The subscription goes ' +
    'on from the cursors given here. Also possible on a live subscription.',
  fields: (t) => ({
    cause: t.expose('cause', { type: ResyncCauseRef, description: 'Why.' }),
    cursors: t.expose('cursors', {
      type: [TopicCursorRef],
      description: 'The topics concerned, and where they now stand.',
    }),
  }),
});

const AnswerDeltaRef = builder.objectRef<DeltaItem>('AnswerDelta').implement({
  description:
    'In this attempt, from this offset on, the text of the answer is this. Ephemeral: never replayed, but whoever comes late ' +
    'first gets all the text so far at offset 0. Only when subscribed to a conversation. Drop deltas of a lower attempt.',
  fields: (t) => ({
    messageId: t.id({ description: 'The answer.', resolve: ({ delta }) => delta.messageId }),
    conversationId: t.id({ description: 'Where.', resolve: ({ delta }) => delta.conversationId }),
    attempt: t.int({
      description: 'From 1. A higher one than before: the text begins anew.',
      resolve: ({ delta }) => delta.attempt,
    }),
    offset: t.int({
      description:
        'In UTF-16 code units from the begin of the answer; what was known from there on is replaced.',
      resolve: ({ delta }) => delta.offset,
    }),
    text: t.string({
      description: 'Never ends inside a surrogate pair.',
      resolve: ({ delta }) => delta.text,
    }),
  }),
});

const typeOf = (item: FeedItem) => {
  switch (item.kind) {
    case 'event':
      return item.event.type;
    case 'delta':
      return 'AnswerDelta';
    case 'ready':
      return 'Ready';
    case 'resync':
      return 'Resync';
    default:
      return assertNever(item);
  }
};

const MessageEventRef = builder.unionType('MessageEvent', {
  description:
    'What `messageReceived` gives. Ephemeral: Ready, Resync, AnswerDelta. All others are durable and implement DurableEvent.',
  types: [ReadyRef, ResyncRef, AnswerDeltaRef, ...durableEventRefs],
  resolveType: typeOf,
});

// A plain union and no `errors` option, otherwise `return()` would wait for the next event of an idle source.
builder.subscriptionField('messageReceived', (t) =>
  t.withAuth({ authenticated: true }).field({
    type: MessageEventRef,
    extensions: sharesEvents,
    description:
      'What happens in a conversation, with the deltas of its answers, or, without one, in all conversations of the viewer, ' +
      'without deltas; broadcasts in both. First what was missed after the cursors, then the text so far of answers in ' +
      'progress, then Ready, then live.',
    args: {
      conversationId: t.arg.id({
        description:
          'Reads the topics `conversation:<id>` and `broadcast`; NOT_FOUND when the viewer takes no part in it. Null: ' +
          '`user:<viewer>` and `broadcast`.',
      }),
      after: t.arg({
        type: ['Cursor'],
        description:
          'At most one cursor for each of the topics read, anything else is BAD_INPUT. A topic without one is live only. ' +
          '`extensions.after` of the operation takes the place of this.',
      }),
    },
    subscribe: (_root, { conversationId, after }, { services, viewer, resumeAfter }) =>
      services.conversations.subscribe(
        viewer,
        conversationId ?? null,
        resumeAfter && resumeAfter.length > 0 ? resumeAfter : (after ?? []),
      ),
    resolve: (item) => item as Exclude<FeedItem, EventItem> | AnyDurableItem,
  }),
);
