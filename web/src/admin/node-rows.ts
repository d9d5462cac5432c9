import { type NodeStatus, type Status, windowMs } from './status-points.ts';

/**
 * serving → draining → stopped
 *    └──▶ silent: died, or cannot be heard
 *
 * A node that is told of again is what it tells.
 */
export type NodeState = 'serving' | 'draining' | 'stopped' | 'silent';

/** A node of the latest status, or one that has left it. */
export interface NodeRow {
  /** As it was last told. */
  readonly node: NodeStatus;
  readonly state: NodeState;
  /** When it was last told of, by the server's clock. */
  readonly heardAt: string;
}

export const isGone = ({ state }: NodeRow): boolean => state === 'stopped' || state === 'silent';

const leave = (row: NodeRow): NodeRow => {
  if (isGone(row)) return row;
  return { ...row, state: row.state === 'draining' ? 'stopped' : 'silent' };
};

/** Nodes that leave stay for a while: a row that only vanishes tells nobody that something died. */
export const withNodes = (known: readonly NodeRow[], { at, nodes }: Status): readonly NodeRow[] => {
  const present = nodes.map(
    (node): NodeRow => ({ node, state: node.isDraining ? 'draining' : 'serving', heardAt: at }),
  );
  const ids = new Set(nodes.map(({ id }) => id));
  const oldest = Date.parse(at) - windowMs;
  const left = known
    .filter(({ node, heardAt }) => !ids.has(node.id) && Date.parse(heardAt) >= oldest)
    .map(leave);
  return [...present, ...left];
};
