export interface Batch<T> {
  add(item: T): void;
  dispose(): void;
}

/** As often as the server sends what it has of an answer, or nearly. */
const paceMs = 32;

/**
 * Gives what came since the last time together, so that any rate of tokens costs so many renderings a second. By timers,
 * not by frames: to render is a task of its own then, and the frame after it only has to lay out and paint.
 */
export const createPacedBatch = <T>(
  flush: (items: readonly T[]) => void,
  now: () => number = () => performance.now(),
): Batch<T> => {
  let items: T[] = [];
  let timer: ReturnType<typeof setTimeout> | undefined;
  let next = Number.NEGATIVE_INFINITY;

  const run = () => {
    timer = undefined;
    next = now() + paceMs;
    const batch = items;
    items = [];
    flush(batch);
  };

  return {
    add(item) {
      items.push(item);
      timer ??= setTimeout(run, Math.max(0, next - now()));
    },
    dispose() {
      clearTimeout(timer);
      items = [];
    },
  };
};
