import { retryDelayMs } from 'edagent-client';

/** A connection that ends sooner has not proved that the server wants it. */
const steadyMs = 1_000;

export interface RetryClock {
  /** The socket is acknowledged. */
  connected(): void;
  /** Resolves when the next socket may be opened. `onWait` learns the moment. */
  waitForSocket(): Promise<void>;
  /** Resolves when a subscription that ended for now, on a live socket, may be begun again: each counts its own retries. */
  waitForSubscription(retries: number): Promise<void>;
  /** Ends all waits in progress. */
  wake(): void;
}

export interface RetryClockOptions {
  readonly onWait: (until: number) => void;
  readonly now?: () => number;
  readonly random?: () => number;
}

/**
 * The waits of edagent-client, with the moment of the next attempt for those who look at it. What subscriptions waited
 * while the store was away does not make a socket wait that is lost after that.
 */
export const createRetryClock = ({ onWait, now = Date.now, random }: RetryClockOptions): RetryClock => {
  let count = 0;
  let connectedAt: number | undefined;
  const waits = new Set<() => void>();

  const wait = (delayMs: number): Promise<void> =>
    new Promise((resolve) => {
      const end = () => {
        clearTimeout(timer);
        waits.delete(end);
        resolve();
      };
      const timer = setTimeout(end, delayMs);
      waits.add(end);
    });

  return {
    connected() {
      connectedAt ??= now();
    },
    waitForSocket() {
      if (connectedAt !== undefined && now() - connectedAt >= steadyMs) count = 0;
      connectedAt = undefined;
      const delayMs = retryDelayMs(count++, random);
      onWait(now() + delayMs);
      return wait(delayMs);
    },
    waitForSubscription: (retries) => wait(retryDelayMs(retries, random)),
    wake() {
      for (const end of [...waits]) end();
    },
  };
};
