/** The longest time that setTimeout takes, in milliseconds: about 24 days. */
const longestMs = 2 ** 31 - 1;

/** Calls `action` at a time, however far away, or soon when it has passed. The returned function cancels it. */
export const atTime = (time: Date, action: () => void): (() => void) => {
  let timer: NodeJS.Timeout;
  const arm = (): void => {
    const leftMs = time.getTime() - Date.now();
    timer = leftMs > longestMs ? setTimeout(arm, longestMs) : setTimeout(action, Math.max(0, leftMs));
  };
  arm();
  return () => clearTimeout(timer);
};
