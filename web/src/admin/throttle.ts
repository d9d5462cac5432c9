export interface ThrottleOptions {
  readonly everyMs: number;
  readonly run: () => Promise<void>;
}

export interface Throttle {
  ask(): void;
  /** Forgets what was asked for; may be asked again. */
  dispose(): void;
}

/**
 * Runs at once, then not before `everyMs` have passed and the last run has ended; what is asked for meanwhile becomes one
 * run. There is a timer only while something asked for waits.
 */
export const createThrottle = ({ everyMs, run }: ThrottleOptions): Throttle => {
  let isRunning = false;
  let isWanted = false;
  let nextAt = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;

  const begin = (): void => {
    timer = undefined;
    isWanted = false;
    isRunning = true;
    nextAt = performance.now() + everyMs;
    void run().finally(() => {
      isRunning = false;
      if (isWanted) schedule();
    });
  };

  const schedule = (): void => {
    if (isRunning || timer !== undefined) return;
    const waitMs = nextAt - performance.now();
    if (waitMs <= 0) begin();
    else timer = setTimeout(begin, waitMs);
  };

  return {
    ask() {
      isWanted = true;
      schedule();
    },
    dispose() {
      clearTimeout(timer);
      timer = undefined;
      isWanted = false;
    },
  };
};
