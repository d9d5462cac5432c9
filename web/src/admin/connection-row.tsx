import styles from './admin.module.css';
import type { Connection } from './connections-list.ts';
import controls from './controls.module.css';
import { formatCount, formatDayAndTimeOfYear, formatExactTime, shortId } from './format.ts';
import type { UserAction } from './user-action.ts';

interface ConnectionRowProps {
  readonly connection: Connection;
  readonly isOwn: boolean;
  readonly onFilterUser: (userId: string) => void;
  readonly onAction: (action: UserAction) => void;
}

export const ConnectionRow = ({ connection, isOwn, onFilterUser, onAction }: ConnectionRowProps) => {
  const { id, userId, userName, nodeId, transport, userAgent, connectedAt, lastActivityAt } = connection;
  return (
    <tr>
      <th scope="row">
        <button
          type="button"
          className={controls.link}
          title="Show only this user"
          onClick={() => onFilterUser(userId)}
        >
          {userId}
        </button>{' '}
        {userName !== userId && <span className={styles.muted}>{userName}</span>}{' '}
        {isOwn && <span className={styles.badge}>you</span>}
      </th>
      <td data-label="Node">
        <code title={nodeId}>{shortId(nodeId)}</code>
      </td>
      <td data-label="Over">{transport === 'SSE' ? 'SSE' : 'WebSocket'}</td>
      <td data-label="Client" className={styles.agent} title={userAgent ?? undefined}>
        {userAgent ?? '–'}
      </td>
      <td data-label="Connected">
        <time dateTime={connectedAt}>{formatDayAndTimeOfYear(connectedAt)}</time>
      </td>
      <td data-label="Last active">
        <time dateTime={lastActivityAt}>{formatExactTime(Date.parse(lastActivityAt))}</time>
      </td>
      <td data-label="Subscriptions" className={styles.number}>
        {formatCount(connection.subscriptionCount)}
      </td>
      <td data-label="Messages received" className={styles.number}>
        {formatCount(connection.messagesIn)}
      </td>
      <td data-label="Messages sent" className={styles.number}>
        {formatCount(connection.messagesOut)}
      </td>
      <td className={styles.actions}>
        <button
          type="button"
          className={controls.button}
          aria-label={`Cut off connection ${shortId(id)} of ${userId}`}
          onClick={() => onAction({ kind: 'cut-connection', connectionId: id, userId })}
        >
          Cut off
        </button>{' '}
        <button
          type="button"
          className={controls.button}
          aria-label={`Block ${userId}`}
          onClick={() => onAction({ kind: 'block', userId })}
        >
          Block
        </button>
      </td>
    </tr>
  );
};
