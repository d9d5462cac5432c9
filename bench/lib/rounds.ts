import type { Random } from '../../test/support/random.ts';

export interface RoundsOptions<N extends string, T> {
  readonly rounds: number;
  readonly random: Random;
  /** By name; each is measured once in every round. */
  readonly contestants: Readonly<Record<N, () => Promise<T>>>;
  readonly onMeasured?: (name: N, round: number, measured: T) => void;
}

const shuffled = <T>(values: readonly T[], random: Random): T[] => {
  const rest = [...values];
  return values.map(() => rest.splice(random.int(rest.length), 1)[0] as T);
};

/** Interleaved, in an order that changes, so that what drifts on the machine meets all of them alike. */
export const runRounds = async <N extends string, T>(
  options: RoundsOptions<N, T>,
): Promise<Record<N, T[]>> => {
  const { rounds, random, contestants, onMeasured = () => {} } = options;
  const names = Object.keys(contestants) as N[];
  const results = Object.fromEntries(names.map((name): [N, T[]] => [name, []])) as Record<N, T[]>;
  for (let round = 1; round <= rounds; round++) {
    for (const name of shuffled(names, random)) {
      const measured = await contestants[name]();
      results[name].push(measured);
      onMeasured(name, round, measured);
    }
  }
  return results;
};
