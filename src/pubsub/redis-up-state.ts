import type { Log } from '../util/log.ts';

export interface UpState {
  readonly isUp: boolean;
  /** Looks again, after a link has changed. */
  review(): void;
  /** A subscription that was given out unconfirmed is confirmed now: what was sent until now is lost for it. */
  lateConfirmation(): void;
  listen(listener: () => void): () => void;
  dispose(): void;
}

export interface UpStateOptions {
  readonly isUpNow: () => boolean;
  /** Called at each change to up, before the listeners. */
  readonly onUp: () => void;
  readonly log: Log;
}

/** Whether messages travel, and who wants to know that some may have been lost. */
export const createUpState = ({ isUpNow, onUp, log }: UpStateOptions): UpState => {
  const listeners = new Set<() => void>();
  let isUp = false;
  let isNotifying = false;

  const tell = (listener: () => void) => {
    try {
      listener();
    } catch (error) {
      log.error({ err: error }, 'a listener of the pub/sub failed');
    }
  };

  /** Once for all that comes in one turn: many late confirmations are one loss. */
  const notify = () => {
    if (isNotifying) return;
    isNotifying = true;
    queueMicrotask(() => {
      isNotifying = false;
      for (const listener of [...listeners]) tell(listener);
    });
  };

  return {
    get isUp() {
      return isUp;
    },
    review() {
      const wasUp = isUp;
      isUp = isUpNow();
      if (wasUp || !isUp) return;
      onUp();
      notify();
    },
    lateConfirmation() {
      if (isUp) notify();
    },
    listen(listener) {
      const entry = () => listener();
      listeners.add(entry);
      return () => void listeners.delete(entry);
    },
    dispose() {
      isUp = false;
      listeners.clear();
    },
  };
};
