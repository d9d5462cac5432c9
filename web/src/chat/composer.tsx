import { type KeyboardEvent, useCallback, useEffect, useLayoutEffect, useRef } from 'react';
import { Button } from '../ui/button.tsx';
import { Icon } from '../ui/icon.tsx';
import { useChat } from './chat-services.ts';
import styles from './composer.module.css';
import { SetTypingDocument } from './documents.ts';
import { useDraft } from './use-draft.ts';

export interface ComposerProps {
  readonly conversationId: string | null;
  readonly isAnswering: boolean;
  readonly onSend: (text: string) => void;
  readonly onStop: () => void;
}

const typingMs = 3_000;

/** Tells the others while one types, and at once when one ceased. */
const useTyping = (conversationId: string | null) => {
  const { client } = useChat();
  const told = useRef(0);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);

  const tell = useCallback(
    (isTyping: boolean) => {
      if (conversationId === null) return;
      void client.urql.mutation(SetTypingDocument, { conversationId, isTyping }).toPromise();
    },
    [client, conversationId],
  );
  const cease = useCallback(() => {
    clearTimeout(timer.current);
    if (told.current === 0) return;
    told.current = 0;
    tell(false);
  }, [tell]);
  const type = () => {
    const now = Date.now();
    if (now - told.current >= typingMs) {
      told.current = now;
      tell(true);
    }
    clearTimeout(timer.current);
    timer.current = setTimeout(cease, typingMs);
  };
  useEffect(() => cease, [cease]);
  return { type, cease };
};

export const Composer = ({ conversationId, isAnswering, onSend, onStop }: ComposerProps) => {
  const { viewer } = useChat();
  const [text, setText] = useDraft(conversationId);
  const { type, cease } = useTyping(conversationId);
  const ref = useRef<HTMLTextAreaElement>(null);
  const limit = viewer.limits.messageLength;
  const isTooLong = text.trim().length > limit;
  const canSend = text.trim() !== '' && !isTooLong;

  // For browsers without `field-sizing`: it costs a layout with each key.
  // biome-ignore lint/correctness/useExhaustiveDependencies: the height follows the text.
  useLayoutEffect(() => {
    const field = ref.current;
    if (!field || CSS.supports('field-sizing', 'content')) return;
    field.style.height = 'auto';
    field.style.height = `${field.scrollHeight + 2}px`;
  }, [text]);
  useEffect(() => {
    if (matchMedia('(pointer: fine)').matches) ref.current?.focus();
  }, []);
  useEffect(() => {
    if (!isAnswering) return;
    const onKey = (event: globalThis.KeyboardEvent) => {
      if (event.key !== 'Escape' || event.defaultPrevented || event.isComposing) return;
      if (!document.querySelector('dialog[open]')) onStop();
    };
    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
  }, [isAnswering, onStop]);

  const submit = () => {
    if (!canSend) return;
    cease();
    onSend(text.trim());
    setText('');
  };
  const onKeyDown = (event: KeyboardEvent) => {
    // 229: the Enter that ends a composition, in browsers that end it before the key.
    const isComposing = event.nativeEvent.isComposing || event.keyCode === 229;
    if (event.key !== 'Enter' || event.shiftKey || isComposing) return;
    event.preventDefault();
    submit();
  };

  return (
    <form
      className={styles.composer}
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      <textarea
        id="message"
        data-composer=""
        ref={ref}
        rows={1}
        value={text}
        aria-label="Message"
        aria-invalid={isTooLong}
        placeholder="Message the tutor"
        enterKeyHint="send"
        onChange={({ target }) => {
          setText(target.value);
          if (target.value) type();
          else cease();
        }}
        onKeyDown={onKeyDown}
      />
      {isTooLong && (
        <span role="alert" className={styles.tooLong}>
          {(text.trim().length - limit).toLocaleString('en')} characters too long
        </span>
      )}
      {isAnswering && (
        <Button onClick={onStop} aria-keyshortcuts="Escape">
          <Icon name="stop" /> <span className={styles.stop}>Stop</span>
        </Button>
      )}
      <Button
        type="submit"
        look="primary"
        className={styles.send ?? ''}
        aria-label="Send"
        disabled={!canSend}
      >
        <Icon name="send" />
      </Button>
    </form>
  );
};
