import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Column, printColumns, type Section } from '../../test/chaos/table.ts';
import type { Result } from './result.ts';

const isRun = (name: string): boolean => /^faults-\d+\.json$/.test(name);

/** The runs of `npm run chaos -- --results …` side by side, as one result; null when there is none. */
export const maybeLoadFaultRuns = (folder: string): Result | null => {
  if (!existsSync(folder)) return null;
  const runs = readdirSync(folder)
    .filter(isRun)
    .map((name) => JSON.parse(readFileSync(join(folder, name), 'utf8')) as Result)
    .sort((one, other) => one.seed - other.seed);
  const [first] = runs;
  if (!first) return null;
  const columns = runs.map(
    ({ seed, measured }): Column => ({
      head: `seed ${seed}`,
      sections: (measured as { readonly sections: readonly Section[] }).sections,
    }),
  );
  const commands = runs.map(({ command }) => `\`${command}\``).join('; ');
  return { ...first, question: 'faults', measured: { tables: printColumns(columns), commands } };
};
