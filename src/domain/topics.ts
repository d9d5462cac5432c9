/** Our routing key: `conversation:<id>`, `user:<id>` or `broadcast`. Built only here. */
export type Topic = `conversation:${string}` | `user:${string}` | 'broadcast';

export const conversationTopic = (conversationId: string): Topic => `conversation:${conversationId}`;
export const userTopic = (userId: string): Topic => `user:${userId}`;
export const broadcastTopic: Topic = 'broadcast';

export const isTopic = (value: string): value is Topic =>
  value === broadcastTopic || /^(?:conversation|user):./s.test(value);
