export interface Timers {
  start(delayMs: number, action: () => void): void;
  /** What has not begun never will. */
  dispose(): void;
}

/** Timers that end together. */
export const createTimers = (): Timers => {
  const timers = new Set<ReturnType<typeof setTimeout>>();
  return {
    start(delayMs, action) {
      const timer = setTimeout(() => {
        timers.delete(timer);
        action();
      }, delayMs);
      timers.add(timer);
    },
    dispose() {
      for (const timer of timers) clearTimeout(timer);
      timers.clear();
    },
  };
};
