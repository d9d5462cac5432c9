/* eslint-disable */
import * as types from './graphql.ts';
import type { TypedDocumentNode as DocumentNode } from '@graphql-typed-document-node/core';

/**
 * Map of all GraphQL operations in the project.
 *
 * This map has several performance disadvantages:
 * 1. It is not tree-shakeable, so it will include all operations in the project.
 * 2. It is not minifiable, so the string of a GraphQL query will be multiple times inside the bundle.
 * 3. It does not support dead code elimination, so it will add unused operations.
 *
 * Therefore it is highly recommended to use the babel or swc plugin for production.
 * Learn more about it here: https://the-guild.dev/graphql/codegen/plugins/presets/preset-client#reducing-bundle-size
 */
type Documents = {
    "\n  mutation Send($input: SendMessageInput!) {\n    sendMessage(input: $input) {\n      __typename\n      ... on SendMessageSuccess {\n        message { id text createdAt author { kind id name } }\n        answer { id answer { state attempt } }\n        conversation { id title }\n        cursor\n      }\n      ... on AnswerInProgress { code messageId }\n    }\n  }\n": typeof types.SendDocument,
    "\n  subscription Received($conversationId: ID, $after: [Cursor!]) {\n    messageReceived(conversationId: $conversationId, after: $after) {\n      __typename\n      ... on DurableEvent { id topic cursor at }\n      ... on Ready { cursors { topic cursor } resumed }\n      ... on Resync { cause cursors { topic cursor } }\n      ... on AnswerDelta { messageId conversationId attempt offset text }\n      ... on MessageAdded { conversationId message { id text inReplyTo author { kind id name } answer { state attempt } } }\n      ... on AnswerStarted { conversationId messageId }\n      ... on AnswerFinished { conversationId messageId text }\n      ... on AnswerStopped { conversationId messageId text }\n      ... on AnswerFailed { conversationId messageId text failure { code message temporary } }\n      ... on ConversationUpdated { conversationId title }\n      ... on ConversationRemoved { conversationId }\n      ... on ConversationRead { conversationId messageId }\n      ... on BroadcastAdded { broadcastId text expiresAt }\n      ... on BroadcastRead { broadcastId }\n    }\n  }\n": typeof types.ReceivedDocument,
    "\n  query History($id: ID!, $first: Int, $after: String, $last: Int, $before: String) {\n    conversation(id: $id) {\n      id\n      title\n      unreadCount\n      messages(first: $first, after: $after, last: $last, before: $before) {\n        cursor\n        pageInfo { hasNextPage hasPreviousPage startCursor endCursor }\n        edges { cursor node { id text author { kind } inReplyTo answer { state attempt } } }\n      }\n    }\n  }\n": typeof types.HistoryDocument,
};
const documents: Documents = {
    "\n  mutation Send($input: SendMessageInput!) {\n    sendMessage(input: $input) {\n      __typename\n      ... on SendMessageSuccess {\n        message { id text createdAt author { kind id name } }\n        answer { id answer { state attempt } }\n        conversation { id title }\n        cursor\n      }\n      ... on AnswerInProgress { code messageId }\n    }\n  }\n": types.SendDocument,
    "\n  subscription Received($conversationId: ID, $after: [Cursor!]) {\n    messageReceived(conversationId: $conversationId, after: $after) {\n      __typename\n      ... on DurableEvent { id topic cursor at }\n      ... on Ready { cursors { topic cursor } resumed }\n      ... on Resync { cause cursors { topic cursor } }\n      ... on AnswerDelta { messageId conversationId attempt offset text }\n      ... on MessageAdded { conversationId message { id text inReplyTo author { kind id name } answer { state attempt } } }\n      ... on AnswerStarted { conversationId messageId }\n      ... on AnswerFinished { conversationId messageId text }\n      ... on AnswerStopped { conversationId messageId text }\n      ... on AnswerFailed { conversationId messageId text failure { code message temporary } }\n      ... on ConversationUpdated { conversationId title }\n      ... on ConversationRemoved { conversationId }\n      ... on ConversationRead { conversationId messageId }\n      ... on BroadcastAdded { broadcastId text expiresAt }\n      ... on BroadcastRead { broadcastId }\n    }\n  }\n": types.ReceivedDocument,
    "\n  query History($id: ID!, $first: Int, $after: String, $last: Int, $before: String) {\n    conversation(id: $id) {\n      id\n      title\n      unreadCount\n      messages(first: $first, after: $after, last: $last, before: $before) {\n        cursor\n        pageInfo { hasNextPage hasPreviousPage startCursor endCursor }\n        edges { cursor node { id text author { kind } inReplyTo answer { state attempt } } }\n      }\n    }\n  }\n": types.HistoryDocument,
};

/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 *
 *
 * @example
 * ```ts
 * const query = graphql(`query GetUser($id: ID!) { user(id: $id) { name } }`);
 * ```
 *
 * The query argument is unknown!
 * Please regenerate the types.
 */
export function graphql(source: string): unknown;

/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation Send($input: SendMessageInput!) {\n    sendMessage(input: $input) {\n      __typename\n      ... on SendMessageSuccess {\n        message { id text createdAt author { kind id name } }\n        answer { id answer { state attempt } }\n        conversation { id title }\n        cursor\n      }\n      ... on AnswerInProgress { code messageId }\n    }\n  }\n"): (typeof documents)["\n  mutation Send($input: SendMessageInput!) {\n    sendMessage(input: $input) {\n      __typename\n      ... on SendMessageSuccess {\n        message { id text createdAt author { kind id name } }\n        answer { id answer { state attempt } }\n        conversation { id title }\n        cursor\n      }\n      ... on AnswerInProgress { code messageId }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  subscription Received($conversationId: ID, $after: [Cursor!]) {\n    messageReceived(conversationId: $conversationId, after: $after) {\n      __typename\n      ... on DurableEvent { id topic cursor at }\n      ... on Ready { cursors { topic cursor } resumed }\n      ... on Resync { cause cursors { topic cursor } }\n      ... on AnswerDelta { messageId conversationId attempt offset text }\n      ... on MessageAdded { conversationId message { id text inReplyTo author { kind id name } answer { state attempt } } }\n      ... on AnswerStarted { conversationId messageId }\n      ... on AnswerFinished { conversationId messageId text }\n      ... on AnswerStopped { conversationId messageId text }\n      ... on AnswerFailed { conversationId messageId text failure { code message temporary } }\n      ... on ConversationUpdated { conversationId title }\n      ... on ConversationRemoved { conversationId }\n      ... on ConversationRead { conversationId messageId }\n      ... on BroadcastAdded { broadcastId text expiresAt }\n      ... on BroadcastRead { broadcastId }\n    }\n  }\n"): (typeof documents)["\n  subscription Received($conversationId: ID, $after: [Cursor!]) {\n    messageReceived(conversationId: $conversationId, after: $after) {\n      __typename\n      ... on DurableEvent { id topic cursor at }\n      ... on Ready { cursors { topic cursor } resumed }\n      ... on Resync { cause cursors { topic cursor } }\n      ... on AnswerDelta { messageId conversationId attempt offset text }\n      ... on MessageAdded { conversationId message { id text inReplyTo author { kind id name } answer { state attempt } } }\n      ... on AnswerStarted { conversationId messageId }\n      ... on AnswerFinished { conversationId messageId text }\n      ... on AnswerStopped { conversationId messageId text }\n      ... on AnswerFailed { conversationId messageId text failure { code message temporary } }\n      ... on ConversationUpdated { conversationId title }\n      ... on ConversationRemoved { conversationId }\n      ... on ConversationRead { conversationId messageId }\n      ... on BroadcastAdded { broadcastId text expiresAt }\n      ... on BroadcastRead { broadcastId }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query History($id: ID!, $first: Int, $after: String, $last: Int, $before: String) {\n    conversation(id: $id) {\n      id\n      title\n      unreadCount\n      messages(first: $first, after: $after, last: $last, before: $before) {\n        cursor\n        pageInfo { hasNextPage hasPreviousPage startCursor endCursor }\n        edges { cursor node { id text author { kind } inReplyTo answer { state attempt } } }\n      }\n    }\n  }\n"): (typeof documents)["\n  query History($id: ID!, $first: Int, $after: String, $last: Int, $before: String) {\n    conversation(id: $id) {\n      id\n      title\n      unreadCount\n      messages(first: $first, after: $after, last: $last, before: $before) {\n        cursor\n        pageInfo { hasNextPage hasPreviousPage startCursor endCursor }\n        edges { cursor node { id text author { kind } inReplyTo answer { state attempt } } }\n      }\n    }\n  }\n"];

export function graphql(source: string) {
  return (documents as any)[source] ?? {};
}

export type DocumentType<TDocumentNode extends DocumentNode<any, any>> = TDocumentNode extends DocumentNode<  infer TType,  any>  ? TType  : never;