import { useEffect, useReducer, useRef, useState } from 'react';
import { flushSync } from 'react-dom';
import { reasonOf } from '../graphql/client.ts';
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

interface Problem {
  readonly id: string;
  readonly reason: string;
}

/** Kept until they are read, on any device. */
export const Announcements = () => {
  const { client, conversations } = useChat();
  const { announcements } = useStore(conversations.view);
  const [dismissed, setDismissed] = useState<ReadonlySet<string>>(new Set());
  const [problem, setProblem] = useState<Problem>();
  const section = useRef<HTMLElement>(null);
  const shown = useUnexpired(announcements.filter(({ id }) => !dismissed.has(id)));

  /** What follows takes the focus of what goes. */
  const hide = (id: string, index: number) => {
    const hadFocus = section.current?.contains(document.activeElement);
    flushSync(() => {
      setProblem(undefined);
      setDismissed((before) => new Set(before).add(id));
    });
    if (hadFocus) (section.current?.querySelectorAll('button')[index] ?? section.current)?.focus();
  };
  const dismiss = async (id: string, index: number) => {
    hide(id, index);
    const { error } = await client.urql.mutation(MarkBroadcastReadDocument, { id }).toPromise();
    if (!error) return;
    setDismissed((before) => new Set([...before].filter((each) => each !== id)));
    setProblem({ id, reason: reasonOf(error) });
  };

  return (
    <section
      ref={section}
      className={styles.announcer}
      aria-label="Announcements"
      aria-live="polite"
      tabIndex={-1}
    >
      {shown.length > 0 && (
        <ul className={styles.announcements}>
          {shown.map(({ id, text }, index) => (
            <li key={id}>
              <Announcement text={text} onDismiss={() => void dismiss(id, index)} />
              {problem?.id === id && (
                <p role="alert" className={styles.problem}>
                  {problem.reason}
                </p>
              )}
            </li>
          ))}
        </ul>
      )}
    </section>
  );
};
