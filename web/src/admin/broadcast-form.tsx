import { type FormEvent, useEffect, useState } from 'react';
import { AnnouncementPreview } from './announcement-preview.tsx';
import {
  type BroadcastDraft,
  type DraftProblems,
  emptyDraft,
  findProblems,
  parseUserIds,
  toContent,
} from './broadcast-draft.ts';
import { BroadcastFields } from './broadcast-fields.tsx';
import type { BroadcastSender, Sending } from './broadcast-sender.ts';
import controls from './controls.module.css';
import { counted } from './format.ts';
import { RefusalNote } from './refusal-note.tsx';
import { UnsureBroadcast } from './unsure-broadcast.tsx';
import { useCell } from './use-cell.ts';

const isField = (field: string | null): field is keyof DraftProblems =>
  field === 'text' || field === 'userIds' || field === 'expiresAt';

/** What the server refused stands at its field, as what was found here. */
const problemsOf = (sending: Sending): DraftProblems => {
  if (sending.kind !== 'refused') return {};
  const { field, message } = sending.refusal;
  return isField(field) ? { [field]: message } : {};
};

const buttonText = ({ audience, named }: BroadcastDraft): string => {
  if (audience === 'all') return 'Announce to everyone';
  const { length } = parseUserIds(named);
  return length === 0 ? 'Announce' : `Announce to ${counted(length, 'user')}`;
};

export const BroadcastForm = ({ sender }: { readonly sender: BroadcastSender }) => {
  const sending = useCell(sender);
  const [draft, setDraft] = useState(emptyDraft);
  const [found, setFound] = useState<DraftProblems>({});
  const isLocked = sending.kind === 'sending' || sending.kind === 'unsure';
  const problems = { ...problemsOf(sending), ...found };

  useEffect(() => {
    if (sending.kind === 'sent') setDraft(emptyDraft);
  }, [sending]);

  const change = (changed: Partial<BroadcastDraft>): void => {
    setDraft({ ...draft, ...changed });
    setFound({});
    // What was said of the broadcast before does not concern this one.
    if (!isLocked && sending.kind !== 'idle') sender.discard();
  };

  const submit = (event: FormEvent): void => {
    event.preventDefault();
    const now = Date.now();
    const nextFound = findProblems(draft, now);
    setFound(nextFound);
    if (Object.keys(nextFound).length === 0) sender.send(toContent(draft, now));
  };

  return (
    <>
      {sending.kind === 'unsure' && (
        <UnsureBroadcast sending={sending} onRetry={sender.retry} onDiscard={sender.discard} />
      )}
      <form onSubmit={submit} aria-label="Announce something">
        <fieldset className={controls.plain} disabled={isLocked}>
          <BroadcastFields draft={draft} problems={problems} onChange={change} />
          <AnnouncementPreview text={draft.text} />
          <RefusalNote
            refusal={sending.kind === 'refused' && !isField(sending.refusal.field) ? sending.refusal : null}
            what="Not sent"
          />
          <div className={controls.submit}>
            <button type="submit" className={controls.primary}>
              {buttonText(draft)}
            </button>
            <span role="status">
              {sending.kind === 'sending' && 'Sending …'}
              {sending.kind === 'sent' &&
                `Sent. It reached ${counted(sending.result.connectionCount, 'connection')}; the others find it later.`}
            </span>
          </div>
        </fieldset>
      </form>
    </>
  );
};
