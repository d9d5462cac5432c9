export interface Batch<T> {
  add(item: T): void;
  dispose(): void;
}

/** Hidden pages get no frames. */
const hiddenMs = 200;

/** Gives what came since the last frame together, so that any rate of tokens costs one rendering a frame. */
export const createFrameBatch = <T>(flush: (items: readonly T[]) => void): Batch<T> => {
  let items: T[] = [];
  let cancel: (() => void) | undefined;

  const run = () => {
    cancel?.();
    cancel = undefined;
    const batch = items;
    items = [];
    if (batch.length > 0) flush(batch);
  };

  const schedule = () => {
    const frame = requestAnimationFrame(run);
    const timer = setTimeout(run, hiddenMs);
    return () => {
      cancelAnimationFrame(frame);
      clearTimeout(timer);
    };
  };

  return {
    add(item) {
      items.push(item);
      cancel ??= schedule();
    },
    dispose() {
      cancel?.();
      items = [];
    },
  };
};
