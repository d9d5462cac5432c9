import type { Answers } from '../answers/port.ts';
import { toCursor } from '../domain/cursor.ts';
import { badInput, EdAgentError, notFound } from '../domain/errors.ts';
import { assertClientId, assertText, isEntityId } from '../domain/text.ts';
import { broadcastTopic, conversationTopic, userTopic } from '../domain/topics.ts';
import type { Feeds } from '../feed/port.ts';
import type { OwnerOutcome, Store } from '../store/port.ts';
import type { MessageLimits } from './limits.ts';
import type { Conversations, SendRequest, SendResult, Viewer } from './port.ts';

export interface ConversationsOptions {
  readonly store: Store;
  readonly feeds: Feeds;
  readonly answers: Answers;
  readonly limits: MessageLimits;
  readonly tutorName: string;
  /** In UTF-16 code units. */
  readonly maxMessageLength: number;
  /** Told of each message that was stored. */
  readonly onMessage?: () => void;
}

const maxTitleLength = 200;

const otherContent = (field: string): EdAgentError =>
  badInput(field, 'was used before with other content; make a new id for a new request.');

export const createConversations = (options: ConversationsOptions): Conversations => {
  const { store, feeds, answers, limits, tutorName, maxMessageLength } = options;

  /** An id that cannot be one of ours names nothing. */
  const known = (id: string, what: string): string => {
    if (!isEntityId(id)) throw notFound(what);
    return id;
  };

  const settle = <T>(outcome: OwnerOutcome<T>, forbidden: string): T => {
    switch (outcome.kind) {
      case 'not-found':
        throw notFound('conversation');
      case 'forbidden':
        throw new EdAgentError('FORBIDDEN', forbidden);
      case 'done':
        feeds.announce(outcome.placed);
        return outcome.result;
    }
  };

  const assertParticipant = async (viewer: Viewer, id: string): Promise<void> => {
    if (!isEntityId(id) || !(await store.conversations.isParticipant(id, viewer.userId))) {
      throw notFound('conversation');
    }
  };

  /** The limit stands in the way of new messages only. Returns what gives it back. */
  const consume = async ({ userId }: Viewer, clientMessageId: string): Promise<() => Promise<void>> => {
    try {
      await limits.consumeMessage(userId);
      return () => limits.refundMessage(userId);
    } catch (refusal) {
      if (!(await store.messages.wasSent(userId, clientMessageId))) throw refusal;
      return async () => {};
    }
  };

  const sendToStore = async (
    viewer: Viewer,
    request: SendRequest,
    refund: () => Promise<void>,
  ): Promise<SendResult> => {
    const outcome = await store.messages.send({
      ...request,
      author: { id: viewer.userId, name: viewer.name },
      tutorName,
    });
    switch (outcome.kind) {
      case 'not-found':
        throw notFound('conversation');
      case 'conflict':
        throw otherContent('clientMessageId');
      case 'answer-in-progress':
        return outcome;
      case 'sent': {
        const { message, answer, conversation, seqBefore, epoch, repeated, stopping, unmade } =
          outcome.result;
        feeds.announce(outcome.placed);
        answers.tellStopping(conversation.id, stopping);
        // Before the next answer is begun, and before the sender hears that this one was stopped.
        await answers.endUnmade(unmade);
        if (repeated) await refund();
        else options.onMessage?.();
        if (answer && !repeated) answers.wake(answer.id);
        const cursor = toCursor({ topic: conversationTopic(conversation.id), epoch, seq: seqBefore });
        return { kind: 'sent', message, answer, conversation, cursor };
      }
    }
  };

  return {
    async create(viewer, { clientConversationId, title }) {
      assertClientId(clientConversationId, 'clientConversationId');
      if (title !== null) assertText(title, { field: 'title', min: 1, max: maxTitleLength });
      const outcome = await store.conversations.create({
        ownerId: viewer.userId,
        clientConversationId,
        title,
      });
      if (outcome.kind === 'conflict') throw otherContent('clientConversationId');
      feeds.announce(outcome.placed);
      return outcome.result;
    },

    find: async (viewer, id) => (isEntityId(id) ? store.conversations.find(id, viewer.userId) : null),

    page: (viewer, page) => store.conversations.page(viewer.userId, page),

    async messages(viewer, conversationId, page) {
      const read = await store.messages.page(known(conversationId, 'conversation'), viewer.userId, page);
      if (!read) throw notFound('conversation');
      return read;
    },

    message: async (viewer, id) => (isEntityId(id) ? store.messages.find(id, viewer.userId) : null),
    unreadCount: (viewer, conversationId) => store.conversations.unreadCount(conversationId, viewer.userId),

    // Someone who has just left still has the conversation in their result.
    async lastMessage(viewer, conversationId) {
      await assertParticipant(viewer, conversationId);
      return store.conversations.lastMessage(conversationId);
    },

    async participants(viewer, conversationId) {
      await assertParticipant(viewer, conversationId);
      return store.conversations.participants(conversationId);
    },

    async rename(viewer, id, title) {
      assertText(title, { field: 'title', min: 1, max: maxTitleLength });
      const outcome = await store.conversations.rename(known(id, 'conversation'), viewer.userId, title);
      return settle(outcome, 'Only the owner may rename a conversation.');
    },

    async remove(viewer, id) {
      const outcome = await store.conversations.remove(known(id, 'conversation'), viewer.userId);
      return settle(outcome, 'Only the owner may delete a conversation.');
    },

    async addParticipant(viewer, id, userId) {
      const outcome = await store.conversations.addParticipant(
        known(id, 'conversation'),
        viewer.userId,
        userId,
      );
      if (outcome.kind === 'unknown-user') {
        throw badInput('userId', 'there is no such user; users exist from their first request on.');
      }
      if (outcome.kind === 'full')
        throw badInput('userId', 'the conversation has as many participants as it may.');
      return settle(outcome, 'Only the owner may add participants.');
    },

    async removeParticipant(viewer, id, userId) {
      const outcome = await store.conversations.removeParticipant(
        known(id, 'conversation'),
        viewer.userId,
        userId,
      );
      return settle(outcome, 'Only the owner may remove others; everyone may remove themselves.');
    },

    async markRead(viewer, id, messageId) {
      known(messageId, 'message');
      const outcome = await store.conversations.markRead(known(id, 'conversation'), viewer.userId, messageId);
      return settle(outcome, 'You take no part in this conversation.');
    },

    async send(viewer, request) {
      assertClientId(request.clientMessageId, 'clientMessageId');
      assertText(request.text, { field: 'text', min: 1, max: maxMessageLength });
      if (request.conversationId !== null) known(request.conversationId, 'conversation');
      const refund = await consume(viewer, request.clientMessageId);
      try {
        return await sendToStore(viewer, request, refund);
      } catch (error) {
        await refund();
        throw error;
      }
    },

    async stopAnswer(viewer, messageId) {
      const outcome = await answers.requestStop(viewer.userId, known(messageId, 'answer'));
      if (outcome.kind === 'not-found') throw notFound('answer');
      return outcome.result;
    },

    async retryAnswer(viewer, { clientRetryId, messageId }) {
      assertClientId(clientRetryId, 'clientRetryId');
      const retryBy = { id: viewer.userId, name: viewer.name };
      const outcome = await answers.retry(retryBy, { clientRetryId, messageId: known(messageId, 'answer') });
      switch (outcome.kind) {
        case 'not-found':
          throw notFound('answer');
        case 'conflict':
          throw otherContent('clientRetryId');
        case 'created':
          return {
            kind: 'created',
            answer: outcome.result.answer,
            conversation: outcome.result.conversation,
          };
        case 'not-last':
        case 'answer-in-progress':
          return outcome;
      }
    },

    async subscribe(viewer, conversationId, after) {
      if (conversationId === null) {
        return feeds.subscribe({
          topics: [userTopic(viewer.userId), broadcastTopic],
          after,
          viewerId: viewer.userId,
          authorize: async () => {},
          deltas: false,
        });
      }
      known(conversationId, 'conversation');
      return feeds.subscribe({
        topics: [conversationTopic(conversationId), broadcastTopic],
        after,
        viewerId: viewer.userId,
        authorize: () => assertParticipant(viewer, conversationId),
        deltas: true,
      });
    },
  };
};
