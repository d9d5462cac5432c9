const firstRetryMs = 300;
const longestRetryMs = 5_000;
/** A connection that ends sooner has not proved that the server wants it. */
const steadyMs = 1_000;

/** At most 300 ms for the first retry, then twice as long each time up to 5 s, with jitter. */
export const retryDelayMs = (retries: number, random: () => number = Math.random): number =>
  retries === 0
    ? random() * firstRetryMs
    : Math.min(longestRetryMs, firstRetryMs * 2 ** retries) * (0.5 + random() / 2);

export interface RetryClock {
  connected(): void;
  /** Resolves when the next attempt may begin. `onWait` learns the moment. */
  wait(): Promise<void>;
  /** Ends the wait in progress. */
  wake(): void;
}

export interface RetryClockOptions {
  readonly onWait: (until: number) => void;
  readonly now?: () => number;
  readonly random?: () => number;
}

/** The waits of edagent-client, with the moment of the next attempt for those who look at it. */
export const createRetryClock = ({ onWait, now = Date.now, random }: RetryClockOptions): RetryClock => {
  let count = 0;
  let connectedAt: number | undefined;
  let wake = () => {};

  return {
    connected() {
      connectedAt ??= now();
    },
    wait() {
      if (connectedAt !== undefined && now() - connectedAt >= steadyMs) count = 0;
      connectedAt = undefined;
      const delayMs = retryDelayMs(count++, random);
      onWait(now() + delayMs);
      return new Promise((resolve) => {
        const timer = setTimeout(resolve, delayMs);
        wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    },
    wake: () => wake(),
  };
};
