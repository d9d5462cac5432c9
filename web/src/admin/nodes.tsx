import { memo } from 'react';
import styles from './admin.module.css';
import controls from './controls.module.css';
import { formatAge, formatBytes, formatCount, formatDayAndTime, formatExactTime, shortId } from './format.ts';
import { isGone, type NodeRow, type NodeState } from './node-rows.ts';

interface NodesProps {
  readonly rows: readonly NodeRow[];
  /** Of the latest status; null while there is none. */
  readonly at: string | null;
  readonly onShowConnections: (nodeId: string) => void;
}

const badges: Record<NodeState, string | undefined> = {
  serving: styles.badgeOk,
  draining: styles.badgeWarn,
  stopped: styles.badge,
  silent: styles.badgeLost,
};

const textOf = ({ state, heardAt }: NodeRow): string => {
  switch (state) {
    case 'serving':
    case 'draining':
    case 'stopped':
      return state;
    case 'silent':
      return `not heard of since ${formatExactTime(Date.parse(heardAt))}`;
  }
};

interface NodeTableRowProps {
  readonly row: NodeRow;
  readonly at: string;
  readonly onShowConnections: (nodeId: string) => void;
}

const NodeTableRow = ({ row, at, onShowConnections }: NodeTableRowProps) => {
  const { node, state } = row;
  const isPresent = !isGone(row);
  const now = (text: string): string => (isPresent ? text : '–');
  return (
    <tr>
      <th scope="row">
        <code title={node.id}>{shortId(node.id)}</code>
      </th>
      <td data-label="State">
        <span className={badges[state]}>{textOf(row)}</span>
      </td>
      <td data-label="Version">{node.version}</td>
      <td data-label="Connections" className={styles.number}>
        {now(formatCount(node.connectionCount))}
      </td>
      <td data-label="Users" className={styles.number}>
        {now(formatCount(node.userCount))}
      </td>
      <td data-label="Answers" className={styles.number}>
        {now(formatCount(node.answersInProgress))}
      </td>
      <td data-label="Memory" className={styles.number}>
        {now(formatBytes(node.residentBytes))}
      </td>
      <td data-label="Up for">
        <time dateTime={node.startedAt} title={formatDayAndTime(node.startedAt)}>
          {now(formatAge(Date.parse(at) - Date.parse(node.startedAt)))}
        </time>
      </td>
      <td className={styles.actions}>
        {isPresent && (
          <button
            type="button"
            className={controls.button}
            aria-label={`Show the connections of node ${shortId(node.id)}`}
            onClick={() => onShowConnections(node.id)}
          >
            Connections
          </button>
        )}
      </td>
    </tr>
  );
};

/** The servers, and for a while those that have stopped or died. */
export const Nodes = memo(({ rows, at, onShowConnections }: NodesProps) => (
  <div className={styles.scroll}>
    <table className={styles.table}>
      <caption className="visually-hidden">Nodes</caption>
      <thead>
        <tr>
          <th scope="col">Node</th>
          <th scope="col">State</th>
          <th scope="col">Version</th>
          <th scope="col" className={styles.number}>
            Connections
          </th>
          <th scope="col" className={styles.number}>
            Users
          </th>
          <th scope="col" className={styles.number}>
            Answers
          </th>
          <th scope="col" className={styles.number}>
            Memory
          </th>
          <th scope="col">Up for</th>
          <th scope="col">
            <span className="visually-hidden">Actions</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {at !== null &&
          rows.map((row) => (
            <NodeTableRow key={row.node.id} row={row} at={at} onShowConnections={onShowConnections} />
          ))}
      </tbody>
    </table>
  </div>
));
