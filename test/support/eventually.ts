/**
 * Waits until `condition` gives a truthy value (or stops throwing) and returns it; throws with the last failure when
 * `timeoutMs` has passed. The only place in the tests that sleeps.
 */
export const eventually = async <T>(
  condition: () => T | Promise<T>,
  { timeoutMs = 20_000, intervalMs = 10 }: { timeoutMs?: number; intervalMs?: number } = {},
): Promise<NonNullable<T>> => {
  const deadline = performance.now() + timeoutMs;
  let failure: unknown = new Error('the condition stayed false');
  do {
    try {
      const value = await condition();
      if (value) return value;
    } catch (error) {
      failure = error;
    }
    await new Promise((resolve) => setTimeout(resolve, intervalMs));
  } while (performance.now() < deadline);
  throw new Error(`not within ${timeoutMs} ms`, { cause: failure });
};
