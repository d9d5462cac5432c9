import { useState } from 'react';
import { useStore } from '../ui/use-store.ts';
import { Announcement } from './announcement.tsx';
import styles from './banners.module.css';
import { useChat } from './chat-services.ts';
import { MarkBroadcastReadDocument } from './documents.ts';

/** Kept until they are read, on any device. */
export const Announcements = () => {
  const { client, conversations } = useChat();
  const { announcements } = useStore(conversations.view);
  const [dismissed, setDismissed] = useState<ReadonlySet<string>>(new Set());
  const shown = announcements.filter(
    ({ id, expiresAt }) => !dismissed.has(id) && Date.parse(expiresAt) > Date.now(),
  );

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
