import { memo } from 'react';
import { Markdown } from '../markdown/markdown.tsx';
import { Button } from '../ui/button.tsx';
import { CopyButton } from '../ui/copy-button.tsx';
import { Icon } from '../ui/icon.tsx';
import { useChat } from './chat-services.ts';
import type { ChatMessage } from './conversation-state.ts';
import styles from './message-item.module.css';
import type { PendingSend } from './pending-sends.ts';

export interface MessageItemProps {
  readonly message: ChatMessage;
  readonly isReplaced: boolean;
  readonly canRetry: boolean;
  readonly onRetry: (messageId: string) => void;
}

const toTime = (at: string): string =>
  new Date(at).toLocaleTimeString(undefined, { hour: '2-digit', minute: '2-digit' });

const Dots = ({ label }: { readonly label: string }) => (
  <p className={styles.dots}>
    <span className="visually-hidden">{label}</span>
    <i />
    <i />
    <i />
  </p>
);

const AnswerBody = ({ message }: { readonly message: ChatMessage }) => {
  const { answer, text } = message;
  if (!answer) return null;
  switch (answer.state) {
    case 'WAITING':
      return <Dots label="Waiting to answer" />;
    case 'GENERATING':
      // Read out by SpokenAnswer, in whole sentences.
      return text === '' ? (
        <Dots label="Answering" />
      ) : (
        <div aria-hidden="true">
          <Markdown text={text} isOpen />
        </div>
      );
    case 'FINISHED':
      return <Markdown text={text} />;
    case 'STOPPED':
      return (
        <>
          <Markdown text={text} />
          <p className={styles.note}>Stopped.</p>
        </>
      );
    case 'FAILED':
      return (
        <>
          <Markdown text={text} />
          <p className={styles.failure}>{answer.failure?.message ?? 'The answer failed.'}</p>
        </>
      );
  }
};

const Answer = ({ message, canRetry, onRetry }: MessageItemProps) => {
  const { answer, text, id } = message;
  const isClosed = answer?.state !== 'WAITING' && answer?.state !== 'GENERATING';
  return (
    <>
      <AnswerBody message={message} />
      {/* Its place is there from the beginning, so that nothing moves when the answer ends. */}
      <div className={styles.actions}>
        {isClosed && text && <CopyButton text={text} label="Copy the answer" />}
        {canRetry && (
          <Button look="plain" onClick={() => onRetry(id)}>
            <Icon name="retry" /> {answer?.state === 'FINISHED' ? 'Answer again' : 'Retry'}
          </Button>
        )}
      </div>
    </>
  );
};

export const MessageItem = memo((props: MessageItemProps) => {
  const { message, isReplaced } = props;
  const { viewer } = useChat();
  const { author, createdAt, text } = message;
  const isOwn = author.id === viewer.user.id;
  const time = (
    <time dateTime={createdAt} title={new Date(createdAt).toLocaleString()}>
      {toTime(createdAt)}
    </time>
  );
  if (author.kind === 'TUTOR')
    return (
      <article
        className={styles.row}
        aria-label={`${author.name}, ${toTime(createdAt)}`}
        aria-busy={message.answer?.state === 'GENERATING'}
      >
        <header className={styles.author}>
          {author.name} {time}
        </header>
        {isReplaced ? (
          <details className={styles.replaced}>
            <summary>An earlier answer</summary>
            <Answer {...props} />
          </details>
        ) : (
          <Answer {...props} />
        )}
      </article>
    );
  return (
    <article
      className={`${styles.row} ${isOwn ? styles.own : ''}`}
      aria-label={`${isOwn ? 'You' : author.name}, ${toTime(createdAt)}`}
    >
      <header className={styles.author}>
        {isOwn ? <span className="visually-hidden">You</span> : author.name} {time}
      </header>
      <div className={styles.bubble}>{text}</div>
      <div className={styles.actions}>
        <CopyButton text={text} label="Copy the message" />
      </div>
    </article>
  );
});

export interface PendingItemProps {
  readonly send: PendingSend;
  readonly onRetry: (clientMessageId: string) => void;
  readonly onDiscard: (clientMessageId: string) => void;
}

export const PendingItem = memo(({ send, onRetry, onDiscard }: PendingItemProps) => {
  const { state, text, clientMessageId } = send;
  return (
    <article className={`${styles.row} ${styles.own}`} aria-label="You, not sent yet">
      <header className={styles.author}>
        <span className="visually-hidden">You</span>
      </header>
      <div className={`${styles.bubble} ${state.kind === 'sent' ? '' : styles.unsent}`}>{text}</div>
      <div className={styles.actions}>
        {state.kind === 'queued' && (
          <>
            <span className={styles.note}>Not sent yet</span>
            <Button look="plain" onClick={() => onDiscard(clientMessageId)}>
              Discard
            </Button>
          </>
        )}
        {state.kind === 'sending' && <span className={styles.note}>Sending…</span>}
        {state.kind === 'failed' && (
          <>
            <span role="alert" className={styles.failure}>
              {state.reason}
            </span>
            <Button look="plain" onClick={() => onRetry(clientMessageId)}>
              <Icon name="retry" /> Retry
            </Button>
            <Button look="plain" onClick={() => onDiscard(clientMessageId)}>
              Discard
            </Button>
          </>
        )}
      </div>
    </article>
  );
});
