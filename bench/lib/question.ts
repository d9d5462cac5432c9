import type { Disposers } from '../../src/util/disposers.ts';
import type { Random } from '../../test/support/random.ts';

/** An option of a question, a number, as `--name value`. */
export interface Option {
  readonly default: number;
  readonly doc: string;
}

export type Options<O extends Readonly<Record<string, Option>>> = { readonly [K in keyof O]: number };

/** What a run is given. */
export interface Run<Values> {
  readonly options: Values;
  readonly seed: number;
  readonly random: Random;
  /** The file of the server that is measured. */
  readonly main: string;
  /** Everything that is started is ended with these, whatever happens. */
  readonly disposers: Disposers;
  print(line: string): void;
}

/** What was wanted, and what came of it. */
export interface Verdict {
  readonly wanted: string;
  readonly measured: string;
  readonly isMet: boolean;
}

export interface Plot {
  /** Its name in docs/plots, without the ending. */
  readonly file: string;
  readonly svg: string;
}

/** One question, one file: `bench/<name>.ts`. */
export interface Question<Measured extends object, O extends Readonly<Record<string, Option>>> {
  readonly name: string;
  readonly doc: string;
  readonly options: O;
  /** The run is ended after this. */
  limitMs(options: Options<O>): number;
  measure(run: Run<Options<O>>): Promise<Measured>;
  verdicts(measured: Measured): readonly Verdict[];
  plots(measured: Measured): readonly Plot[];
}
