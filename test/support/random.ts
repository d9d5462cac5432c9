/** Numbers that depend on the seed alone. */
export interface Random {
  /** At least 0, less than 1. */
  next(): number;
  /** An integer at least 0, less than `limit`. */
  int(limit: number): number;
  chance(probability: number): boolean;
  pick<T>(values: readonly T[]): T;
}

/** Mulberry32. */
export const createRandom = (seed: number): Random => {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  const int = (limit: number): number => Math.floor(next() * limit);
  return {
    next,
    int,
    chance: (probability) => next() < probability,
    pick: (values) => values[int(values.length)] as (typeof values)[number],
  };
};

/** A new seed for each run, or the one of EDAGENT_TEST_SEED to repeat a run. */
export const newSeed = (): number =>
  Number(process.env.EDAGENT_TEST_SEED ?? Math.floor(Math.random() * 2 ** 31));
