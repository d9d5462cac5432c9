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
    "\n  query AdminViewer {\n    viewer {\n      role\n      user {\n        id\n        name\n      }\n    }\n  }\n": typeof types.AdminViewerDocument,
    "\n  subscription AdminStatus {\n    connectionStatusChanged {\n      at\n      connectionCount\n      userCount\n      nodes {\n        id\n        version\n        startedAt\n        connectionCount\n        userCount\n        answersInProgress\n        residentBytes\n        isDraining\n      }\n      rates {\n        at\n        connections\n        userCount\n        answersInProgress\n        messages\n        deltas\n        timeToFirstTokenMs\n      }\n    }\n  }\n": typeof types.AdminStatusDocument,
    "\n  query AdminHistory {\n    connectionStatus {\n      history(minutes: 15) {\n        at\n        connections\n        userCount\n        answersInProgress\n        messages\n        deltas\n        timeToFirstTokenMs\n      }\n    }\n  }\n": typeof types.AdminHistoryDocument,
    "\n  query AdminConnections($first: Int!, $after: String, $filter: ConnectionFilter) {\n    connectionStatus {\n      at\n      connections(first: $first, after: $after, filter: $filter) {\n        totalCount\n        pageInfo {\n          endCursor\n          hasNextPage\n        }\n        nodes {\n          id\n          nodeId\n          userId\n          userName\n          transport\n          userAgent\n          connectedAt\n          lastActivityAt\n          messagesIn\n          messagesOut\n          subscriptionCount\n        }\n      }\n    }\n  }\n": typeof types.AdminConnectionsDocument,
    "\n  mutation AdminDisconnect($by: DisconnectInput!, $reason: String) {\n    disconnect(by: $by, reason: $reason)\n  }\n": typeof types.AdminDisconnectDocument,
    "\n  mutation AdminSetUserBlocked($userId: ID!, $blocked: Boolean!, $reason: String) {\n    setUserBlocked(userId: $userId, blocked: $blocked, reason: $reason) {\n      id\n      name\n      blockedAt\n      blockedReason\n    }\n  }\n": typeof types.AdminSetUserBlockedDocument,
    "\n  query AdminBroadcasts($first: Int!, $after: String) {\n    broadcasts(first: $first, after: $after) {\n      cursor\n      pageInfo {\n        endCursor\n        hasNextPage\n      }\n      edges {\n        node {\n          id\n          text\n          at\n          expiresAt\n        }\n      }\n    }\n  }\n": typeof types.AdminBroadcastsDocument,
    "\n  subscription AdminBroadcastEvents($after: [Cursor!]) {\n    messageReceived(after: $after) {\n      __typename\n      ... on Ready {\n        resumed\n      }\n      ... on BroadcastAdded {\n        broadcastId\n        text\n        at\n        expiresAt\n      }\n    }\n  }\n": typeof types.AdminBroadcastEventsDocument,
    "\n  mutation AdminBroadcast($input: BroadcastInput!) {\n    broadcast(input: $input) {\n      connectionCount\n      broadcast {\n        id\n        text\n        at\n        expiresAt\n      }\n    }\n  }\n": typeof types.AdminBroadcastDocument,
    "\n  query Viewer {\n    viewer {\n      role\n      user {\n        id\n        name\n      }\n    }\n  }\n": typeof types.ViewerDocument,
};
const documents: Documents = {
    "\n  query AdminViewer {\n    viewer {\n      role\n      user {\n        id\n        name\n      }\n    }\n  }\n": types.AdminViewerDocument,
    "\n  subscription AdminStatus {\n    connectionStatusChanged {\n      at\n      connectionCount\n      userCount\n      nodes {\n        id\n        version\n        startedAt\n        connectionCount\n        userCount\n        answersInProgress\n        residentBytes\n        isDraining\n      }\n      rates {\n        at\n        connections\n        userCount\n        answersInProgress\n        messages\n        deltas\n        timeToFirstTokenMs\n      }\n    }\n  }\n": types.AdminStatusDocument,
    "\n  query AdminHistory {\n    connectionStatus {\n      history(minutes: 15) {\n        at\n        connections\n        userCount\n        answersInProgress\n        messages\n        deltas\n        timeToFirstTokenMs\n      }\n    }\n  }\n": types.AdminHistoryDocument,
    "\n  query AdminConnections($first: Int!, $after: String, $filter: ConnectionFilter) {\n    connectionStatus {\n      at\n      connections(first: $first, after: $after, filter: $filter) {\n        totalCount\n        pageInfo {\n          endCursor\n          hasNextPage\n        }\n        nodes {\n          id\n          nodeId\n          userId\n          userName\n          transport\n          userAgent\n          connectedAt\n          lastActivityAt\n          messagesIn\n          messagesOut\n          subscriptionCount\n        }\n      }\n    }\n  }\n": types.AdminConnectionsDocument,
    "\n  mutation AdminDisconnect($by: DisconnectInput!, $reason: String) {\n    disconnect(by: $by, reason: $reason)\n  }\n": types.AdminDisconnectDocument,
    "\n  mutation AdminSetUserBlocked($userId: ID!, $blocked: Boolean!, $reason: String) {\n    setUserBlocked(userId: $userId, blocked: $blocked, reason: $reason) {\n      id\n      name\n      blockedAt\n      blockedReason\n    }\n  }\n": types.AdminSetUserBlockedDocument,
    "\n  query AdminBroadcasts($first: Int!, $after: String) {\n    broadcasts(first: $first, after: $after) {\n      cursor\n      pageInfo {\n        endCursor\n        hasNextPage\n      }\n      edges {\n        node {\n          id\n          text\n          at\n          expiresAt\n        }\n      }\n    }\n  }\n": types.AdminBroadcastsDocument,
    "\n  subscription AdminBroadcastEvents($after: [Cursor!]) {\n    messageReceived(after: $after) {\n      __typename\n      ... on Ready {\n        resumed\n      }\n      ... on BroadcastAdded {\n        broadcastId\n        text\n        at\n        expiresAt\n      }\n    }\n  }\n": types.AdminBroadcastEventsDocument,
    "\n  mutation AdminBroadcast($input: BroadcastInput!) {\n    broadcast(input: $input) {\n      connectionCount\n      broadcast {\n        id\n        text\n        at\n        expiresAt\n      }\n    }\n  }\n": types.AdminBroadcastDocument,
    "\n  query Viewer {\n    viewer {\n      role\n      user {\n        id\n        name\n      }\n    }\n  }\n": types.ViewerDocument,
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
export function graphql(source: "\n  query AdminViewer {\n    viewer {\n      role\n      user {\n        id\n        name\n      }\n    }\n  }\n"): (typeof documents)["\n  query AdminViewer {\n    viewer {\n      role\n      user {\n        id\n        name\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  subscription AdminStatus {\n    connectionStatusChanged {\n      at\n      connectionCount\n      userCount\n      nodes {\n        id\n        version\n        startedAt\n        connectionCount\n        userCount\n        answersInProgress\n        residentBytes\n        isDraining\n      }\n      rates {\n        at\n        connections\n        userCount\n        answersInProgress\n        messages\n        deltas\n        timeToFirstTokenMs\n      }\n    }\n  }\n"): (typeof documents)["\n  subscription AdminStatus {\n    connectionStatusChanged {\n      at\n      connectionCount\n      userCount\n      nodes {\n        id\n        version\n        startedAt\n        connectionCount\n        userCount\n        answersInProgress\n        residentBytes\n        isDraining\n      }\n      rates {\n        at\n        connections\n        userCount\n        answersInProgress\n        messages\n        deltas\n        timeToFirstTokenMs\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query AdminHistory {\n    connectionStatus {\n      history(minutes: 15) {\n        at\n        connections\n        userCount\n        answersInProgress\n        messages\n        deltas\n        timeToFirstTokenMs\n      }\n    }\n  }\n"): (typeof documents)["\n  query AdminHistory {\n    connectionStatus {\n      history(minutes: 15) {\n        at\n        connections\n        userCount\n        answersInProgress\n        messages\n        deltas\n        timeToFirstTokenMs\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query AdminConnections($first: Int!, $after: String, $filter: ConnectionFilter) {\n    connectionStatus {\n      at\n      connections(first: $first, after: $after, filter: $filter) {\n        totalCount\n        pageInfo {\n          endCursor\n          hasNextPage\n        }\n        nodes {\n          id\n          nodeId\n          userId\n          userName\n          transport\n          userAgent\n          connectedAt\n          lastActivityAt\n          messagesIn\n          messagesOut\n          subscriptionCount\n        }\n      }\n    }\n  }\n"): (typeof documents)["\n  query AdminConnections($first: Int!, $after: String, $filter: ConnectionFilter) {\n    connectionStatus {\n      at\n      connections(first: $first, after: $after, filter: $filter) {\n        totalCount\n        pageInfo {\n          endCursor\n          hasNextPage\n        }\n        nodes {\n          id\n          nodeId\n          userId\n          userName\n          transport\n          userAgent\n          connectedAt\n          lastActivityAt\n          messagesIn\n          messagesOut\n          subscriptionCount\n        }\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation AdminDisconnect($by: DisconnectInput!, $reason: String) {\n    disconnect(by: $by, reason: $reason)\n  }\n"): (typeof documents)["\n  mutation AdminDisconnect($by: DisconnectInput!, $reason: String) {\n    disconnect(by: $by, reason: $reason)\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation AdminSetUserBlocked($userId: ID!, $blocked: Boolean!, $reason: String) {\n    setUserBlocked(userId: $userId, blocked: $blocked, reason: $reason) {\n      id\n      name\n      blockedAt\n      blockedReason\n    }\n  }\n"): (typeof documents)["\n  mutation AdminSetUserBlocked($userId: ID!, $blocked: Boolean!, $reason: String) {\n    setUserBlocked(userId: $userId, blocked: $blocked, reason: $reason) {\n      id\n      name\n      blockedAt\n      blockedReason\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query AdminBroadcasts($first: Int!, $after: String) {\n    broadcasts(first: $first, after: $after) {\n      cursor\n      pageInfo {\n        endCursor\n        hasNextPage\n      }\n      edges {\n        node {\n          id\n          text\n          at\n          expiresAt\n        }\n      }\n    }\n  }\n"): (typeof documents)["\n  query AdminBroadcasts($first: Int!, $after: String) {\n    broadcasts(first: $first, after: $after) {\n      cursor\n      pageInfo {\n        endCursor\n        hasNextPage\n      }\n      edges {\n        node {\n          id\n          text\n          at\n          expiresAt\n        }\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  subscription AdminBroadcastEvents($after: [Cursor!]) {\n    messageReceived(after: $after) {\n      __typename\n      ... on Ready {\n        resumed\n      }\n      ... on BroadcastAdded {\n        broadcastId\n        text\n        at\n        expiresAt\n      }\n    }\n  }\n"): (typeof documents)["\n  subscription AdminBroadcastEvents($after: [Cursor!]) {\n    messageReceived(after: $after) {\n      __typename\n      ... on Ready {\n        resumed\n      }\n      ... on BroadcastAdded {\n        broadcastId\n        text\n        at\n        expiresAt\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation AdminBroadcast($input: BroadcastInput!) {\n    broadcast(input: $input) {\n      connectionCount\n      broadcast {\n        id\n        text\n        at\n        expiresAt\n      }\n    }\n  }\n"): (typeof documents)["\n  mutation AdminBroadcast($input: BroadcastInput!) {\n    broadcast(input: $input) {\n      connectionCount\n      broadcast {\n        id\n        text\n        at\n        expiresAt\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query Viewer {\n    viewer {\n      role\n      user {\n        id\n        name\n      }\n    }\n  }\n"): (typeof documents)["\n  query Viewer {\n    viewer {\n      role\n      user {\n        id\n        name\n      }\n    }\n  }\n"];

export function graphql(source: string) {
  return (documents as any)[source] ?? {};
}

export type DocumentType<TDocumentNode extends DocumentNode<any, any>> = TDocumentNode extends DocumentNode<  infer TType,  any>  ? TType  : never;