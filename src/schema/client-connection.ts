import type { ConnectionFilter, ConnectionPage } from '../connections/service-port.ts';
import { EdAgentError } from '../domain/errors.ts';
import { builder } from './builder.ts';
import { PageInfoRef, toLimit } from './pagination.ts';
import { ClientConnectionRef } from './refs.ts';
import type { SignedInContext } from './require-user.ts';

const ConnectionTransportRef = builder.enumType('ConnectionTransport', {
  description: 'What a connection travels on.',
  values: {
    WEBSOCKET: { description: 'graphql-ws on a WebSocket.' },
    SSE: { description: 'A subscription over server-sent events.' },
  },
});

ClientConnectionRef.implement({
  description: 'One acknowledged connection of a client.',
  fields: (t) => ({
    id: t.exposeID('id', { description: 'For `disconnect`.' }),
    nodeId: t.exposeID('nodeId', { description: 'The node on which it lives.' }),
    userId: t.exposeID('userId', { description: 'Whose it is.' }),
    userName: t.exposeString('userName', { description: 'The name in their token.' }),
    transport: t.expose('transport', { type: ConnectionTransportRef, description: 'What it travels on.' }),
    userAgent: t.exposeString('userAgent', { nullable: true, description: 'What the client says it is.' }),
    connectedAt: t.expose('connectedAt', { type: 'DateTime', description: 'Since when.' }),
    lastActivityAt: t.expose('lastActivityAt', {
      type: 'DateTime',
      description: 'When something last came in.',
    }),
    messagesIn: t.exposeInt('messagesIn', { description: 'Protocol messages received from it.' }),
    messagesOut: t.exposeInt('messagesOut', {
      description:
        'Protocol messages sent to it; of a connection to another node, as of at most half a minute ago.',
    }),
    subscriptionCount: t.exposeInt('subscriptionCount', { description: 'Subscriptions on it now.' }),
  }),
});

interface ClientConnections extends ConnectionPage {
  readonly hasPreviousPage: boolean;
}

export const ClientConnectionPage = builder.objectRef<ClientConnections>('ClientConnectionPage').implement({
  description: 'A page of connections, longest connected first, read forward only.',
  fields: (t) => ({
    nodes: t.expose('rows', { type: [ClientConnectionRef], description: 'The connections.' }),
    pageInfo: t.field({
      type: PageInfoRef,
      description: '`endCursor` is for `after`; `startCursor` is always null.',
      resolve: ({ hasNextPage, hasPreviousPage, endCursor }) => ({
        hasNextPage,
        hasPreviousPage,
        startCursor: null,
        endCursor,
      }),
    }),
    totalCount: t.exposeInt('totalCount', {
      description: 'How many there are over all pages, after the filter.',
    }),
  }),
});

export const ConnectionFilterInput = builder.inputType('ConnectionFilter', {
  description: 'Which connections; all that is given must hold.',
  fields: (t) => ({
    userId: t.id({ description: 'Those of this user. For a learner anyone else is FORBIDDEN.' }),
    nodeId: t.id({ description: 'Those on this node.' }),
  }),
});

interface PageRequest {
  readonly first?: number | null | undefined;
  readonly after?: string | null | undefined;
  readonly filter?:
    | { userId?: string | null | undefined; nodeId?: string | null | undefined }
    | null
    | undefined;
}

/** Learners see their own only. */
export const toClientConnections = async (
  { services, viewer }: SignedInContext,
  { first, after, filter }: PageRequest,
): Promise<ClientConnections> => {
  const isAdmin = viewer.role === 'ADMIN';
  if (!isAdmin && filter?.userId != null && filter.userId !== viewer.userId) {
    throw new EdAgentError('FORBIDDEN', 'filter.userId: only an admin may see the connections of others.');
  }
  const userId = isAdmin ? filter?.userId : viewer.userId;
  const wanted: ConnectionFilter = {
    ...(userId != null && { userId }),
    ...(filter?.nodeId != null && { nodeId: filter.nodeId }),
  };
  const page = await services.connections.page(wanted, toLimit('first', first), after ?? null);
  return { ...page, hasPreviousPage: after != null };
};
