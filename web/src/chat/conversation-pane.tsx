import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { reasonOf } from '../graphql/client.ts';
import { Button } from '../ui/button.tsx';
import { randomId } from '../ui/random-id.ts';
import { createStore } from '../ui/store.ts';
import { useStore } from '../ui/use-store.ts';
import { useChat } from './chat-services.ts';
import { Composer } from './composer.tsx';
import styles from './conversation-pane.module.css';
import type { ChatMessage, ConversationView } from './conversation-state.ts';
import type { ConversationStore, LoadState } from './conversation-store.ts';
import { MarkReadDocument, RetryAnswerDocument, StopAnswerDocument } from './documents.ts';
import { LeftUnsent } from './left-unsent.tsx';
import { MessageList } from './message-list.tsx';
import { toRows } from './rows.ts';
import { SpokenAnswer } from './spoken-answer.tsx';

const nothingYet = {
  view: createStore<ConversationView>({
    messages: [],
    hasOlder: false,
    olderCursor: null,
    openAnswer: undefined,
  }),
  load: createStore<LoadState>({ kind: 'ready' }),
  typists: createStore<readonly string[]>([]),
};

/** Marks as read what stands there while somebody looks at it. */
const useMarkRead = (conversationId: string | null, messages: readonly ChatMessage[]) => {
  const { client, viewer } = useChat();
  const marked = useRef<string>(undefined);
  // Not the message itself, which is another one with each frame while its text grows.
  const { id: messageId, author } = messages.at(-1) ?? {};
  const isOwn = author?.id === viewer.user.id;
  useEffect(() => {
    const mark = () => {
      if (conversationId === null || messageId === undefined || marked.current === messageId) return;
      if (!document.hasFocus() || document.visibilityState !== 'visible') return;
      marked.current = messageId;
      if (isOwn) return;
      void client.urql
        .mutation(MarkReadDocument, { conversationId, messageId })
        .toPromise()
        .then(({ error }) => {
          // The next occasion tries again.
          if (error && marked.current === messageId) marked.current = undefined;
        });
    };
    mark();
    addEventListener('focus', mark);
    document.addEventListener('visibilitychange', mark);
    return () => {
      removeEventListener('focus', mark);
      document.removeEventListener('visibilitychange', mark);
    };
  }, [client, conversationId, messageId, isOwn]);
};

/** The rows, each under the key that it began with, so that a sent message does not flicker when it arrives. */
const useRows = (conversationId: string | null, messages: readonly ChatMessage[]) => {
  const { outbox, viewer } = useChat();
  const sends = useStore(outbox.sends);
  const keys = useRef(new Map<string, string>());
  const [begun] = useState(() => new Set<string>());
  const own = useMemo(() => {
    if (conversationId !== null) return sends.filter((send) => send.conversationId === conversationId);
    // One that has just begun a conversation stays until that is shown.
    for (const send of sends) if (send.conversationId === null) begun.add(send.clientMessageId);
    return sends.filter(({ clientMessageId }) => begun.has(clientMessageId));
  }, [sends, conversationId, begun]);

  for (const { state, clientMessageId } of own)
    if (state.kind === 'sent') keys.current.set(state.messageId, clientMessageId);

  useEffect(() => {
    const shown = new Set(messages.map(({ id }) => id));
    for (const { state, clientMessageId } of own)
      if (state.kind === 'sent' && shown.has(state.messageId)) outbox.forget(clientMessageId);
  }, [own, messages, outbox]);

  return useMemo(() => toRows(messages, own, viewer.user.id, keys.current), [messages, own, viewer.user.id]);
};

const describeTypists = (names: readonly string[]): string => {
  if (names.length === 0) return '';
  if (names.length > 2) return 'Several people are typing…';
  return `${names.join(' and ')} ${names.length === 1 ? 'is' : 'are'} typing…`;
};

export interface ConversationPaneProps {
  readonly conversationId: string | null;
  readonly onNewChat: () => void;
}

export const ConversationPane = ({ conversationId, onNewChat }: ConversationPaneProps) => {
  const { client, open, outbox } = useChat();
  const store = useMemo<ConversationStore | undefined>(
    () => (conversationId === null ? undefined : open(conversationId)),
    [conversationId, open],
  );
  const { messages, openAnswer, hasOlder } = useStore((store ?? nothingYet).view);
  const load = useStore((store ?? nothingYet).load);
  const typists = useStore((store ?? nothingYet).typists);
  const rows = useRows(conversationId, messages);
  const [problem, setProblem] = useState<string>();
  useMarkRead(conversationId, messages);

  const retry = useCallback(
    async (messageId: string) => {
      const input = { messageId, clientRetryId: randomId() };
      const { data, error } = await client.urql.mutation(RetryAnswerDocument, { input }).toPromise();
      const outcome = data?.retryAnswer;
      if (error) setProblem(reasonOf(error));
      else setProblem(outcome && 'reason' in outcome ? outcome.reason : undefined);
    },
    [client],
  );
  const openId = openAnswer?.id;
  const stop = useCallback(async () => {
    if (openId === undefined) return;
    const { error } = await client.urql.mutation(StopAnswerDocument, { messageId: openId }).toPromise();
    setProblem(error && reasonOf(error));
  }, [client, openId]);
  const send = (text: string) => {
    setProblem(undefined);
    outbox.add({ conversationId, text, lastMessageId: messages.at(-1)?.id ?? null });
  };

  if (load.kind === 'missing')
    return (
      <>
        <div className={styles.empty}>
          <h2>This conversation is not there</h2>
          <p>It was deleted, or you do not take part in it.</p>
          <Button onClick={onNewChat}>Begin a new one</Button>
        </div>
        <LeftUnsent conversationId={conversationId} rows={rows} />
      </>
    );

  return (
    <>
      {rows.length > 0 ? (
        <MessageList
          rows={rows}
          hasOlder={hasOlder}
          onOlder={() => void store?.loadOlder()}
          onRetry={retry}
          onRetrySend={outbox.retry}
          onDiscardSend={outbox.discard}
        />
      ) : (
        <div className={styles.empty}>
          {load.kind === 'ready' && (
            <>
              <h2>What would you like to learn?</h2>
              <p>Ask a question, or say what you are working on.</p>
            </>
          )}
          {load.kind === 'loading' && <p role="status">Loading…</p>}
          {load.kind === 'failed' && <p role="status">{load.reason} Trying again…</p>}
        </div>
      )}
      <SpokenAnswer messages={messages} isLoaded={load.kind === 'ready'} />
      <div className={styles.foot}>
        <p className={styles.typing} aria-live="polite">
          {describeTypists(typists)}
        </p>
        {problem && (
          <p role="alert" className={styles.problem}>
            {problem}{' '}
            <Button look="plain" onClick={() => setProblem(undefined)}>
              Dismiss
            </Button>
          </p>
        )}
        <Composer
          conversationId={conversationId}
          isAnswering={openAnswer !== undefined}
          onSend={send}
          onStop={stop}
        />
      </div>
    </>
  );
};
