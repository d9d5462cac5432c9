import { randomUUID } from 'node:crypto';

/** Events with the fields that EdAgent's have, so that all are asked for the same. */

const { TOPIC_PREFIX = '' } = process.env;

/** All peers share one Redis, and none should hear another's events. */
export const withPrefix = (topic) => `${TOPIC_PREFIX}${topic}`;

const plainTopicOf = (conversation) => (conversation === null ? 'broadcast' : `conversation:${conversation}`);

export const topicOf = (conversation) => withPrefix(plainTopicOf(conversation));
export const typingTopicOf = (conversation) => withPrefix(`typing:${conversation}`);

let count = 0;

/** As long as EdAgent's, and as opaque. */
const toCursor = (topic) => Buffer.from(`1.epoch.${(++count).toString(36)}.${topic}`).toString('base64url');

const author = { kind: 'LEARNER', id: 'learner-0', name: 'learner-0' };

export const toEvent = ({ conversation, text }) => {
  const at = new Date().toISOString();
  const topic = plainTopicOf(conversation);
  const head = { id: randomUUID(), topic, cursor: toCursor(topic), at };
  if (conversation === null) {
    return { __typename: 'BroadcastAdded', ...head, broadcastId: randomUUID(), text, expiresAt: at };
  }
  return {
    __typename: 'MessageAdded',
    ...head,
    conversationId: conversation,
    message: { id: randomUUID(), text, author, createdAt: at },
  };
};
