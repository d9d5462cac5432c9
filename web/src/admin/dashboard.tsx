import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import styles from './admin.module.css';
import type { AdminApi } from './api.ts';
import { BroadcastForm } from './broadcast-form.tsx';
import { Connections } from './connections.tsx';
import controls from './controls.module.css';
import { createAdminParts } from './create-parts.ts';
import { counted, formatExactTime } from './format.ts';
import { Nodes } from './nodes.tsx';
import { Overview } from './overview.tsx';
import { RefusalNote } from './refusal-note.tsx';
import { SentBroadcasts } from './sent-broadcasts.tsx';
import type { Status } from './status-points.ts';
import { useCell } from './use-cell.ts';
import { type DoneAction, useUserActions } from './use-user-actions.tsx';
import type { UserAction } from './user-action.ts';
import { Users } from './users.tsx';

interface DashboardProps {
  readonly api: AdminApi;
  readonly viewerId: string;
}

const noNodes: Status['nodes'] = [];

export const Dashboard = ({ api, viewerId }: DashboardProps) => {
  const [parts] = useState(() => createAdminParts(api, viewerId));
  const { live, connections, broadcasts, sender } = parts;
  const { status, nodes: nodeRows, points, refusal, historyRefusal } = useCell(live);
  const [done, setDone] = useState<DoneAction | null>(null);
  const notice = useRef<HTMLDivElement>(null);
  const connectionsHeading = useRef<HTMLHeadingElement>(null);

  const nodes = status?.nodes ?? noNodes;
  useEffect(() => connections.statusChanged(nodes), [connections, nodes]);
  useEffect(() => broadcasts.ratesChanged(points.rates), [broadcasts, points]);

  const idsKey = nodes.map(({ id }) => id).join(' ');
  const nodeIds = useMemo(() => idsKey.split(' ').filter((id) => id !== ''), [idsKey]);

  const onDone = (next: DoneAction): void => {
    setDone(next);
    connections.refresh();
  };
  const { begin, dialog } = useUserActions({ api, viewerId, onDone });
  const unblock = ({ userId }: UserAction): void => begin({ kind: 'unblock', userId });

  // The row with the button that was pressed will go, and the focus with it.
  useEffect(() => {
    if (done) notice.current?.focus();
  }, [done]);

  const showConnections = useCallback(
    (nodeId: string) => {
      connections.setFilter({ userId: '', nodeId });
      connectionsHeading.current?.scrollIntoView({ block: 'start' });
      connectionsHeading.current?.focus({ preventScroll: true });
    },
    [connections],
  );

  return (
    <>
      <section aria-labelledby="admin-now">
        <div className={styles.sectionHead}>
          <h2 id="admin-now">Now</h2>
          <p className={controls.hint}>
            {status
              ? `As of ${formatExactTime(Date.parse(status.at))}, over ${counted(nodes.length, 'node')}`
              : 'Waiting for the first status …'}
          </p>
        </div>
        <RefusalNote refusal={refusal} what="The live status has ended" onRetry={live.retry} />
        <RefusalNote
          refusal={historyRefusal}
          what="The last 15 minutes could not be read"
          onRetry={live.retry}
        />
        <Overview points={points} />
      </section>

      <section aria-labelledby="admin-nodes">
        <h2 id="admin-nodes">Nodes</h2>
        <Nodes rows={nodeRows} at={status?.at ?? null} onShowConnections={showConnections} />
      </section>

      <section aria-labelledby="admin-connections">
        <h2 id="admin-connections" ref={connectionsHeading} tabIndex={-1}>
          Connections
        </h2>
        <div ref={notice} tabIndex={-1} className={done ? controls.notice : 'visually-hidden'}>
          {done?.text}{' '}
          {done?.action.kind === 'block' && (
            <button type="button" className={controls.button} onClick={() => unblock(done.action)}>
              Unblock
            </button>
          )}
        </div>
        <Connections list={connections} nodeIds={nodeIds} viewerId={viewerId} onAction={begin} />
        <h3>A user by id</h3>
        <Users onAction={begin} />
      </section>

      <section aria-labelledby="admin-broadcasts">
        <h2 id="admin-broadcasts">Broadcasts</h2>
        <div className={styles.broadcasts}>
          <BroadcastForm sender={sender} />
          <div>
            <h3>Sent</h3>
            <SentBroadcasts list={broadcasts} now={status?.at ?? new Date().toISOString()} />
          </div>
        </div>
      </section>
      {dialog}
    </>
  );
};
