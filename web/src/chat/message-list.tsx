import { useEffect, useLayoutEffect, useRef, useState } from 'react';
import { VList, type VListHandle } from 'virtua';
import { Button } from '../ui/button.tsx';
import { Icon } from '../ui/icon.tsx';
import { MessageItem, PendingItem } from './message-item.tsx';
import styles from './message-list.module.css';
import type { Row } from './rows.ts';

export interface MessageListProps {
  readonly rows: readonly Row[];
  readonly hasOlder: boolean;
  readonly onOlder: () => void;
  readonly onRetry: (messageId: string) => void;
  readonly onRetrySend: (clientMessageId: string) => void;
  readonly onDiscardSend: (clientMessageId: string) => void;
}

/** Nearer to the end than this counts as being there. */
const endPx = 48;
const olderPx = 800;
/** A scroll this soon after an input is the reader's; any other is the list's own. */
const inputMs = 800;

/**
 * The reader who is at the end stays there, whatever grows; one who scrolled up is left alone. Only an input of the
 * reader can take them from the end: scroll events alone also come from growing and measuring.
 */
const useStayAtEnd = (list: React.RefObject<VListHandle | null>, rows: readonly Row[]) => {
  const isAtEnd = useRef(true);
  const lastInput = useRef(0);
  const [isAway, setAway] = useState(false);
  const toEnd = () => list.current?.scrollToIndex(rows.length - 1, { align: 'end' });

  const judge = () => {
    const handle = list.current;
    if (!handle) return;
    const distance = handle.scrollSize - handle.viewportSize - handle.scrollOffset;
    if (distance <= endPx) isAtEnd.current = true;
    else if (performance.now() - lastInput.current < inputMs) isAtEnd.current = false;
    setAway(!isAtEnd.current);
  };

  // biome-ignore lint/correctness/useExhaustiveDependencies: after every change of the rows.
  useLayoutEffect(() => {
    if (isAtEnd.current) toEnd();
  }, [rows]);

  return {
    isAtEnd,
    isAway,
    judge,
    onInput() {
      lastInput.current = performance.now();
    },
    onResize() {
      if (isAtEnd.current) toEnd();
      else judge();
    },
    goToEnd() {
      isAtEnd.current = true;
      setAway(false);
      toEnd();
    },
  };
};

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
  const { isAtEnd, isAway, judge, onInput, onResize, goToEnd } = useStayAtEnd(list, rows);
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
    if (handle && hasOlder && handle.scrollOffset < olderPx && !(isAtEnd.current && handle.scrollSize === 0))
      onOlder();
  };
  // biome-ignore lint/correctness/useExhaustiveDependencies: a page may be too short to fill the screen.
  useEffect(maybeLoadOlder, [rows.length, hasOlder]);

  return (
    <section
      className={styles.pane}
      aria-label="Messages"
      onWheel={onInput}
      onTouchMove={onInput}
      onPointerDown={onInput}
      onKeyDown={onInput}
    >
      <VList
        ref={list}
        data={rows}
        shift={isPrepended}
        className={styles.list}
        tabIndex={0}
        onScroll={() => {
          judge();
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
