import { historyDocument, sendDocument } from '../support/documents.ts';

/** The documents of the learners, and how to send one over HTTP through a network that may fail. */

export const documents = {
  send: sendDocument,
  page: historyDocument,
  create: `mutation Create($id: ID!) { createConversation(input: { clientConversationId: $id }) { id } }`,
  add: `mutation Add($id: ID!, $userId: ID!) { addParticipant(conversationId: $id, userId: $userId) { id } }`,
  remove: `mutation Remove($id: ID!, $userId: ID!) { removeParticipant(conversationId: $id, userId: $userId) { id } }`,
  stop: `mutation Stop($id: ID!) { stopAnswer(messageId: $id) { id answer { state } } }`,
  retry: `mutation Retry($input: RetryAnswerInput!) { retryAnswer(input: $input) {
    __typename ... on RetryAnswerSuccess { answer { id } } ... on Error { code } } }`,
  typing: `mutation Typing($id: ID!, $isTyping: Boolean!) { setTyping(conversationId: $id, isTyping: $isTyping) }`,
  read: `mutation Read($id: ID!, $messageId: ID!) { markRead(conversationId: $id, messageId: $messageId) { id } }`,
  renew: `mutation Renew($token: String!) { renewAuth(token: $token) { expiresAt } }`,
  block: `mutation Block($userId: ID!, $blocked: Boolean!) { setUserBlocked(userId: $userId, blocked: $blocked) { id } }`,
  disconnect: `mutation Disconnect($userId: ID!) { disconnect(by: { userId: $userId }) }`,
  broadcast: `mutation Broadcast($input: BroadcastInput!) { broadcast(input: $input) { connectionCount } }`,
  viewer: `query { viewer { user { id } } }`,
  status: `query { connectionStatus { connectionCount userCount nodes { id residentBytes } } }`,
  typingEvents: `subscription Typists($id: ID!) { typing(conversationId: $id) { author { kind id } isTyping } }`,
} as const;

// biome-ignore lint/suspicious/noExplicitAny: reached into by those who wrote the document
export type Data = any;

/** What the server, or the way to it, said instead of a result. */
export class ApiError extends Error {
  /** `LOST` when no reply came. */
  readonly code: string;
  /** The same request may succeed later. */
  readonly isTemporary: boolean;

  constructor(code: string, isTemporary: boolean, message: string) {
    super(message);
    this.code = code;
    this.isTemporary = isTemporary;
  }
}

interface GraphqlError {
  readonly message: string;
  readonly extensions?: { readonly code?: string; readonly temporary?: boolean };
}

export const toApiError = (errors: unknown): ApiError => {
  const first = Array.isArray(errors) ? (errors[0] as GraphqlError | undefined) : undefined;
  if (first === undefined) return new ApiError('LOST', true, String(errors));
  const { code = 'NONE', temporary = false } = first.extensions ?? {};
  return new ApiError(code, temporary, first.message);
};

const requestTimeoutMs = 10_000;

export const postOperation = async (
  host: string,
  token: string,
  query: string,
  variables: Record<string, unknown>,
): Promise<Data> => {
  let body: { data?: Data; errors?: unknown };
  try {
    const response = await fetch(`http://${host}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
      body: JSON.stringify({ query, variables }),
      signal: AbortSignal.timeout(requestTimeoutMs),
    });
    body = (await response.json()) as typeof body;
  } catch (error) {
    throw new ApiError('LOST', true, String(error));
  }
  if (body.errors) throw toApiError(body.errors);
  return body.data;
};
