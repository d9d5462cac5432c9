import type { Sending } from './broadcast-sender.ts';
import controls from './controls.module.css';
import { counted } from './format.ts';

interface UnsureBroadcastProps {
  readonly sending: Extract<Sending, { readonly kind: 'unsure' }>;
  readonly onRetry: () => void;
  readonly onDiscard: () => void;
}

/** A broadcast whose fate is not known. Only sending the same once more settles it. */
export const UnsureBroadcast = ({ sending, onRetry, onDiscard }: UnsureBroadcastProps) => {
  const { input, refusal } = sending;
  return (
    <div role="alert" className={controls.unsure}>
      <p>
        {refusal
          ? `It is not known whether this was sent: ${refusal.message}`
          : 'The page was left while this was being sent.'}{' '}
        Sending it again never announces it twice.
      </p>
      <blockquote>{input.text}</blockquote>
      <p className={controls.hint}>
        {input.userIds ? `For ${counted(input.userIds.length, 'user')}` : 'For everyone'}
      </p>
      <div className={controls.submit}>
        <button type="button" className={controls.primary} onClick={onRetry}>
          Send again
        </button>
        <button type="button" className={controls.button} onClick={onDiscard}>
          Give up
        </button>
      </div>
    </div>
  );
};
