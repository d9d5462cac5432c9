import { memo } from 'react';
import styles from './admin.module.css';
import { ConnectionFilterForm } from './connection-filter-form.tsx';
import { ConnectionRow } from './connection-row.tsx';
import type { ConnectionsList } from './connections-list.ts';
import controls from './controls.module.css';
import { counted, formatExactTime } from './format.ts';
import { RefusalNote } from './refusal-note.tsx';
import { useCell } from './use-cell.ts';
import type { UserAction } from './user-action.ts';

interface ConnectionsProps {
  readonly list: ConnectionsList;
  /** Those to choose from. */
  readonly nodeIds: readonly string[];
  readonly viewerId: string;
  readonly onAction: (action: UserAction) => void;
}

export const Connections = memo(({ list, nodeIds, viewerId, onAction }: ConnectionsProps) => {
  const { filter, page, pageNumber, isTurning, refusal } = useCell(list);
  const filterUser = (userId: string): void => list.setFilter({ ...filter, userId });
  return (
    <>
      <ConnectionFilterForm filter={filter} nodeIds={nodeIds} onChange={list.setFilter} />
      <RefusalNote refusal={refusal} what="The connections could not be read" onRetry={list.refresh} />
      <div className={styles.scroll} aria-busy={isTurning}>
        <table className={styles.table}>
          <caption className="visually-hidden">Connections, longest connected first</caption>
          <thead>
            <tr>
              <th scope="col">User</th>
              <th scope="col">Node</th>
              <th scope="col">Over</th>
              <th scope="col">Client</th>
              <th scope="col">Connected</th>
              <th scope="col">Last active</th>
              <th scope="col" className={styles.number}>
                <abbr title="Subscriptions">Subs</abbr>
              </th>
              <th scope="col" className={styles.number}>
                <abbr title="Messages received">In</abbr>
              </th>
              <th scope="col" className={styles.number}>
                <abbr title="Messages sent">Out</abbr>
              </th>
              <th scope="col">
                <span className="visually-hidden">Actions</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {page?.nodes.map((connection) => (
              <ConnectionRow
                key={connection.id}
                connection={connection}
                isOwn={connection.userId === viewerId}
                onFilterUser={filterUser}
                onAction={onAction}
              />
            ))}
          </tbody>
        </table>
        {page?.nodes.length === 0 && <p className={styles.empty}>No connection is like that.</p>}
      </div>
      <div className={styles.pager}>
        <span>
          {page
            ? `${counted(page.totalCount, 'connection')}, page ${pageNumber}, as of ${formatExactTime(Date.parse(page.at))}`
            : 'Reading …'}
        </span>
        <button type="button" className={controls.button} onClick={list.refresh}>
          Refresh
        </button>
        <button type="button" className={controls.button} disabled={pageNumber === 1} onClick={list.previous}>
          Previous page
        </button>
        <button
          type="button"
          className={controls.button}
          disabled={!page?.pageInfo.hasNextPage}
          onClick={list.next}
        >
          Next page
        </button>
      </div>
    </>
  );
});
