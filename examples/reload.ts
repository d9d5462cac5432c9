const retryMs = 2_000;

/** Loads what was missed: the last call counts, and one that failed is tried again. What is followed goes on meanwhile. */
export const createReload = (
  load: (isLast: () => boolean) => Promise<void>,
  onError: (error: unknown) => void,
) => {
  let calls = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;

  const reload = async (): Promise<void> => {
    const own = ++calls;
    const isLast = () => own === calls;
    clearTimeout(timer);
    try {
      await load(isLast);
    } catch (error) {
      if (!isLast()) return;
      onError(error);
      timer = setTimeout(reload, retryMs);
    }
  };

  return {
    reload,
    dispose() {
      calls++;
      clearTimeout(timer);
    },
  };
};
