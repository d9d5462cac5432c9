/** Documents that many tests use. */

export const sendDocument = /* GraphQL */ `
  mutation Send($input: SendMessageInput!) {
    sendMessage(input: $input) {
      __typename
      ... on SendMessageSuccess {
        message { id text createdAt author { kind id name } }
        answer { id answer { state attempt } }
        conversation { id title }
        cursor
      }
      ... on AnswerInProgress { code messageId }
    }
  }
`;

export const messageReceivedDocument = /* GraphQL */ `
  subscription Received($conversationId: ID, $after: [Cursor!]) {
    messageReceived(conversationId: $conversationId, after: $after) {
      __typename
      ... on DurableEvent { id topic cursor at }
      ... on Ready { cursors { topic cursor } resumed }
      ... on Resync { cause cursors { topic cursor } }
      ... on AnswerDelta { messageId conversationId attempt offset text }
      ... on MessageAdded { conversationId message { id text inReplyTo author { kind id name } answer { state attempt } } }
      ... on AnswerStarted { conversationId messageId }
      ... on AnswerFinished { conversationId messageId text }
      ... on AnswerStopped { conversationId messageId text }
      ... on AnswerFailed { conversationId messageId text failure { code message temporary } }
      ... on ConversationUpdated { conversationId title }
      ... on ConversationRemoved { conversationId }
      ... on ConversationRead { conversationId messageId }
      ... on BroadcastAdded { broadcastId text expiresAt }
      ... on BroadcastRead { broadcastId }
    }
  }
`;

export const historyDocument = /* GraphQL */ `
  query History($id: ID!, $first: Int, $after: String, $last: Int, $before: String) {
    conversation(id: $id) {
      id
      title
      unreadCount
      messages(first: $first, after: $after, last: $last, before: $before) {
        cursor
        pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
        edges { cursor node { id text author { kind } inReplyTo answer { state attempt } } }
      }
    }
  }
`;
