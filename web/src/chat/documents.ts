import { graphql } from '../generated/gql.ts';

// Fragments are known to the others by their name.
graphql(`
  fragment MessageParts on Message {
    id
    createdAt
    text
    inReplyTo
    retryOf
    author {
      id
      kind
      name
    }
    answer {
      state
      attempt
      failure {
        code
        message
        temporary
      }
    }
  }
`);

graphql(`
  fragment ConversationParts on Conversation {
    id
    title
    updatedAt
    unreadCount
    lastMessage {
      id
    }
    owner {
      id
    }
  }
`);

export const ConversationsDocument = graphql(`
  query Conversations($after: String, $first: Int!) {
    viewer {
      conversations(first: $first, after: $after) {
        cursor
        edges {
          node {
            ...ConversationParts
          }
        }
        pageInfo {
          hasNextPage
          endCursor
        }
      }
    }
  }
`);

export const AnnouncementsDocument = graphql(`
  query Announcements {
    viewer {
      broadcasts(first: 20, unreadOnly: true) {
        cursor
        edges {
          node {
            id
            at
            text
            expiresAt
          }
        }
      }
    }
  }
`);

export const ConversationSummaryDocument = graphql(`
  query ConversationSummary($id: ID!) {
    conversation(id: $id) {
      ...ConversationParts
    }
  }
`);

export const ConversationDocument = graphql(`
  query Conversation($id: ID!, $last: Int!, $before: String) {
    conversation(id: $id) {
      id
      messages(last: $last, before: $before) {
        cursor
        edges {
          node {
            ...MessageParts
          }
        }
        pageInfo {
          hasPreviousPage
          startCursor
        }
      }
    }
  }
`);

export const ParticipantsDocument = graphql(`
  query Participants($id: ID!) {
    conversation(id: $id) {
      id
      owner {
        id
      }
      participants {
        user {
          id
          name
        }
      }
    }
  }
`);

export const ConversationEventsDocument = graphql(`
  subscription ConversationEvents($id: ID!, $after: [Cursor!]) {
    messageReceived(conversationId: $id, after: $after) {
      __typename
      ... on MessageAdded {
        message {
          ...MessageParts
        }
      }
      ... on AnswerStarted {
        messageId
      }
      ... on AnswerDelta {
        messageId
        attempt
        offset
        text
      }
      ... on AnswerFinished {
        messageId
        text
      }
      ... on AnswerStopped {
        messageId
        text
      }
      ... on AnswerFailed {
        messageId
        text
        failure {
          code
          message
          temporary
        }
      }
      ... on Resync {
        cause
      }
    }
  }
`);

export const ViewerEventsDocument = graphql(`
  subscription ViewerEvents($after: [Cursor!]) {
    messageReceived(after: $after) {
      __typename
      ... on MessageAdded {
        conversationId
        at
        message {
          id
          author {
            id
          }
        }
      }
      ... on ConversationUpdated {
        conversationId
        title
        at
      }
      ... on ConversationRemoved {
        conversationId
      }
      ... on ConversationRead {
        conversationId
        messageId
      }
      ... on BroadcastAdded {
        broadcastId
        at
        text
        expiresAt
      }
      ... on BroadcastRead {
        broadcastId
      }
    }
  }
`);

export const TypingDocument = graphql(`
  subscription Typing($id: ID!) {
    typing(conversationId: $id) {
      author {
        id
        kind
        name
      }
      isTyping
      expiresAt
    }
  }
`);

export const SendMessageDocument = graphql(`
  mutation SendMessage($input: SendMessageInput!) {
    sendMessage(input: $input) {
      __typename
      ... on SendMessageSuccess {
        message {
          id
        }
        conversation {
          id
        }
        cursor
      }
      ... on AnswerInProgress {
        reason
        messageId
      }
    }
  }
`);

export const RetryAnswerDocument = graphql(`
  mutation RetryAnswer($input: RetryAnswerInput!) {
    retryAnswer(input: $input) {
      __typename
      ... on Error {
        reason
      }
    }
  }
`);

export const StopAnswerDocument = graphql(`
  mutation StopAnswer($messageId: ID!) {
    stopAnswer(messageId: $messageId) {
      id
    }
  }
`);

export const SetTypingDocument = graphql(`
  mutation SetTyping($conversationId: ID!, $isTyping: Boolean!) {
    setTyping(conversationId: $conversationId, isTyping: $isTyping)
  }
`);

export const MarkReadDocument = graphql(`
  mutation MarkRead($conversationId: ID!, $messageId: ID!) {
    markRead(conversationId: $conversationId, messageId: $messageId) {
      id
    }
  }
`);

export const MarkBroadcastReadDocument = graphql(`
  mutation MarkBroadcastRead($id: ID!) {
    markBroadcastRead(id: $id) {
      id
    }
  }
`);

export const RenameConversationDocument = graphql(`
  mutation RenameConversation($id: ID!, $title: String!) {
    renameConversation(id: $id, title: $title) {
      id
    }
  }
`);

export const DeleteConversationDocument = graphql(`
  mutation DeleteConversation($id: ID!) {
    deleteConversation(id: $id)
  }
`);

export const AddParticipantDocument = graphql(`
  mutation AddParticipant($conversationId: ID!, $userId: ID!) {
    addParticipant(conversationId: $conversationId, userId: $userId) {
      id
    }
  }
`);

export const RemoveParticipantDocument = graphql(`
  mutation RemoveParticipant($conversationId: ID!, $userId: ID!) {
    removeParticipant(conversationId: $conversationId, userId: $userId) {
      id
    }
  }
`);
