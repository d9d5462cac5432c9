/**
 * Runs one at a time. A call during a run is served by one more run that begins after it, so that the caller may rely on
 * what it knew being seen; calls that wait share that run. `run` must not reject.
 */
export const createSerialRun = (run: () => Promise<void>): (() => Promise<void>) => {
  let running: Promise<void> | null = null;
  let isWanted = false;

  const loop = async (): Promise<void> => {
    while (isWanted) {
      isWanted = false;
      await run();
    }
    // In the same turn as the last look at `isWanted`, otherwise a call between the two is never served.
    running = null;
  };

  return () => {
    isWanted = true;
    running ??= loop();
    return running;
  };
};
