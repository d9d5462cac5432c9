import { graphql } from './generated/gql.ts';

graphql(`
  fragment MessageFields on Message {
    id text
    author { kind id name }
    answer { state }
  }
`);

export const CreateConversation = graphql(`
  mutation CreateConversation($input: CreateConversationInput!) { createConversation(input: $input) { id } }
`);

export const AnswerFields = graphql(`
  fragment AnswerFields on Message { id text answer { __typename state } }
`);

/** The cursor of the page is where the subscription begins. */
export const ConversationQuery = graphql(`
  query Conversation($id: ID!) {
    viewer { user { id name } }
    conversation(id: $id) {
      id
      messages(last: 50) { cursor edges { node { ...MessageFields } } }
    }
  }
`);

/** Of the answer the id alone: the result may be older than what events have told of it. */
export const SendMessage = graphql(`
  mutation SendMessage($input: SendMessageInput!) {
    sendMessage(input: $input) {
      __typename
      ... on SendMessageSuccess { message { ...MessageFields } answer { id } }
      ... on AnswerInProgress { reason }
    }
  }
`);

export const MessageReceived = graphql(`
  subscription MessageReceived($id: ID!, $after: [Cursor!]) {
    messageReceived(conversationId: $id, after: $after) {
      __typename
      ... on MessageAdded { message { ...MessageFields } }
      ... on AnswerStarted { messageId }
      ... on AnswerDelta { messageId attempt offset text }
      ... on AnswerFinished { messageId text }
      ... on AnswerStopped { messageId text }
      ... on AnswerFailed { messageId text }
    }
  }
`);
