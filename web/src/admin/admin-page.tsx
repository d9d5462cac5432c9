import { type ReactNode, useEffect, useMemo } from 'react';
import { useClient, useQuery } from 'urql';
import { Link } from 'wouter';
import { useChat } from '../chat/chat-services.ts';
import { ConnectionBanner } from '../chat/connection-banner.tsx';
import styles from './admin.module.css';
import { createAdminApi } from './api.ts';
import { Dashboard } from './dashboard.tsx';
import { AdminViewerDocument } from './documents.ts';
import { toRefusal } from './refusal.ts';
import { RefusalNote } from './refusal-note.tsx';

interface FrameProps {
  readonly who: string | null;
  readonly children: ReactNode;
}

const Frame = ({ who, children }: FrameProps) => {
  const { client } = useChat();
  return (
    <div>
      <div className={styles.connection}>
        <ConnectionBanner client={client} />
      </div>
      <div className={styles.page}>
        <header className={styles.head}>
          <h1>Admin</h1>
          {who && <span className={styles.muted}>{who}</span>}
          <Link href="/">Go to the chat</Link>
        </header>
        <main>{children}</main>
      </div>
    </div>
  );
};

/** Who is connected and what goes on, for admins; everybody else is told that it is not for them. */
export const AdminPage = () => {
  const client = useClient();
  const api = useMemo(() => createAdminApi(client), [client]);
  const [{ data, error, fetching }, ask] = useQuery({
    query: AdminViewerDocument,
    requestPolicy: 'network-only',
  });

  useEffect(() => {
    const before = document.title;
    document.title = 'Admin – EdAgent';
    return () => {
      document.title = before;
    };
  }, []);

  if (data) {
    const { role, user } = data.viewer;
    return (
      <Frame who={user.name}>
        {role === 'ADMIN' ? (
          <Dashboard key={user.id} api={api} viewerId={user.id} />
        ) : (
          <p>
            This page is for admins, and you are signed in as a learner. <Link href="/">Go to the chat</Link>
          </p>
        )}
      </Frame>
    );
  }
  return (
    <Frame who={null}>
      {fetching && <p>Loading …</p>}
      <RefusalNote
        refusal={error ? toRefusal(error) : null}
        what="The page could not be opened"
        onRetry={() => ask({ requestPolicy: 'network-only' })}
      />
    </Frame>
  );
};
