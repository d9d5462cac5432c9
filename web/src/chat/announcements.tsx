import { useEffect, useReducer, useState } from 'react';
import { useStore } from '../ui/use-store.ts';
import { Announcement } from './announcement.tsx';
import styles from './banners.module.css';
import { useChat } from './chat-services.ts';
import type { ConversationsView } from './conversations-state.ts';
import { MarkBroadcastReadDocument } from './documents.ts';

type Announced = ConversationsView['announcements'];

/** A browser waits no longer at once. */
const waitMaxMs = 2 ** 31 - 1;

/** Renders anew when the next of them expires. */
const useUnexpired = (announcements: Announced): Announced => {
  const [, renderAnew] = useReducer((count: number) => count + 1, 0);
  const unexpired = announcements.filter(({ expiresAt }) => Date.parse(expiresAt) > Date.now());
  // With each rendering, for a wait may end before the expiry.
  useEffect(() => {
    if (unexpired.length === 0) return;
    const next = Math.min(...unexpired.map(({ expiresAt }) => Date.parse(expiresAt)));
    const timer = setTimeout(renderAnew, Math.min(next - Date.now(), waitMaxMs));
    return () => clearTimeout(timer);
  });
  return unexpired;
};

/** Kept until they are read, on any device. */
export const Announcements = () => {
  const { client, conversations } = useChat();
  const { announcements } = useStore(conversations.view);
  const [dismissed, setDismissed] = useState<ReadonlySet<string>>(new Set());
  const shown = useUnexpired(announcements.filter(({ id }) => !dismissed.has(id)));

  const dismiss = async (id: string) => {
    setDismissed((before) => new Set(before).add(id));
    const { error } = await client.urql.mutation(MarkBroadcastReadDocument, { id }).toPromise();
    if (!error) return;
    setDismissed((before) => new Set([...before].filter((each) => each !== id)));
  };

  return (
    <section aria-label="Announcements" aria-live="polite">
      {shown.length > 0 && (
        <ul className={styles.announcements}>
          {shown.map(({ id, text }) => (
            <li key={id}>
              <Announcement text={text} onDismiss={() => void dismiss(id)} />
            </li>
          ))}
        </ul>
      )}
    </section>
  );
};
