/** Gives each member its turn once in a period, spread over it, with one timer for all of them, and none while there is no member. */
export interface Rota<T> {
  /** Its first turn comes within a period. */
  add(member: T): void;
  delete(member: T): void;
  dispose(): void;
}

export interface RotaOptions<T> {
  readonly everyMs: number;
  readonly onTurn: (member: T) => void;
}

/** Few enough timers, and members in one of them few enough not to hold up the event loop. */
const slices = 16;

export const createRota = <T>({ everyMs, onTurn }: RotaOptions<T>): Rota<T> => {
  const groups = Array.from({ length: slices }, () => new Set<T>());
  let current = 0;
  let last = 0;
  let timer: NodeJS.Timeout | undefined;
  let isDisposed = false;

  const stop = (): void => {
    clearInterval(timer);
    timer = undefined;
  };

  const turn = (): void => {
    current = (current + 1) % slices;
    for (const member of groups[current] ?? []) onTurn(member);
    if (groups.every((group) => group.size === 0)) stop();
  };

  return {
    add(member) {
      last = (last + 1) % slices;
      groups[last]?.add(member);
      if (!isDisposed) timer ??= setInterval(turn, everyMs / slices);
    },
    delete(member) {
      for (const group of groups) if (group.delete(member)) return;
    },
    dispose() {
      isDisposed = true;
      stop();
    },
  };
};
