/** Gives each member its turn once in a period, spread over it, with one timer for all of them. */
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
  const timer = setInterval(() => {
    current = (current + 1) % slices;
    for (const member of groups[current] ?? []) onTurn(member);
  }, everyMs / slices);

  return {
    add(member) {
      last = (last + 1) % slices;
      groups[last]?.add(member);
    },
    delete(member) {
      for (const group of groups) if (group.delete(member)) return;
    },
    dispose() {
      clearInterval(timer);
    },
  };
};
