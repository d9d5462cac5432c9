import { memo, useId } from 'react';
import styles from './admin.module.css';
import type { Broadcast, BroadcastsList } from './broadcasts-list.ts';
import controls from './controls.module.css';
import { counted, formatDayAndTime } from './format.ts';
import { RefusalNote } from './refusal-note.tsx';
import { useCell } from './use-cell.ts';

interface SentBroadcastProps {
  readonly broadcast: Broadcast;
  /** Null: not sent from this page. */
  readonly reached: number | null;
  /** By the server's clock. */
  readonly now: string;
}

const SentBroadcast = ({ broadcast: { text, at, expiresAt }, reached, now }: SentBroadcastProps) => (
  <li>
    <p className={styles.sentText}>{text}</p>
    <p className={controls.hint}>
      <time dateTime={at}>{formatDayAndTime(at)}</time>
      {expiresAt <= now ? ', ended ' : ', shown until '}
      <time dateTime={expiresAt}>{formatDayAndTime(expiresAt)}</time>
      {reached !== null && `, reached ${counted(reached, 'connection')}`}
    </p>
  </li>
);

interface SentBroadcastsProps {
  readonly list: BroadcastsList;
  readonly now: string;
}

export const SentBroadcasts = memo(({ list, now }: SentBroadcastsProps) => {
  const { broadcasts, reached, hasMore, isLoading, refusal } = useCell(list);
  const hintId = useId();
  return (
    <>
      <RefusalNote refusal={refusal} what="What was sent could not be read" onRetry={list.readAgain} />
      {broadcasts?.length === 0 && <p className={styles.empty}>Nothing has been announced yet.</p>}
      <ol className={styles.sent} aria-label="Sent, newest first" aria-busy={isLoading}>
        {broadcasts?.map((broadcast) => (
          <SentBroadcast
            key={broadcast.id}
            broadcast={broadcast}
            reached={reached.get(broadcast.id) ?? null}
            now={now}
          />
        ))}
      </ol>
      <div className={controls.submit}>
        {hasMore && (
          <button type="button" className={controls.button} disabled={isLoading} onClick={list.older}>
            Show older
          </button>
        )}
        <button
          type="button"
          className={controls.button}
          aria-describedby={hintId}
          disabled={isLoading}
          onClick={list.readAgain}
        >
          Read again
        </button>
      </div>
      <p id={hintId} className={controls.hint}>
        What any admin sends appears by itself: at once when it is for everyone, within some seconds when it
        is for named users.
      </p>
    </>
  );
});
