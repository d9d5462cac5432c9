import { sleep } from './sleep.ts';

/**
 * Runs all actions in their order within `withinMs`, each at a random moment of its own share of that time. Resolves when all
 * have run; one that throws ends it.
 */
export const spread = async (actions: readonly (() => void)[], withinMs: number): Promise<void> => {
  const begin = performance.now();
  for (const [index, action] of actions.entries()) {
    const dueMs = ((index + Math.random()) / actions.length) * withinMs;
    const leftMs = begin + dueMs - performance.now();
    if (leftMs > 0) await sleep(leftMs);
    action();
  }
};
