const retryMs = 2_000;

export interface LiveReadOptions<Page> {
  /** Undefined: there is nothing that could be followed. */
  readonly read: () => Promise<Page | undefined>;
  readonly show: (page: Page) => void;
  /**
   * Begins to follow after what the page shows; returns its own undo. `ended` is called when it has ended by itself, with
   * `forGood` when reading again would not bring it back.
   */
  readonly follow: (page: Page, ended: (end: { readonly forGood: boolean }) => void) => () => void;
  /** It is tried again by itself. */
  readonly onFailed?: (error: unknown) => void;
}

export interface LiveRead<Page> {
  /** Reads again, without a break in what follows: events were missed. */
  refresh(): void;
  /** What comes now may be missing in the page that comes. */
  isReading(): boolean;
  /** Follows what is known without being read. */
  begin(page: Page): void;
  dispose(): void;
}

/**
 * A page and what happens after it:
 *
 *     reading ──▶ following ──(refresh)──▶ following, reading ──▶ following
 *      ▲  └──(nothing there)──▶ over ◀──(ended for good)──┤
 *      └──(after a wait)── failed, or ended for now ◀─────┘
 *
 * One read at a time, and what asks for another meanwhile gets one that begins after it: the one under way may be older.
 */
export const createLiveRead = <Page>(options: LiveReadOptions<Page>): LiveRead<Page> => {
  const { read, show, follow, onFailed } = options;
  let isDisposed = false;
  let isReading = false;
  let isWanted = false;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let leave: (() => void) | undefined;

  const stopFollowing = () => {
    leave?.();
    leave = undefined;
  };

  const retryLater = () => {
    clearTimeout(timer);
    timer = setTimeout(refresh, retryMs);
  };

  const begin = (page: Page) => {
    show(page);
    if (leave) return;
    let undo = () => {};
    const own = () => undo();
    leave = own;
    undo = follow(page, ({ forGood }) => {
      if (leave !== own) return;
      stopFollowing();
      if (!forGood) retryLater();
    });
    // It may have ended in the call itself.
    if (leave !== own) undo();
  };

  const run = async () => {
    isReading = true;
    while (isWanted) {
      isWanted = false;
      try {
        const page = await read();
        if (isDisposed) return;
        if (page === undefined) stopFollowing();
        else begin(page);
      } catch (error) {
        if (isDisposed) return;
        isWanted = false;
        onFailed?.(error);
        retryLater();
      }
    }
    isReading = false;
  };

  const refresh = () => {
    clearTimeout(timer);
    isWanted = true;
    if (!isReading) void run();
  };

  return {
    refresh,
    isReading: () => isReading,
    begin,
    dispose() {
      isDisposed = true;
      clearTimeout(timer);
      stopFollowing();
    },
  };
};
