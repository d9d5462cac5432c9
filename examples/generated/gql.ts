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
    "\n  fragment MessageFields on Message {\n    id text\n    author { kind id name }\n    answer { state }\n  }\n": typeof types.MessageFieldsFragmentDoc,
    "\n  mutation CreateConversation($input: CreateConversationInput!) { createConversation(input: $input) { id } }\n": typeof types.CreateConversationDocument,
    "\n  fragment AnswerFields on Message { id text answer { __typename state } }\n": typeof types.AnswerFieldsFragmentDoc,
    "\n  query Conversation($id: ID!) {\n    viewer { user { id name } }\n    conversation(id: $id) {\n      id\n      messages(last: 50) { cursor edges { node { ...MessageFields } } }\n    }\n  }\n": typeof types.ConversationDocument,
    "\n  mutation SendMessage($input: SendMessageInput!) {\n    sendMessage(input: $input) {\n      __typename\n      ... on SendMessageSuccess { message { ...MessageFields } answer { id } }\n      ... on AnswerInProgress { reason }\n    }\n  }\n": typeof types.SendMessageDocument,
    "\n  subscription MessageReceived($id: ID!, $after: [Cursor!]) {\n    messageReceived(conversationId: $id, after: $after) {\n      __typename\n      ... on MessageAdded { message { ...MessageFields } }\n      ... on AnswerStarted { messageId }\n      ... on AnswerDelta { messageId attempt offset text }\n      ... on AnswerFinished { messageId text }\n      ... on AnswerStopped { messageId text }\n      ... on AnswerFailed { messageId text }\n    }\n  }\n": typeof types.MessageReceivedDocument,
};
const documents: Documents = {
    "\n  fragment MessageFields on Message {\n    id text\n    author { kind id name }\n    answer { state }\n  }\n": types.MessageFieldsFragmentDoc,
    "\n  mutation CreateConversation($input: CreateConversationInput!) { createConversation(input: $input) { id } }\n": types.CreateConversationDocument,
    "\n  fragment AnswerFields on Message { id text answer { __typename state } }\n": types.AnswerFieldsFragmentDoc,
    "\n  query Conversation($id: ID!) {\n    viewer { user { id name } }\n    conversation(id: $id) {\n      id\n      messages(last: 50) { cursor edges { node { ...MessageFields } } }\n    }\n  }\n": types.ConversationDocument,
    "\n  mutation SendMessage($input: SendMessageInput!) {\n    sendMessage(input: $input) {\n      __typename\n      ... on SendMessageSuccess { message { ...MessageFields } answer { id } }\n      ... on AnswerInProgress { reason }\n    }\n  }\n": types.SendMessageDocument,
    "\n  subscription MessageReceived($id: ID!, $after: [Cursor!]) {\n    messageReceived(conversationId: $id, after: $after) {\n      __typename\n      ... on MessageAdded { message { ...MessageFields } }\n      ... on AnswerStarted { messageId }\n      ... on AnswerDelta { messageId attempt offset text }\n      ... on AnswerFinished { messageId text }\n      ... on AnswerStopped { messageId text }\n      ... on AnswerFailed { messageId text }\n    }\n  }\n": types.MessageReceivedDocument,
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
export function graphql(source: "\n  fragment MessageFields on Message {\n    id text\n    author { kind id name }\n    answer { state }\n  }\n"): (typeof documents)["\n  fragment MessageFields on Message {\n    id text\n    author { kind id name }\n    answer { state }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation CreateConversation($input: CreateConversationInput!) { createConversation(input: $input) { id } }\n"): (typeof documents)["\n  mutation CreateConversation($input: CreateConversationInput!) { createConversation(input: $input) { id } }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  fragment AnswerFields on Message { id text answer { __typename state } }\n"): (typeof documents)["\n  fragment AnswerFields on Message { id text answer { __typename state } }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query Conversation($id: ID!) {\n    viewer { user { id name } }\n    conversation(id: $id) {\n      id\n      messages(last: 50) { cursor edges { node { ...MessageFields } } }\n    }\n  }\n"): (typeof documents)["\n  query Conversation($id: ID!) {\n    viewer { user { id name } }\n    conversation(id: $id) {\n      id\n      messages(last: 50) { cursor edges { node { ...MessageFields } } }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation SendMessage($input: SendMessageInput!) {\n    sendMessage(input: $input) {\n      __typename\n      ... on SendMessageSuccess { message { ...MessageFields } answer { id } }\n      ... on AnswerInProgress { reason }\n    }\n  }\n"): (typeof documents)["\n  mutation SendMessage($input: SendMessageInput!) {\n    sendMessage(input: $input) {\n      __typename\n      ... on SendMessageSuccess { message { ...MessageFields } answer { id } }\n      ... on AnswerInProgress { reason }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  subscription MessageReceived($id: ID!, $after: [Cursor!]) {\n    messageReceived(conversationId: $id, after: $after) {\n      __typename\n      ... on MessageAdded { message { ...MessageFields } }\n      ... on AnswerStarted { messageId }\n      ... on AnswerDelta { messageId attempt offset text }\n      ... on AnswerFinished { messageId text }\n      ... on AnswerStopped { messageId text }\n      ... on AnswerFailed { messageId text }\n    }\n  }\n"): (typeof documents)["\n  subscription MessageReceived($id: ID!, $after: [Cursor!]) {\n    messageReceived(conversationId: $id, after: $after) {\n      __typename\n      ... on MessageAdded { message { ...MessageFields } }\n      ... on AnswerStarted { messageId }\n      ... on AnswerDelta { messageId attempt offset text }\n      ... on AnswerFinished { messageId text }\n      ... on AnswerStopped { messageId text }\n      ... on AnswerFailed { messageId text }\n    }\n  }\n"];

export function graphql(source: string) {
  return (documents as any)[source] ?? {};
}

export type DocumentType<TDocumentNode extends DocumentNode<any, any>> = TDocumentNode extends DocumentNode<  infer TType,  any>  ? TType  : never;