import { graphql } from '../generated/gql.ts';

export const AdminViewerDocument = graphql(`
  query AdminViewer {
    viewer {
      role
      user {
        id
        name
      }
    }
  }
`);

export const AdminStatusDocument = graphql(`
  subscription AdminStatus {
    connectionStatusChanged {
      at
      connectionCount
      userCount
      nodes {
        id
        version
        startedAt
        connectionCount
        userCount
        answersInProgress
        residentBytes
        isDraining
      }
      rates {
        at
        connections
        userCount
        answersInProgress
        messages
        deltas
        broadcasts
        timeToFirstTokenMs
      }
    }
  }
`);

export const AdminHistoryDocument = graphql(`
  query AdminHistory {
    connectionStatus {
      history(minutes: 15) {
        at
        connections
        userCount
        answersInProgress
        messages
        deltas
        broadcasts
        timeToFirstTokenMs
      }
    }
  }
`);

export const AdminConnectionsDocument = graphql(`
  query AdminConnections($first: Int!, $after: String, $filter: ConnectionFilter) {
    connectionStatus {
      at
      connections(first: $first, after: $after, filter: $filter) {
        totalCount
        pageInfo {
          endCursor
          hasNextPage
        }
        nodes {
          id
          nodeId
          userId
          userName
          transport
          userAgent
          connectedAt
          lastActivityAt
          messagesIn
          messagesOut
          subscriptionCount
        }
      }
    }
  }
`);

export const AdminDisconnectDocument = graphql(`
  mutation AdminDisconnect($by: DisconnectInput!, $reason: String) {
    disconnect(by: $by, reason: $reason)
  }
`);

export const AdminSetUserBlockedDocument = graphql(`
  mutation AdminSetUserBlocked($userId: ID!, $blocked: Boolean!, $reason: String) {
    setUserBlocked(userId: $userId, blocked: $blocked, reason: $reason) {
      id
      name
      blockedAt
      blockedReason
    }
  }
`);

export const AdminBroadcastsDocument = graphql(`
  query AdminBroadcasts($first: Int!, $after: String) {
    broadcasts(first: $first, after: $after) {
      cursor
      pageInfo {
        endCursor
        hasNextPage
      }
      edges {
        node {
          id
          text
          at
          expiresAt
        }
      }
    }
  }
`);

export const AdminBroadcastEventsDocument = graphql(`
  subscription AdminBroadcastEvents($after: [Cursor!]) {
    messageReceived(after: $after) {
      __typename
      ... on Ready {
        resumed
      }
      ... on BroadcastAdded {
        broadcastId
        text
        at
        expiresAt
      }
    }
  }
`);

export const AdminBroadcastDocument = graphql(`
  mutation AdminBroadcast($input: BroadcastInput!) {
    broadcast(input: $input) {
      connectionCount
      broadcast {
        id
        text
        at
        expiresAt
      }
    }
  }
`);
