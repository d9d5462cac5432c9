/**
 * Tells the mergers of a node when their next delta is due: on ticks that all of them share, so that the deltas of many
 * answers fall into one turn of the event loop, and so into one command to Redis.
 */
export interface DeltaClock {
  /** Calls `onDue` once, on the first tick that is a period or more away. @returns what takes it back. */
  schedule(onDue: () => void): () => void;
}

export interface DeltaClockOptions {
  /** The period, in milliseconds. @default 40 */
  readonly everyMs?: number;
  /** From one tick to the next, in milliseconds: a part of the period. @default 5 */
  readonly tickMs?: number;
}

/** Timers are that exact. */
const toleranceMs = 1;

/** Has one timer, and none while nothing is scheduled. */
export const createDeltaClock = ({ everyMs = 40, tickMs = 5 }: DeltaClockOptions = {}): DeltaClock => {
  /** By the time of the tick. */
  const dueAt = new Map<number, Set<() => void>>();
  let timer: NodeJS.Timeout | undefined;
  /** While its calls are made: what they schedule keeps the beat, although no tick is quite on time. */
  let current: number | null = null;

  const arm = (): void => {
    clearTimeout(timer);
    timer = undefined;
    if (dueAt.size > 0) timer = setTimeout(runDue, Math.ceil(Math.min(...dueAt.keys()) - performance.now()));
  };

  const runDue = (): void => {
    const now = performance.now();
    const ticks = [...dueAt.keys()].filter((tick) => tick <= now + toleranceMs).sort((a, b) => a - b);
    for (const tick of ticks) {
      // One that is later than a quarter of the period begins a new beat.
      current = now - tick < everyMs / 4 ? tick : now;
      const due = dueAt.get(tick);
      dueAt.delete(tick);
      for (const onDue of due ?? []) onDue();
    }
    current = null;
    arm();
  };

  return {
    schedule(onDue) {
      const tick = Math.ceil(((current ?? performance.now()) + everyMs) / tickMs) * tickMs;
      const group = dueAt.get(tick) ?? new Set();
      group.add(onDue);
      dueAt.set(tick, group);
      if (current === null && !timer) arm();
      return () => {
        if (!group.delete(onDue) || group.size > 0) return;
        if (dueAt.get(tick) === group) dueAt.delete(tick);
        if (current === null) arm();
      };
    },
  };
};
