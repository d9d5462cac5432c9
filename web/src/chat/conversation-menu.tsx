import { type FormEvent, useEffect, useId, useRef, useState } from 'react';
import { flushSync } from 'react-dom';
import { useLocation } from 'wouter';
import { reasonOf } from '../graphql/client.ts';
import { Button } from '../ui/button.tsx';
import controls from '../ui/controls.module.css';
import { Dialog } from '../ui/dialog.tsx';
import { Icon } from '../ui/icon.tsx';
import { useChat } from './chat-services.ts';
import styles from './conversation-menu.module.css';
import {
  DeleteConversationDocument,
  RemoveParticipantDocument,
  RenameConversationDocument,
} from './documents.ts';
import { ParticipantsDialog } from './participants-dialog.tsx';
import { toShownTitle } from './shown-title.ts';

interface ConversationMenuProps {
  readonly id: string;
  readonly title: string;
  readonly isOwner: boolean;
  /** Shown now: whoever removes it has to be taken elsewhere. */
  readonly isOpen: boolean;
}

type Asked = 'rename' | 'participants' | 'remove';

interface AskProps {
  readonly conversation: ConversationMenuProps;
  readonly onClose: () => void;
}

const RenameDialog = ({ conversation: { id, title }, onClose }: AskProps) => {
  const { client } = useChat();
  const [name, setName] = useState(title);
  const [problem, setProblem] = useState<string>();
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const { error } = await client.urql
      .mutation(RenameConversationDocument, { id, title: name.trim() })
      .toPromise();
    if (error) setProblem(reasonOf(error));
    else onClose();
  };
  return (
    <Dialog title="Rename the conversation" onClose={onClose}>
      <form onSubmit={(event) => void submit(event)}>
        <label className={controls.field}>
          <span>Title</span>
          <input value={name} onChange={({ target }) => setName(target.value)} maxLength={200} required />
        </label>
        {problem && (
          <p className={controls.problem} role="alert">
            {problem}
          </p>
        )}
        <div className={controls.row}>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" look="primary" disabled={!name.trim()}>
            Rename
          </Button>
        </div>
      </form>
    </Dialog>
  );
};

const RemoveDialog = ({ conversation: { id, title, isOwner, isOpen }, onClose }: AskProps) => {
  const { client, viewer } = useChat();
  const [, navigate] = useLocation();
  const [problem, setProblem] = useState<string>();
  const remove = async () => {
    const { error } = isOwner
      ? await client.urql.mutation(DeleteConversationDocument, { id }).toPromise()
      : await client.urql
          .mutation(RemoveParticipantDocument, { conversationId: id, userId: viewer.user.id })
          .toPromise();
    if (error) {
      setProblem(reasonOf(error));
      return;
    }
    if (isOpen) navigate('/');
    onClose();
  };
  const verb = isOwner ? 'Delete' : 'Leave';
  return (
    <Dialog title={`${verb} “${toShownTitle(title)}”?`} onClose={onClose}>
      <p>{isOwner ? 'It is deleted for everyone who takes part.' : 'You will no longer see it.'}</p>
      {problem && (
        <p className={controls.problem} role="alert">
          {problem}
        </p>
      )}
      <div className={controls.row}>
        <Button onClick={onClose}>Cancel</Button>
        <Button look="danger" onClick={() => void remove()}>
          {verb}
        </Button>
      </div>
    </Dialog>
  );
};

/** Closed by Escape, by a click elsewhere, and by leaving it with the keyboard. */
export const ConversationMenu = (conversation: ConversationMenuProps) => {
  const { title, isOwner } = conversation;
  const [isShown, setShown] = useState(false);
  const [asked, setAsked] = useState<Asked>();
  const ref = useRef<HTMLDivElement>(null);
  const buttonRef = useRef<HTMLButtonElement>(null);
  const menuId = useId();

  useEffect(() => {
    if (!isShown) return;
    const onDown = (event: PointerEvent) => {
      if (!ref.current?.contains(event.target as Node)) setShown(false);
    };
    addEventListener('pointerdown', onDown);
    return () => removeEventListener('pointerdown', onDown);
  }, [isShown]);

  const ask = (what: Asked) => {
    setShown(false);
    setAsked(what);
  };
  const close = () => {
    // Nothing outside of a dialog takes the focus while it is open.
    flushSync(() => setAsked(undefined));
    buttonRef.current?.focus();
  };

  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: it only sees the keys and the focus of its buttons.
    <div
      ref={ref}
      className={styles.menu}
      onKeyDown={(event) => {
        if (event.key !== 'Escape' || !isShown) return;
        event.stopPropagation();
        setShown(false);
        buttonRef.current?.focus();
      }}
      onBlur={({ relatedTarget }) => {
        if (relatedTarget && !ref.current?.contains(relatedTarget)) setShown(false);
      }}
    >
      <Button
        ref={buttonRef}
        look="plain"
        aria-label={`Options of ${toShownTitle(title)}`}
        aria-expanded={isShown}
        aria-controls={menuId}
        onClick={() => setShown((before) => !before)}
      >
        <Icon name="more" />
      </Button>
      {isShown && (
        <div id={menuId} className={styles.items}>
          {isOwner && (
            <Button look="plain" onClick={() => ask('rename')}>
              Rename
            </Button>
          )}
          <Button look="plain" onClick={() => ask('participants')}>
            Participants
          </Button>
          <Button look="plain" className={styles.remove ?? ''} onClick={() => ask('remove')}>
            {isOwner ? 'Delete' : 'Leave'}
          </Button>
        </div>
      )}
      {asked === 'rename' && <RenameDialog conversation={conversation} onClose={close} />}
      {asked === 'remove' && <RemoveDialog conversation={conversation} onClose={close} />}
      {asked === 'participants' && <ParticipantsDialog id={conversation.id} onClose={close} />}
    </div>
  );
};
