import type { AdminConnectionsQueryVariables } from '../generated/graphql.ts';
import type { NodeStatus } from './status-points.ts';

/** As typed and chosen; empty: any. */
export interface ConnectionFilter {
  readonly userId: string;
  readonly nodeId: string;
}

export const anyConnection: ConnectionFilter = { userId: '', nodeId: '' };

const connectionsPerPage = 25;

export const toConnectionsVariables = (
  filter: ConnectionFilter,
  after: string | null,
): AdminConnectionsQueryVariables => {
  const userId = filter.userId.trim();
  const { nodeId } = filter;
  const isFiltered = userId !== '' || nodeId !== '';
  return {
    first: connectionsPerPage,
    after,
    filter: isFiltered ? { ...(userId && { userId }), ...(nodeId && { nodeId }) } : null,
  };
};

/** Differs from the one before when connections that the filter lets through may have come or gone. */
export const toCountsKey = (filter: ConnectionFilter, nodes: readonly NodeStatus[]): string =>
  nodes
    .filter(({ id }) => filter.nodeId === '' || id === filter.nodeId)
    .map(({ id, connectionCount, userCount }) => `${id}:${connectionCount}:${userCount}`)
    .sort()
    .join(' ');
