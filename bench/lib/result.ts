import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Machine, readCommit, readMachine, readVersions, type Versions } from './machine.ts';
import type { Verdict } from './question.ts';

/** A run with all that is needed to judge and repeat it, as it stands in `bench/results/<question>.json`. */
export interface Result {
  readonly question: string;
  readonly command: string;
  readonly at: string;
  readonly durationMs: number;
  readonly commit: string;
  readonly seed: number;
  readonly machine: Machine;
  readonly versions: Versions;
  readonly options: Readonly<Record<string, number>>;
  readonly verdicts: readonly Verdict[];
  readonly measured: object;
}

export type NewResult = Omit<Result, 'commit' | 'machine' | 'versions'>;

export const defaultResults = join(import.meta.dirname, '../results');

const fileOf = (folder: string, question: string): string => join(folder, `${question}.json`);

export const saveResult = async (folder: string, result: NewResult): Promise<string> => {
  const { measured, verdicts, ...head } = result;
  const whole: Result = {
    ...head,
    commit: await readCommit(),
    machine: readMachine(),
    versions: await readVersions(),
    verdicts,
    measured,
  };
  await mkdir(folder, { recursive: true });
  const file = fileOf(folder, result.question);
  await writeFile(file, `${JSON.stringify(whole, null, 2)}\n`);
  return file;
};

/** Null when the question has not been measured. */
export const maybeLoadResult = async (folder: string, question: string): Promise<Result | null> => {
  try {
    return JSON.parse(await readFile(fileOf(folder, question), 'utf8')) as Result;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
};
