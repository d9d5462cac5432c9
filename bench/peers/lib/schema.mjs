/** The part of EdAgent's schema that is measured, for the peers that are written in SDL. */
export const typeDefs = /* GraphQL */ `
  type Query {
    ok: Boolean!
  }
  type Subscription {
    messageReceived(conversationId: ID!): MessageEvent!
    typing(conversationId: ID!): TypingEvent!
  }
  interface DurableEvent {
    id: ID!
    topic: String!
    cursor: String!
    at: String!
  }
  union MessageEvent = MessageAdded | BroadcastAdded
  type MessageAdded implements DurableEvent {
    id: ID!
    topic: String!
    cursor: String!
    at: String!
    conversationId: ID!
    message: Message!
  }
  type BroadcastAdded implements DurableEvent {
    id: ID!
    topic: String!
    cursor: String!
    at: String!
    broadcastId: ID!
    text: String!
    expiresAt: String!
  }
  type Message {
    id: ID!
    text: String!
    author: Author!
    createdAt: String!
  }
  enum AuthorKind {
    LEARNER
    TUTOR
  }
  type Author {
    kind: AuthorKind!
    id: ID!
    name: String!
  }
  type TypingEvent {
    conversationId: ID!
    author: Author!
    isTyping: Boolean!
    expiresAt: String!
  }
`;
