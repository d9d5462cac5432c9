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
    "\n  subscription AdminStatus {\n    connectionStatusChanged {\n      at\n      connectionCount\n      userCount\n      nodes {\n        id\n        version\n        startedAt\n        connectionCount\n        userCount\n        answersInProgress\n        residentBytes\n        isDraining\n      }\n      rates {\n        at\n        connections\n        userCount\n        answersInProgress\n        messages\n        deltas\n        broadcasts\n        timeToFirstTokenMs\n      }\n    }\n  }\n": typeof types.AdminStatusDocument,
    "\n  query AdminHistory {\n    connectionStatus {\n      history(minutes: 15) {\n        at\n        connections\n        userCount\n        answersInProgress\n        messages\n        deltas\n        broadcasts\n        timeToFirstTokenMs\n      }\n    }\n  }\n": typeof types.AdminHistoryDocument,
    "\n  query AdminConnections($first: Int!, $after: String, $filter: ConnectionFilter) {\n    connectionStatus {\n      at\n      connections(first: $first, after: $after, filter: $filter) {\n        totalCount\n        pageInfo {\n          endCursor\n          hasNextPage\n        }\n        nodes {\n          id\n          nodeId\n          userId\n          userName\n          transport\n          userAgent\n          connectedAt\n          lastActivityAt\n          messagesIn\n          messagesOut\n          subscriptionCount\n        }\n      }\n    }\n  }\n": typeof types.AdminConnectionsDocument,
    "\n  mutation AdminDisconnect($by: DisconnectInput!, $reason: String) {\n    disconnect(by: $by, reason: $reason)\n  }\n": typeof types.AdminDisconnectDocument,
    "\n  mutation AdminSetUserBlocked($userId: ID!, $blocked: Boolean!, $reason: String) {\n    setUserBlocked(userId: $userId, blocked: $blocked, reason: $reason) {\n      id\n      name\n      blockedAt\n      blockedReason\n    }\n  }\n": typeof types.AdminSetUserBlockedDocument,
    "\n  query AdminBroadcasts($first: Int!, $after: String) {\n    broadcasts(first: $first, after: $after) {\n      cursor\n      pageInfo {\n        endCursor\n        hasNextPage\n      }\n      edges {\n        node {\n          id\n          text\n          at\n          expiresAt\n        }\n      }\n    }\n  }\n": typeof types.AdminBroadcastsDocument,
    "\n  subscription AdminBroadcastEvents($after: [Cursor!]) {\n    messageReceived(after: $after) {\n      __typename\n      ... on Ready {\n        resumed\n      }\n      ... on BroadcastAdded {\n        broadcastId\n        text\n        at\n        expiresAt\n      }\n    }\n  }\n": typeof types.AdminBroadcastEventsDocument,
    "\n  mutation AdminBroadcast($input: BroadcastInput!) {\n    broadcast(input: $input) {\n      connectionCount\n      broadcast {\n        id\n        text\n        at\n        expiresAt\n      }\n    }\n  }\n": typeof types.AdminBroadcastDocument,
    "\n  fragment MessageParts on Message {\n    id\n    createdAt\n    text\n    inReplyTo\n    retryOf\n    author {\n      id\n      kind\n      name\n    }\n    answer {\n      state\n      attempt\n      failure {\n        code\n        message\n        temporary\n      }\n    }\n  }\n": typeof types.MessagePartsFragmentDoc,
    "\n  fragment ConversationParts on Conversation {\n    id\n    title\n    updatedAt\n    unreadCount\n    lastMessage {\n      id\n    }\n    owner {\n      id\n    }\n  }\n": typeof types.ConversationPartsFragmentDoc,
    "\n  query Conversations($after: String, $first: Int!) {\n    viewer {\n      conversations(first: $first, after: $after) {\n        cursor\n        edges {\n          node {\n            ...ConversationParts\n          }\n        }\n        pageInfo {\n          hasNextPage\n          endCursor\n        }\n      }\n    }\n  }\n": typeof types.ConversationsDocument,
    "\n  query Announcements {\n    viewer {\n      broadcasts(first: 20, unreadOnly: true) {\n        cursor\n        edges {\n          node {\n            id\n            at\n            text\n            expiresAt\n          }\n        }\n      }\n    }\n  }\n": typeof types.AnnouncementsDocument,
    "\n  query ConversationSummary($id: ID!) {\n    conversation(id: $id) {\n      ...ConversationParts\n    }\n  }\n": typeof types.ConversationSummaryDocument,
    "\n  query Conversation($id: ID!, $last: Int!, $before: String) {\n    conversation(id: $id) {\n      id\n      messages(last: $last, before: $before) {\n        cursor\n        edges {\n          node {\n            ...MessageParts\n          }\n        }\n        pageInfo {\n          hasPreviousPage\n          startCursor\n        }\n      }\n    }\n  }\n": typeof types.ConversationDocument,
    "\n  query Participants($id: ID!) {\n    conversation(id: $id) {\n      id\n      owner {\n        id\n      }\n      participants {\n        user {\n          id\n          name\n        }\n      }\n    }\n  }\n": typeof types.ParticipantsDocument,
    "\n  subscription ConversationEvents($id: ID!, $after: [Cursor!]) {\n    messageReceived(conversationId: $id, after: $after) {\n      __typename\n      ... on MessageAdded {\n        message {\n          ...MessageParts\n        }\n      }\n      ... on AnswerStarted {\n        messageId\n      }\n      ... on AnswerDelta {\n        messageId\n        attempt\n        offset\n        text\n      }\n      ... on AnswerFinished {\n        messageId\n        text\n      }\n      ... on AnswerStopped {\n        messageId\n        text\n      }\n      ... on AnswerFailed {\n        messageId\n        text\n        failure {\n          code\n          message\n          temporary\n        }\n      }\n      ... on Resync {\n        cause\n      }\n    }\n  }\n": typeof types.ConversationEventsDocument,
    "\n  subscription ViewerEvents($after: [Cursor!]) {\n    messageReceived(after: $after) {\n      __typename\n      ... on MessageAdded {\n        conversationId\n        at\n        message {\n          id\n          author {\n            id\n          }\n        }\n      }\n      ... on ConversationUpdated {\n        conversationId\n        title\n        at\n      }\n      ... on ConversationRemoved {\n        conversationId\n      }\n      ... on ConversationRead {\n        conversationId\n        messageId\n      }\n      ... on BroadcastAdded {\n        broadcastId\n        at\n        text\n        expiresAt\n      }\n      ... on BroadcastRead {\n        broadcastId\n      }\n    }\n  }\n": typeof types.ViewerEventsDocument,
    "\n  subscription Typing($id: ID!) {\n    typing(conversationId: $id) {\n      author {\n        id\n        kind\n        name\n      }\n      isTyping\n      expiresAt\n    }\n  }\n": typeof types.TypingDocument,
    "\n  mutation SendMessage($input: SendMessageInput!) {\n    sendMessage(input: $input) {\n      __typename\n      ... on SendMessageSuccess {\n        message {\n          id\n        }\n        conversation {\n          id\n        }\n        cursor\n      }\n      ... on AnswerInProgress {\n        reason\n        messageId\n      }\n    }\n  }\n": typeof types.SendMessageDocument,
    "\n  mutation RetryAnswer($input: RetryAnswerInput!) {\n    retryAnswer(input: $input) {\n      __typename\n      ... on Error {\n        reason\n      }\n    }\n  }\n": typeof types.RetryAnswerDocument,
    "\n  mutation StopAnswer($messageId: ID!) {\n    stopAnswer(messageId: $messageId) {\n      id\n    }\n  }\n": typeof types.StopAnswerDocument,
    "\n  mutation SetTyping($conversationId: ID!, $isTyping: Boolean!) {\n    setTyping(conversationId: $conversationId, isTyping: $isTyping)\n  }\n": typeof types.SetTypingDocument,
    "\n  mutation MarkRead($conversationId: ID!, $messageId: ID!) {\n    markRead(conversationId: $conversationId, messageId: $messageId) {\n      id\n    }\n  }\n": typeof types.MarkReadDocument,
    "\n  mutation MarkBroadcastRead($id: ID!) {\n    markBroadcastRead(id: $id) {\n      id\n    }\n  }\n": typeof types.MarkBroadcastReadDocument,
    "\n  mutation RenameConversation($id: ID!, $title: String!) {\n    renameConversation(id: $id, title: $title) {\n      id\n    }\n  }\n": typeof types.RenameConversationDocument,
    "\n  mutation DeleteConversation($id: ID!) {\n    deleteConversation(id: $id)\n  }\n": typeof types.DeleteConversationDocument,
    "\n  mutation AddParticipant($conversationId: ID!, $userId: ID!) {\n    addParticipant(conversationId: $conversationId, userId: $userId) {\n      id\n    }\n  }\n": typeof types.AddParticipantDocument,
    "\n  mutation RemoveParticipant($conversationId: ID!, $userId: ID!) {\n    removeParticipant(conversationId: $conversationId, userId: $userId) {\n      id\n    }\n  }\n": typeof types.RemoveParticipantDocument,
    "\n  query Viewer {\n    viewer {\n      role\n      user {\n        id\n        name\n      }\n      limits {\n        messageLength\n      }\n      profile {\n        goals\n        level\n        interests\n      }\n    }\n  }\n": typeof types.ViewerDocument,
    "\n  mutation UpdateProfile($input: UpdateProfileInput!) {\n    updateProfile(input: $input) {\n      profile {\n        goals\n        level\n        interests\n      }\n    }\n  }\n": typeof types.UpdateProfileDocument,
};
const documents: Documents = {
    "\n  query AdminViewer {\n    viewer {\n      role\n      user {\n        id\n        name\n      }\n    }\n  }\n": types.AdminViewerDocument,
    "\n  subscription AdminStatus {\n    connectionStatusChanged {\n      at\n      connectionCount\n      userCount\n      nodes {\n        id\n        version\n        startedAt\n        connectionCount\n        userCount\n        answersInProgress\n        residentBytes\n        isDraining\n      }\n      rates {\n        at\n        connections\n        userCount\n        answersInProgress\n        messages\n        deltas\n        broadcasts\n        timeToFirstTokenMs\n      }\n    }\n  }\n": types.AdminStatusDocument,
    "\n  query AdminHistory {\n    connectionStatus {\n      history(minutes: 15) {\n        at\n        connections\n        userCount\n        answersInProgress\n        messages\n        deltas\n        broadcasts\n        timeToFirstTokenMs\n      }\n    }\n  }\n": types.AdminHistoryDocument,
    "\n  query AdminConnections($first: Int!, $after: String, $filter: ConnectionFilter) {\n    connectionStatus {\n      at\n      connections(first: $first, after: $after, filter: $filter) {\n        totalCount\n        pageInfo {\n          endCursor\n          hasNextPage\n        }\n        nodes {\n          id\n          nodeId\n          userId\n          userName\n          transport\n          userAgent\n          connectedAt\n          lastActivityAt\n          messagesIn\n          messagesOut\n          subscriptionCount\n        }\n      }\n    }\n  }\n": types.AdminConnectionsDocument,
    "\n  mutation AdminDisconnect($by: DisconnectInput!, $reason: String) {\n    disconnect(by: $by, reason: $reason)\n  }\n": types.AdminDisconnectDocument,
    "\n  mutation AdminSetUserBlocked($userId: ID!, $blocked: Boolean!, $reason: String) {\n    setUserBlocked(userId: $userId, blocked: $blocked, reason: $reason) {\n      id\n      name\n      blockedAt\n      blockedReason\n    }\n  }\n": types.AdminSetUserBlockedDocument,
    "\n  query AdminBroadcasts($first: Int!, $after: String) {\n    broadcasts(first: $first, after: $after) {\n      cursor\n      pageInfo {\n        endCursor\n        hasNextPage\n      }\n      edges {\n        node {\n          id\n          text\n          at\n          expiresAt\n        }\n      }\n    }\n  }\n": types.AdminBroadcastsDocument,
    "\n  subscription AdminBroadcastEvents($after: [Cursor!]) {\n    messageReceived(after: $after) {\n      __typename\n      ... on Ready {\n        resumed\n      }\n      ... on BroadcastAdded {\n        broadcastId\n        text\n        at\n        expiresAt\n      }\n    }\n  }\n": types.AdminBroadcastEventsDocument,
    "\n  mutation AdminBroadcast($input: BroadcastInput!) {\n    broadcast(input: $input) {\n      connectionCount\n      broadcast {\n        id\n        text\n        at\n        expiresAt\n      }\n    }\n  }\n": types.AdminBroadcastDocument,
    "\n  fragment MessageParts on Message {\n    id\n    createdAt\n    text\n    inReplyTo\n    retryOf\n    author {\n      id\n      kind\n      name\n    }\n    answer {\n      state\n      attempt\n      failure {\n        code\n        message\n        temporary\n      }\n    }\n  }\n": types.MessagePartsFragmentDoc,
    "\n  fragment ConversationParts on Conversation {\n    id\n    title\n    updatedAt\n    unreadCount\n    lastMessage {\n      id\n    }\n    owner {\n      id\n    }\n  }\n": types.ConversationPartsFragmentDoc,
    "\n  query Conversations($after: String, $first: Int!) {\n    viewer {\n      conversations(first: $first, after: $after) {\n        cursor\n        edges {\n          node {\n            ...ConversationParts\n          }\n        }\n        pageInfo {\n          hasNextPage\n          endCursor\n        }\n      }\n    }\n  }\n": types.ConversationsDocument,
    "\n  query Announcements {\n    viewer {\n      broadcasts(first: 20, unreadOnly: true) {\n        cursor\n        edges {\n          node {\n            id\n            at\n            text\n            expiresAt\n          }\n        }\n      }\n    }\n  }\n": types.AnnouncementsDocument,
    "\n  query ConversationSummary($id: ID!) {\n    conversation(id: $id) {\n      ...ConversationParts\n    }\n  }\n": types.ConversationSummaryDocument,
    "\n  query Conversation($id: ID!, $last: Int!, $before: String) {\n    conversation(id: $id) {\n      id\n      messages(last: $last, before: $before) {\n        cursor\n        edges {\n          node {\n            ...MessageParts\n          }\n        }\n        pageInfo {\n          hasPreviousPage\n          startCursor\n        }\n      }\n    }\n  }\n": types.ConversationDocument,
    "\n  query Participants($id: ID!) {\n    conversation(id: $id) {\n      id\n      owner {\n        id\n      }\n      participants {\n        user {\n          id\n          name\n        }\n      }\n    }\n  }\n": types.ParticipantsDocument,
    "\n  subscription ConversationEvents($id: ID!, $after: [Cursor!]) {\n    messageReceived(conversationId: $id, after: $after) {\n      __typename\n      ... on MessageAdded {\n        message {\n          ...MessageParts\n        }\n      }\n      ... on AnswerStarted {\n        messageId\n      }\n      ... on AnswerDelta {\n        messageId\n        attempt\n        offset\n        text\n      }\n      ... on AnswerFinished {\n        messageId\n        text\n      }\n      ... on AnswerStopped {\n        messageId\n        text\n      }\n      ... on AnswerFailed {\n        messageId\n        text\n        failure {\n          code\n          message\n          temporary\n        }\n      }\n      ... on Resync {\n        cause\n      }\n    }\n  }\n": types.ConversationEventsDocument,
    "\n  subscription ViewerEvents($after: [Cursor!]) {\n    messageReceived(after: $after) {\n      __typename\n      ... on MessageAdded {\n        conversationId\n        at\n        message {\n          id\n          author {\n            id\n          }\n        }\n      }\n      ... on ConversationUpdated {\n        conversationId\n        title\n        at\n      }\n      ... on ConversationRemoved {\n        conversationId\n      }\n      ... on ConversationRead {\n        conversationId\n        messageId\n      }\n      ... on BroadcastAdded {\n        broadcastId\n        at\n        text\n        expiresAt\n      }\n      ... on BroadcastRead {\n        broadcastId\n      }\n    }\n  }\n": types.ViewerEventsDocument,
    "\n  subscription Typing($id: ID!) {\n    typing(conversationId: $id) {\n      author {\n        id\n        kind\n        name\n      }\n      isTyping\n      expiresAt\n    }\n  }\n": types.TypingDocument,
    "\n  mutation SendMessage($input: SendMessageInput!) {\n    sendMessage(input: $input) {\n      __typename\n      ... on SendMessageSuccess {\n        message {\n          id\n        }\n        conversation {\n          id\n        }\n        cursor\n      }\n      ... on AnswerInProgress {\n        reason\n        messageId\n      }\n    }\n  }\n": types.SendMessageDocument,
    "\n  mutation RetryAnswer($input: RetryAnswerInput!) {\n    retryAnswer(input: $input) {\n      __typename\n      ... on Error {\n        reason\n      }\n    }\n  }\n": types.RetryAnswerDocument,
    "\n  mutation StopAnswer($messageId: ID!) {\n    stopAnswer(messageId: $messageId) {\n      id\n    }\n  }\n": types.StopAnswerDocument,
    "\n  mutation SetTyping($conversationId: ID!, $isTyping: Boolean!) {\n    setTyping(conversationId: $conversationId, isTyping: $isTyping)\n  }\n": types.SetTypingDocument,
    "\n  mutation MarkRead($conversationId: ID!, $messageId: ID!) {\n    markRead(conversationId: $conversationId, messageId: $messageId) {\n      id\n    }\n  }\n": types.MarkReadDocument,
    "\n  mutation MarkBroadcastRead($id: ID!) {\n    markBroadcastRead(id: $id) {\n      id\n    }\n  }\n": types.MarkBroadcastReadDocument,
    "\n  mutation RenameConversation($id: ID!, $title: String!) {\n    renameConversation(id: $id, title: $title) {\n      id\n    }\n  }\n": types.RenameConversationDocument,
    "\n  mutation DeleteConversation($id: ID!) {\n    deleteConversation(id: $id)\n  }\n": types.DeleteConversationDocument,
    "\n  mutation AddParticipant($conversationId: ID!, $userId: ID!) {\n    addParticipant(conversationId: $conversationId, userId: $userId) {\n      id\n    }\n  }\n": types.AddParticipantDocument,
    "\n  mutation RemoveParticipant($conversationId: ID!, $userId: ID!) {\n    removeParticipant(conversationId: $conversationId, userId: $userId) {\n      id\n    }\n  }\n": types.RemoveParticipantDocument,
    "\n  query Viewer {\n    viewer {\n      role\n      user {\n        id\n        name\n      }\n      limits {\n        messageLength\n      }\n      profile {\n        goals\n        level\n        interests\n      }\n    }\n  }\n": types.ViewerDocument,
    "\n  mutation UpdateProfile($input: UpdateProfileInput!) {\n    updateProfile(input: $input) {\n      profile {\n        goals\n        level\n        interests\n      }\n    }\n  }\n": types.UpdateProfileDocument,
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
export function graphql(source: "\n  subscription AdminStatus {\n    connectionStatusChanged {\n      at\n      connectionCount\n      userCount\n      nodes {\n        id\n        version\n        startedAt\n        connectionCount\n        userCount\n        answersInProgress\n        residentBytes\n        isDraining\n      }\n      rates {\n        at\n        connections\n        userCount\n        answersInProgress\n        messages\n        deltas\n        broadcasts\n        timeToFirstTokenMs\n      }\n    }\n  }\n"): (typeof documents)["\n  subscription AdminStatus {\n    connectionStatusChanged {\n      at\n      connectionCount\n      userCount\n      nodes {\n        id\n        version\n        startedAt\n        connectionCount\n        userCount\n        answersInProgress\n        residentBytes\n        isDraining\n      }\n      rates {\n        at\n        connections\n        userCount\n        answersInProgress\n        messages\n        deltas\n        broadcasts\n        timeToFirstTokenMs\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query AdminHistory {\n    connectionStatus {\n      history(minutes: 15) {\n        at\n        connections\n        userCount\n        answersInProgress\n        messages\n        deltas\n        broadcasts\n        timeToFirstTokenMs\n      }\n    }\n  }\n"): (typeof documents)["\n  query AdminHistory {\n    connectionStatus {\n      history(minutes: 15) {\n        at\n        connections\n        userCount\n        answersInProgress\n        messages\n        deltas\n        broadcasts\n        timeToFirstTokenMs\n      }\n    }\n  }\n"];
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
export function graphql(source: "\n  fragment MessageParts on Message {\n    id\n    createdAt\n    text\n    inReplyTo\n    retryOf\n    author {\n      id\n      kind\n      name\n    }\n    answer {\n      state\n      attempt\n      failure {\n        code\n        message\n        temporary\n      }\n    }\n  }\n"): (typeof documents)["\n  fragment MessageParts on Message {\n    id\n    createdAt\n    text\n    inReplyTo\n    retryOf\n    author {\n      id\n      kind\n      name\n    }\n    answer {\n      state\n      attempt\n      failure {\n        code\n        message\n        temporary\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  fragment ConversationParts on Conversation {\n    id\n    title\n    updatedAt\n    unreadCount\n    lastMessage {\n      id\n    }\n    owner {\n      id\n    }\n  }\n"): (typeof documents)["\n  fragment ConversationParts on Conversation {\n    id\n    title\n    updatedAt\n    unreadCount\n    lastMessage {\n      id\n    }\n    owner {\n      id\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query Conversations($after: String, $first: Int!) {\n    viewer {\n      conversations(first: $first, after: $after) {\n        cursor\n        edges {\n          node {\n            ...ConversationParts\n          }\n        }\n        pageInfo {\n          hasNextPage\n          endCursor\n        }\n      }\n    }\n  }\n"): (typeof documents)["\n  query Conversations($after: String, $first: Int!) {\n    viewer {\n      conversations(first: $first, after: $after) {\n        cursor\n        edges {\n          node {\n            ...ConversationParts\n          }\n        }\n        pageInfo {\n          hasNextPage\n          endCursor\n        }\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query Announcements {\n    viewer {\n      broadcasts(first: 20, unreadOnly: true) {\n        cursor\n        edges {\n          node {\n            id\n            at\n            text\n            expiresAt\n          }\n        }\n      }\n    }\n  }\n"): (typeof documents)["\n  query Announcements {\n    viewer {\n      broadcasts(first: 20, unreadOnly: true) {\n        cursor\n        edges {\n          node {\n            id\n            at\n            text\n            expiresAt\n          }\n        }\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query ConversationSummary($id: ID!) {\n    conversation(id: $id) {\n      ...ConversationParts\n    }\n  }\n"): (typeof documents)["\n  query ConversationSummary($id: ID!) {\n    conversation(id: $id) {\n      ...ConversationParts\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query Conversation($id: ID!, $last: Int!, $before: String) {\n    conversation(id: $id) {\n      id\n      messages(last: $last, before: $before) {\n        cursor\n        edges {\n          node {\n            ...MessageParts\n          }\n        }\n        pageInfo {\n          hasPreviousPage\n          startCursor\n        }\n      }\n    }\n  }\n"): (typeof documents)["\n  query Conversation($id: ID!, $last: Int!, $before: String) {\n    conversation(id: $id) {\n      id\n      messages(last: $last, before: $before) {\n        cursor\n        edges {\n          node {\n            ...MessageParts\n          }\n        }\n        pageInfo {\n          hasPreviousPage\n          startCursor\n        }\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query Participants($id: ID!) {\n    conversation(id: $id) {\n      id\n      owner {\n        id\n      }\n      participants {\n        user {\n          id\n          name\n        }\n      }\n    }\n  }\n"): (typeof documents)["\n  query Participants($id: ID!) {\n    conversation(id: $id) {\n      id\n      owner {\n        id\n      }\n      participants {\n        user {\n          id\n          name\n        }\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  subscription ConversationEvents($id: ID!, $after: [Cursor!]) {\n    messageReceived(conversationId: $id, after: $after) {\n      __typename\n      ... on MessageAdded {\n        message {\n          ...MessageParts\n        }\n      }\n      ... on AnswerStarted {\n        messageId\n      }\n      ... on AnswerDelta {\n        messageId\n        attempt\n        offset\n        text\n      }\n      ... on AnswerFinished {\n        messageId\n        text\n      }\n      ... on AnswerStopped {\n        messageId\n        text\n      }\n      ... on AnswerFailed {\n        messageId\n        text\n        failure {\n          code\n          message\n          temporary\n        }\n      }\n      ... on Resync {\n        cause\n      }\n    }\n  }\n"): (typeof documents)["\n  subscription ConversationEvents($id: ID!, $after: [Cursor!]) {\n    messageReceived(conversationId: $id, after: $after) {\n      __typename\n      ... on MessageAdded {\n        message {\n          ...MessageParts\n        }\n      }\n      ... on AnswerStarted {\n        messageId\n      }\n      ... on AnswerDelta {\n        messageId\n        attempt\n        offset\n        text\n      }\n      ... on AnswerFinished {\n        messageId\n        text\n      }\n      ... on AnswerStopped {\n        messageId\n        text\n      }\n      ... on AnswerFailed {\n        messageId\n        text\n        failure {\n          code\n          message\n          temporary\n        }\n      }\n      ... on Resync {\n        cause\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  subscription ViewerEvents($after: [Cursor!]) {\n    messageReceived(after: $after) {\n      __typename\n      ... on MessageAdded {\n        conversationId\n        at\n        message {\n          id\n          author {\n            id\n          }\n        }\n      }\n      ... on ConversationUpdated {\n        conversationId\n        title\n        at\n      }\n      ... on ConversationRemoved {\n        conversationId\n      }\n      ... on ConversationRead {\n        conversationId\n        messageId\n      }\n      ... on BroadcastAdded {\n        broadcastId\n        at\n        text\n        expiresAt\n      }\n      ... on BroadcastRead {\n        broadcastId\n      }\n    }\n  }\n"): (typeof documents)["\n  subscription ViewerEvents($after: [Cursor!]) {\n    messageReceived(after: $after) {\n      __typename\n      ... on MessageAdded {\n        conversationId\n        at\n        message {\n          id\n          author {\n            id\n          }\n        }\n      }\n      ... on ConversationUpdated {\n        conversationId\n        title\n        at\n      }\n      ... on ConversationRemoved {\n        conversationId\n      }\n      ... on ConversationRead {\n        conversationId\n        messageId\n      }\n      ... on BroadcastAdded {\n        broadcastId\n        at\n        text\n        expiresAt\n      }\n      ... on BroadcastRead {\n        broadcastId\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  subscription Typing($id: ID!) {\n    typing(conversationId: $id) {\n      author {\n        id\n        kind\n        name\n      }\n      isTyping\n      expiresAt\n    }\n  }\n"): (typeof documents)["\n  subscription Typing($id: ID!) {\n    typing(conversationId: $id) {\n      author {\n        id\n        kind\n        name\n      }\n      isTyping\n      expiresAt\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation SendMessage($input: SendMessageInput!) {\n    sendMessage(input: $input) {\n      __typename\n      ... on SendMessageSuccess {\n        message {\n          id\n        }\n        conversation {\n          id\n        }\n        cursor\n      }\n      ... on AnswerInProgress {\n        reason\n        messageId\n      }\n    }\n  }\n"): (typeof documents)["\n  mutation SendMessage($input: SendMessageInput!) {\n    sendMessage(input: $input) {\n      __typename\n      ... on SendMessageSuccess {\n        message {\n          id\n        }\n        conversation {\n          id\n        }\n        cursor\n      }\n      ... on AnswerInProgress {\n        reason\n        messageId\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation RetryAnswer($input: RetryAnswerInput!) {\n    retryAnswer(input: $input) {\n      __typename\n      ... on Error {\n        reason\n      }\n    }\n  }\n"): (typeof documents)["\n  mutation RetryAnswer($input: RetryAnswerInput!) {\n    retryAnswer(input: $input) {\n      __typename\n      ... on Error {\n        reason\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation StopAnswer($messageId: ID!) {\n    stopAnswer(messageId: $messageId) {\n      id\n    }\n  }\n"): (typeof documents)["\n  mutation StopAnswer($messageId: ID!) {\n    stopAnswer(messageId: $messageId) {\n      id\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation SetTyping($conversationId: ID!, $isTyping: Boolean!) {\n    setTyping(conversationId: $conversationId, isTyping: $isTyping)\n  }\n"): (typeof documents)["\n  mutation SetTyping($conversationId: ID!, $isTyping: Boolean!) {\n    setTyping(conversationId: $conversationId, isTyping: $isTyping)\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation MarkRead($conversationId: ID!, $messageId: ID!) {\n    markRead(conversationId: $conversationId, messageId: $messageId) {\n      id\n    }\n  }\n"): (typeof documents)["\n  mutation MarkRead($conversationId: ID!, $messageId: ID!) {\n    markRead(conversationId: $conversationId, messageId: $messageId) {\n      id\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation MarkBroadcastRead($id: ID!) {\n    markBroadcastRead(id: $id) {\n      id\n    }\n  }\n"): (typeof documents)["\n  mutation MarkBroadcastRead($id: ID!) {\n    markBroadcastRead(id: $id) {\n      id\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation RenameConversation($id: ID!, $title: String!) {\n    renameConversation(id: $id, title: $title) {\n      id\n    }\n  }\n"): (typeof documents)["\n  mutation RenameConversation($id: ID!, $title: String!) {\n    renameConversation(id: $id, title: $title) {\n      id\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation DeleteConversation($id: ID!) {\n    deleteConversation(id: $id)\n  }\n"): (typeof documents)["\n  mutation DeleteConversation($id: ID!) {\n    deleteConversation(id: $id)\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation AddParticipant($conversationId: ID!, $userId: ID!) {\n    addParticipant(conversationId: $conversationId, userId: $userId) {\n      id\n    }\n  }\n"): (typeof documents)["\n  mutation AddParticipant($conversationId: ID!, $userId: ID!) {\n    addParticipant(conversationId: $conversationId, userId: $userId) {\n      id\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation RemoveParticipant($conversationId: ID!, $userId: ID!) {\n    removeParticipant(conversationId: $conversationId, userId: $userId) {\n      id\n    }\n  }\n"): (typeof documents)["\n  mutation RemoveParticipant($conversationId: ID!, $userId: ID!) {\n    removeParticipant(conversationId: $conversationId, userId: $userId) {\n      id\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query Viewer {\n    viewer {\n      role\n      user {\n        id\n        name\n      }\n      limits {\n        messageLength\n      }\n      profile {\n        goals\n        level\n        interests\n      }\n    }\n  }\n"): (typeof documents)["\n  query Viewer {\n    viewer {\n      role\n      user {\n        id\n        name\n      }\n      limits {\n        messageLength\n      }\n      profile {\n        goals\n        level\n        interests\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation UpdateProfile($input: UpdateProfileInput!) {\n    updateProfile(input: $input) {\n      profile {\n        goals\n        level\n        interests\n      }\n    }\n  }\n"): (typeof documents)["\n  mutation UpdateProfile($input: UpdateProfileInput!) {\n    updateProfile(input: $input) {\n      profile {\n        goals\n        level\n        interests\n      }\n    }\n  }\n"];

export function graphql(source: string) {
  return (documents as any)[source] ?? {};
}

export type DocumentType<TDocumentNode extends DocumentNode<any, any>> = TDocumentNode extends DocumentNode<  infer TType,  any>  ? TType  : never;