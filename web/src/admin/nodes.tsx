import { memo } from 'react';
import styles from './admin.module.css';
import controls from './controls.module.css';
import { formatAge, formatBytes, formatCount, formatDayAndTime, shortId } from './format.ts';
import type { NodeStatus, Status } from './status-points.ts';

interface NodesProps {
  readonly status: Status | null;
  readonly onShowConnections: (nodeId: string) => void;
}

const NodeRow = ({
  node,
  at,
  onShowConnections,
}: { readonly node: NodeStatus; readonly at: string } & Pick<NodesProps, 'onShowConnections'>) => (
  <tr>
    <th scope="row">
      <code title={node.id}>{shortId(node.id)}</code>
    </th>
    <td>
      <span className={node.isDraining ? styles.badgeWarn : styles.badgeOk}>
        {node.isDraining ? 'draining' : 'serving'}
      </span>
    </td>
    <td>{node.version}</td>
    <td className={styles.number}>{formatCount(node.connectionCount)}</td>
    <td className={styles.number}>{formatCount(node.userCount)}</td>
    <td className={styles.number}>{formatCount(node.answersInProgress)}</td>
    <td className={styles.number}>{formatBytes(node.residentBytes)}</td>
    <td>
      <time dateTime={node.startedAt} title={formatDayAndTime(node.startedAt)}>
        {formatAge(Date.parse(at) - Date.parse(node.startedAt))}
      </time>
    </td>
    <td className={styles.actions}>
      <button
        type="button"
        className={controls.button}
        aria-label={`Show the connections of node ${shortId(node.id)}`}
        onClick={() => onShowConnections(node.id)}
      >
        Connections
      </button>
    </td>
  </tr>
);

/** The servers that are alive; one that died leaves within seconds. */
export const Nodes = memo(({ status, onShowConnections }: NodesProps) => (
  <div className={styles.scroll}>
    <table className={styles.table}>
      <caption className={controls.hidden}>Nodes</caption>
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
            <span className={controls.hidden}>Actions</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {status?.nodes.map((node) => (
          <NodeRow key={node.id} node={node} at={status.at} onShowConnections={onShowConnections} />
        ))}
      </tbody>
    </table>
  </div>
));
