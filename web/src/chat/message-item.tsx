import { memo } from 'react';
import { MarkdownText } from '../markdown/markdown-text.tsx';
import { Button } from '../ui/button.tsx';
import { CopyButton } from '../ui/copy-button.tsx';
import { Icon } from '../ui/icon.tsx';
import { type AnswerOf, endNoteOf } from './answer-end.ts';
import { useChat } from './chat-services.ts';
import { type ChatMessage, isClosed } from './conversation-state.ts';
import styles from './message-item.module.css';
import type { PendingSend } from './pending-sends.ts';

export interface MessageItemProps {
  readonly message: ChatMessage;
  readonly isReplaced: boolean;
  readonly canRetry: boolean;
  readonly onRetry: (messageId: string) => void;
}

/** Made once: to make one costs more than to render a message, and an answer that grows is rendered with each frame. */
const timeOfDay = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' });
const dayAndTime = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium' });

const toTime = (at: string): string => timeOfDay.format(new Date(at));

const Dots = ({ label }: { readonly label?: string }) => (
  <p className={styles.dots} aria-hidden={label === undefined}>
    {label && <span className="visually-hidden">{label}</span>}
    <i />
    <i />
    <i />
  </p>
);

const AnswerEnd = ({ answer }: { readonly answer: AnswerOf }) => {
  const note = endNoteOf(answer);
  if (note === undefined) return null;
  return <p className={answer.state === 'FAILED' ? styles.failure : styles.note}>{note}</p>;
};

const AnswerBody = ({ answer, text }: { readonly answer: AnswerOf; readonly text: string }) => {
  if (answer.state === 'WAITING') return <Dots label="Waiting to answer" />;
  if (answer.state === 'GENERATING' && text === '') return <Dots label="Answering" />;
  return (
    <>
      {/* One element from the first word to the end: another would render the whole text anew. What comes is read out by SpokenAnswer, in whole sentences, and so is how it ended. */}
      <div aria-live="off">
        <MarkdownText text={text} isOpen={!isClosed(answer)} />
      </div>
      <AnswerEnd answer={answer} />
    </>
  );
};

const Answer = ({ message, canRetry, onRetry }: MessageItemProps) => {
  const { answer, text, id } = message;
  if (!answer) return null;
  return (
    <>
      <AnswerBody answer={answer} text={text} />
      {/* Its place is there from the beginning, so that nothing moves when the answer ends. */}
      <div className={styles.actions}>
        {answer.state === 'GENERATING' && text && <Dots />}
        {isClosed(answer) && text && <CopyButton text={text} label="Copy the answer" />}
        {canRetry && (
          <Button look="plain" onClick={() => onRetry(id)}>
            <Icon name="retry" /> {answer.state === 'FINISHED' ? 'Answer again' : 'Retry'}
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
    <time dateTime={createdAt} title={dayAndTime.format(new Date(createdAt))}>
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

export interface DraftItemProps {
  readonly text: string;
  readonly onDiscard: () => void;
}

/** A draft that no message field can show any more. */
export const DraftItem = ({ text, onDiscard }: DraftItemProps) => (
  <article className={`${styles.row} ${styles.own}`} aria-label="Your draft">
    <div className={`${styles.bubble} ${styles.unsent}`}>{text}</div>
    <div className={styles.actions}>
      <span className={styles.note}>Draft</span>
      <CopyButton text={text} label="Copy the draft" />
      <Button look="plain" onClick={onDiscard}>
        Discard
      </Button>
    </div>
  </article>
);

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
            <Button look="plain" onClick={() => onRetry(clientMessageId)}>
              <Icon name="retry" /> Send now
            </Button>
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
