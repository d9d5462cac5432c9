import { useEffect, useLayoutEffect, useRef, useState } from 'react';
import { VList, type VListHandle } from 'virtua';
import { Button } from '../ui/button.tsx';
import { Icon } from '../ui/icon.tsx';
import { MessageItem, PendingItem } from './message-item.tsx';
import styles from './message-list.module.css';
import type { Row } from './rows.ts';
import { useStayAtEnd } from './use-stay-at-end.ts';

export interface MessageListProps {
  readonly rows: readonly Row[];
  readonly hasOlder: boolean;
  readonly onOlder: () => void;
  readonly onRetry: (messageId: string) => void;
  readonly onRetrySend: (clientMessageId: string) => void;
  readonly onDiscardSend: (clientMessageId: string) => void;
}

/** Nearer to the beginning than this, the next older page is loaded. */
const olderPx = 800;

/** Whether this rendering adds rows before all others: the list then keeps its place from the end. */
const useIsPrepended = (rows: readonly Row[]): boolean => {
  const before = useRef<readonly Row[]>(rows);
  const first = before.current[0]?.key;
  const isPrepended =
    first !== undefined && rows[0]?.key !== first && rows.at(-1)?.key === before.current.at(-1)?.key;
  useEffect(() => {
    before.current = rows;
  }, [rows]);
  return isPrepended;
};

export const MessageList = ({ rows, hasOlder, onOlder, ...actions }: MessageListProps) => {
  const list = useRef<VListHandle>(null);
  const { reader, isAway, follows, onScroll, onResize, goToEnd } = useStayAtEnd(list, rows);
  const isPrepended = useIsPrepended(rows);
  const lastKey = rows.at(-1)?.key;
  const lastKind = rows.at(-1)?.kind;
  const [seenKey, setSeenKey] = useState(lastKey);

  // What one sends oneself is always shown.
  // biome-ignore lint/correctness/useExhaustiveDependencies: for each new last row.
  useLayoutEffect(() => {
    if (lastKind === 'pending') goToEnd();
  }, [lastKey]);
  useEffect(() => {
    if (!isAway) setSeenKey(lastKey);
  }, [isAway, lastKey]);

  const maybeLoadOlder = () => {
    const handle = list.current;
    if (handle && hasOlder && handle.scrollOffset < olderPx && !(follows() && handle.scrollSize === 0))
      onOlder();
  };
  // biome-ignore lint/correctness/useExhaustiveDependencies: a page may be too short to fill the screen.
  useEffect(maybeLoadOlder, [rows.length, hasOlder]);

  return (
    <section className={styles.pane} aria-label="Messages" {...reader}>
      <VList
        ref={list}
        data={rows}
        shift={isPrepended}
        className={styles.list}
        tabIndex={0}
        onScroll={() => {
          onScroll();
          maybeLoadOlder();
        }}
        onResize={onResize}
      >
        {(row: Row) =>
          row.kind === 'message' ? (
            <MessageItem
              key={row.key}
              message={row.message}
              isReplaced={row.isReplaced}
              canRetry={row.canRetry}
              onRetry={actions.onRetry}
            />
          ) : (
            <PendingItem
              key={row.key}
              send={row.send}
              onRetry={actions.onRetrySend}
              onDiscard={actions.onDiscardSend}
            />
          )
        }
      </VList>
      {isAway && (
        <Button className={styles.toEnd ?? ''} onClick={goToEnd}>
          {seenKey === lastKey ? 'To the end' : 'New messages'} <Icon name="down" />
        </Button>
      )}
    </section>
  );
};
