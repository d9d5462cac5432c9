import { type FormEvent, useId, useLayoutEffect, useRef, useState } from 'react';
import controls from './controls.module.css';
import type { Refusal } from './refusal.ts';
import { RefusalNote } from './refusal-note.tsx';
import { toActionText, toSelfWarning, type UserAction } from './user-action.ts';

interface ActionDialogProps {
  readonly action: UserAction;
  /** Whether it concerns the admin who does it. */
  readonly isSelf: boolean;
  /** Null: done. */
  readonly onConfirm: (reason: string | null) => Promise<Refusal | null>;
  readonly onClose: () => void;
}

/** A close frame has room for 123 bytes. */
const maxReasonLength = 120;

export const ActionDialog = ({ action, isSelf, onConfirm, onClose }: ActionDialogProps) => {
  const dialog = useRef<HTMLDialogElement>(null);
  const titleId = useId();
  const reasonId = useId();
  const [reason, setReason] = useState('');
  const [isBusy, setBusy] = useState(false);
  const [refusal, setRefusal] = useState<Refusal | null>(null);
  const { title, confirm, consequence, reasonHint } = toActionText(action);
  const warning = isSelf ? toSelfWarning(action) : null;

  // Closed before it leaves the document, otherwise the focus does not go back to where it came from.
  useLayoutEffect(() => {
    const element = dialog.current;
    element?.showModal();
    return () => element?.close();
  }, []);

  const closed = (): void => {
    if (!dialog.current?.open) onClose();
  };

  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    if (isBusy) return;
    setBusy(true);
    const refused = await onConfirm(reason.trim() || null);
    setBusy(false);
    setRefusal(refused);
  };

  return (
    <dialog ref={dialog} className={controls.dialog} aria-labelledby={titleId} onClose={closed}>
      <form onSubmit={(event) => void submit(event)}>
        <h2 id={titleId}>{title}</h2>
        <p>{consequence}</p>
        {warning && <p className={controls.warning}>{warning}</p>}
        {reasonHint && (
          <div className={controls.field}>
            <label htmlFor={reasonId}>Reason (optional)</label>
            <input
              id={reasonId}
              value={reason}
              maxLength={maxReasonLength}
              aria-describedby={`${reasonId}-hint`}
              onChange={({ target }) => setReason(target.value)}
            />
            <p id={`${reasonId}-hint`} className={controls.hint}>
              {reasonHint}
            </p>
          </div>
        )}
        <RefusalNote refusal={refusal} what="Not done" />
        <div className={controls.dialogButtons}>
          <button type="button" className={controls.button} onClick={() => dialog.current?.close()}>
            Cancel
          </button>
          <button
            type="submit"
            className={action.kind === 'unblock' ? controls.primary : controls.danger}
            disabled={isBusy}
          >
            {confirm}
          </button>
        </div>
      </form>
    </dialog>
  );
};
