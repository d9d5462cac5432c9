import { useChat } from './chat-services.ts';
import styles from './conversation-pane.module.css';
import { DraftItem, PendingItem } from './message-item.tsx';
import type { Row } from './rows.ts';
import { useDraft } from './use-draft.ts';

export interface LeftUnsentProps {
  readonly conversationId: string | null;
  readonly rows: readonly Row[];
}

/** What was written for a conversation that is not there any more, until it is discarded. */
export const LeftUnsent = ({ conversationId, rows }: LeftUnsentProps) => {
  const { outbox } = useChat();
  const [draft, setDraft] = useDraft(conversationId);
  const sends = rows.flatMap((row) =>
    row.kind === 'pending' && row.send.state.kind !== 'sent' ? row.send : [],
  );
  if (sends.length === 0 && !draft) return null;
  return (
    <section className={styles.left} aria-label="Not sent">
      {sends.map((send) => (
        <PendingItem
          key={send.clientMessageId}
          send={send}
          onRetry={outbox.retry}
          onDiscard={outbox.discard}
        />
      ))}
      {draft && <DraftItem text={draft} onDiscard={() => setDraft('')} />}
    </section>
  );
};
