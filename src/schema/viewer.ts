import type { Usage } from '../conversations/port.ts';
import type { Profile } from '../domain/entities.ts';
import { broadcastTopic, userTopic } from '../domain/topics.ts';
import { broadcastKey, conversationKey } from '../store/page-keys.ts';
import { BroadcastConnection } from './broadcast.ts';
import { builder, needsContext } from './builder.ts';
import type { ViewerLimits } from './context.ts';
import { ConversationConnection } from './conversation.ts';
import { forwardArgs, toConnection, toPageArguments } from './pagination.ts';
import { UserRef, ViewerRef } from './refs.ts';
import { requireUser } from './require-user.ts';
import { RoleRef } from './user.ts';

const ProfileRef = builder.objectRef<Profile>('Profile').implement({
  description: 'What the tutor is told of the learner. Empty until they say something.',
  fields: (t) => ({
    goals: t.exposeString('goals', { description: 'What they want to reach, in their words.' }),
    level: t.exposeString('level', { description: 'How far they are, in their words.' }),
    interests: t.exposeStringList('interests', { description: 'What they like, to take examples from.' }),
  }),
});

const LimitsRef = builder.objectRef<ViewerLimits>('Limits').implement({
  description: 'What the viewer must stay within.',
  fields: (t) => ({
    messageLength: t.exposeInt('messageLength', {
      description: 'Longest text of a message, in UTF-16 code units. Beyond it: BAD_INPUT.',
    }),
    messagesPerMinute: t.exposeInt('messagesPerMinute', {
      description: 'Messages in a minute, over all devices; repeats do not count. Beyond it: RATE_LIMITED.',
    }),
    connections: t.exposeInt('connections', {
      description: 'Connections at the same time, over all nodes. Beyond it the socket is closed with 4403.',
    }),
    subscriptionsPerConnection: t.exposeInt('subscriptionsPerConnection', {
      description:
        'Operations at the same time on one connection, subscriptions foremost. Beyond it: RATE_LIMITED.',
    }),
    payloadBytes: t.exposeInt('payloadBytes', {
      description: 'Largest request or frame that a client may send, in bytes.',
    }),
  }),
});

const UsageRef = builder.objectRef<Usage>('Usage').implement({
  description: 'What the viewer used in the last 24 hours.',
  fields: (t) => ({
    since: t.expose('since', { type: 'DateTime', description: 'Begin of the 24 hours.' }),
    messages: t.exposeInt('messages', { description: 'Messages they sent.' }),
    answers: t.exposeInt('answers', { description: 'Answers made for them.' }),
    inputTokens: t.exposeInt('inputTokens', {
      description: 'Tokens the model read for them, by its own count.',
    }),
    outputTokens: t.exposeInt('outputTokens', {
      description: 'Tokens the model wrote for them, by its own count.',
    }),
  }),
});

ViewerRef.implement({
  description: 'Whoever asks: the user of the token, and what is theirs.',
  fields: (t) => {
    const mine = t.withAuth({ authenticated: true });
    return {
      user: t.field({ type: UserRef, description: 'The person.', resolve: (user) => user }),
      role: t.expose('role', { type: RoleRef, description: 'What they may do.' }),
      profile: mine.field({
        type: ProfileRef,
        extensions: needsContext,
        description: 'What the tutor is told of them.',
        // Read anew: it may have been saved at another node a moment ago, and whoever edits an older one would undo that.
        resolve: async (user, _args, { services }) =>
          (await services.accounts.find(user.id))?.profile ?? user.profile,
      }),
      limits: mine.field({
        type: LimitsRef,
        extensions: needsContext,
        description: 'What they must stay within.',
        resolve: (_user, _args, { services }) => services.limits,
      }),
      usage: mine.field({
        type: UsageRef,
        extensions: needsContext,
        description: 'What they used lately.',
        resolve: (_user, _args, { services, viewer }) => services.accounts.usage(viewer),
      }),
      conversations: mine.field({
        type: ConversationConnection,
        extensions: needsContext,
        args: forwardArgs,
        description: 'Those they take part in, latest change first.',
        resolve: async (_user, args, { services, viewer }) => {
          const page = await services.conversations.page(viewer, toPageArguments(args));
          return toConnection(page, userTopic(viewer.userId), conversationKey);
        },
      }),
      broadcasts: mine.field({
        type: BroadcastConnection,
        extensions: needsContext,
        args: {
          unreadOnly: mine.arg.boolean({
            defaultValue: true,
            description: 'Leave out those the viewer has marked as read.',
          }),
          ...forwardArgs,
        },
        description:
          'Those sent to all since they were first seen and those sent to them, until they expire, newest first.',
        resolve: async (_user, { unreadOnly, ...args }, { services, viewer }) => {
          const page = await services.broadcasts.pageFor(viewer, unreadOnly ?? true, toPageArguments(args));
          return toConnection(page, broadcastTopic, broadcastKey);
        },
      }),
    };
  },
});

builder.queryField('viewer', (t) =>
  t.withAuth({ authenticated: true }).field({
    type: ViewerRef,
    description: 'Whoever asks. Their user and context are created on first sight.',
    resolve: (_root, _args, context) => requireUser(context),
  }),
);

const UpdateProfileInput = builder.inputType('UpdateProfileInput', {
  description: 'What to change; what is left out or null stays as it is.',
  fields: (t) => ({
    goals: t.string({ description: 'At most 2,000 characters; empty to clear.' }),
    level: t.string({ description: 'At most 200 characters; empty to clear.' }),
    interests: t.stringList({
      description: 'Replaces the list: at most 20, each at most 100 characters; empty to clear.',
    }),
  }),
});

builder.mutationField('updateProfile', (t) =>
  t.withAuth({ authenticated: true }).field({
    type: ViewerRef,
    description:
      'Changes what the tutor is told of the viewer, from the next answer on. BAD_INPUT when something is too long.',
    args: { input: t.arg({ type: UpdateProfileInput, required: true, description: 'What to change.' }) },
    resolve: (_root, { input: { goals, level, interests } }, { services, viewer }) =>
      services.accounts.updateProfile(viewer, {
        ...(goals != null && { goals }),
        ...(level != null && { level }),
        ...(interests != null && { interests }),
      }),
  }),
);
