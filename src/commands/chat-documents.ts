export interface ChatMessage {
  readonly id: string;
  readonly text: string;
  readonly author: { readonly kind: 'LEARNER' | 'TUTOR'; readonly id: string; readonly name: string };
  readonly answer: {
    readonly state: 'WAITING' | 'GENERATING' | 'FINISHED' | 'STOPPED' | 'FAILED';
    readonly failure: { readonly message: string } | null;
  } | null;
}

const message = /* GraphQL */ `id text author { kind id name } answer { state failure { message } }`;

export interface ViewerData {
  readonly viewer: { readonly user: { readonly id: string; readonly name: string } };
}

export const viewerDocument = /* GraphQL */ `query ChatViewer { viewer { user { id name } } }`;

export interface ConversationsData {
  readonly viewer: {
    readonly conversations: {
      readonly edges: readonly {
        readonly node: {
          readonly id: string;
          readonly title: string;
          readonly updatedAt: string;
          readonly unreadCount: number;
        };
      }[];
    };
  };
}

export const conversationsDocument = /* GraphQL */ `
  query ChatConversations {
    viewer { conversations(first: 20) { edges { node { id title updatedAt unreadCount } } } }
  }
`;

export interface PageData {
  readonly conversation: {
    readonly title: string;
    readonly messages: { readonly cursor: string; readonly edges: readonly { readonly node: ChatMessage }[] };
  } | null;
}

export const pageDocument = /* GraphQL */ `
  query ChatPage($id: ID!) {
    conversation(id: $id) { title messages(last: 50) { cursor edges { node { ${message} } } } }
  }
`;

export type SendData = {
  readonly sendMessage:
    | {
        readonly __typename: 'SendMessageSuccess';
        readonly message: { readonly id: string };
        readonly answer: { readonly id: string };
        readonly conversation: { readonly id: string };
        readonly cursor: string;
      }
    | { readonly __typename: 'AnswerInProgress'; readonly reason: string };
};

export const sendDocument = /* GraphQL */ `
  mutation ChatSend($input: SendMessageInput!) {
    sendMessage(input: $input) {
      __typename
      ... on SendMessageSuccess { message { id } answer { id } conversation { id } cursor }
      ... on AnswerInProgress { reason }
    }
  }
`;

export const stopDocument = /* GraphQL */ `mutation ChatStop($id: ID!) { stopAnswer(messageId: $id) { id } }`;

export const markReadDocument = /* GraphQL */ `
  mutation ChatMarkRead($id: ID!, $messageId: ID!) { markRead(conversationId: $id, messageId: $messageId) { id } }
`;

export type RetryData = {
  readonly retryAnswer:
    | { readonly __typename: 'RetryAnswerSuccess'; readonly answer: { readonly id: string } }
    | { readonly __typename: 'AnswerInProgress' | 'NotLastAnswer'; readonly reason: string };
};

export const retryDocument = /* GraphQL */ `
  mutation ChatRetry($input: RetryAnswerInput!) {
    retryAnswer(input: $input) {
      __typename
      ... on RetryAnswerSuccess { answer { id } }
      ... on AnswerInProgress { reason }
      ... on NotLastAnswer { reason }
    }
  }
`;

export type ChatEvent =
  | { readonly __typename: 'Ready'; readonly resumed: boolean }
  | { readonly __typename: 'MessageAdded'; readonly message: ChatMessage }
  | { readonly __typename: 'AnswerStarted'; readonly messageId: string }
  | {
      readonly __typename: 'AnswerDelta';
      readonly messageId: string;
      readonly attempt: number;
      readonly offset: number;
      readonly text: string;
    }
  | {
      readonly __typename: 'AnswerFinished' | 'AnswerStopped';
      readonly messageId: string;
      readonly text: string;
    }
  | {
      readonly __typename: 'AnswerFailed';
      readonly messageId: string;
      readonly text: string;
      readonly failure: { readonly message: string };
    }
  | { readonly __typename: 'BroadcastAdded'; readonly text: string }
  | { readonly __typename: 'ConversationUpdated' | 'Resync' };

export const eventsDocument = /* GraphQL */ `
  subscription ChatEvents($id: ID!, $after: [Cursor!]) {
    messageReceived(conversationId: $id, after: $after) {
      __typename
      ... on Ready { resumed }
      ... on MessageAdded { message { ${message} } }
      ... on AnswerStarted { messageId }
      ... on AnswerDelta { messageId attempt offset text }
      ... on AnswerFinished { messageId text }
      ... on AnswerStopped { messageId text }
      ... on AnswerFailed { messageId text failure { message } }
      ... on BroadcastAdded { text }
    }
  }
`;

export interface TypingData {
  readonly typing: {
    readonly author: ChatMessage['author'];
    readonly isTyping: boolean;
  };
}

export const typingDocument = /* GraphQL */ `
  subscription ChatTyping($id: ID!) { typing(conversationId: $id) { author { kind id name } isTyping } }
`;
