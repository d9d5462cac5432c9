import controls from './controls.module.css';
import type { Refusal } from './refusal.ts';

interface RefusalNoteProps {
  readonly refusal: Refusal | null;
  /** What was not done, as a sentence without its end. */
  readonly what: string;
  readonly onRetry?: () => void;
}

/** Why something was not done, where it was asked for. */
export const RefusalNote = ({ refusal, what, onRetry }: RefusalNoteProps) => (
  <div role="alert">
    {refusal && (
      <p className={controls.refusal}>
        <span>
          {what}: {refusal.message} <code>{refusal.code}</code>
        </span>
        {onRetry && (
          <button type="button" className={controls.button} onClick={onRetry}>
            Try again
          </button>
        )}
      </p>
    )}
  </div>
);
