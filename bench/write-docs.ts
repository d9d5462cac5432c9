import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { parseArgs } from 'node:util';
import { maybeLoadFaultRuns } from './lib/fault-runs.ts';
import { defaultResults, maybeLoadResult, type Result } from './lib/result.ts';
import { fillTemplate } from './lib/template.ts';
import { questions } from './questions.ts';

/**
 * Writes the documents and plots that hold measured figures, from `bench/results` and the templates; with `--check` only says
 * whether they are what would be written. A document of which nothing has been measured is not written.
 */
const { values } = parseArgs({
  options: {
    check: { type: 'boolean', default: false },
    results: { type: 'string', default: defaultResults },
    docs: { type: 'string', default: join(import.meta.dirname, '../docs') },
  },
});

/** Each `bench/templates/<name>.md` becomes `docs/<name>.md`. */
const documents = [
  { name: 'reliability', of: ['faults', 'drops', 'stalled-reader', 'soak'] },
  {
    name: 'benchmarks',
    of: [
      'broadcast',
      'one-conversation',
      'many-conversations',
      'idle-memory',
      'send-message',
      'token-delay',
      'history',
      'two-nodes',
      'mass-return',
    ],
  },
] as const;

interface File {
  readonly path: string;
  readonly text: string;
}

const loadResults = async (): Promise<Record<string, Result | null>> => {
  const entries = questions.map(
    async ({ name }): Promise<[string, Result | null]> => [name, await maybeLoadResult(values.results, name)],
  );
  return { ...Object.fromEntries(await Promise.all(entries)), faults: maybeLoadFaultRuns(values.results) };
};

const toFiles = (results: Record<string, Result | null>): File[] => {
  const plots = questions.flatMap((question) => {
    const result = results[question.name];
    return result ? question.plots(result.measured) : [];
  });
  const texts = documents
    .filter(({ of }) => of.some((name) => results[name]))
    .map(({ name }) => {
      const template = readFileSync(join(import.meta.dirname, 'templates', `${name}.md`), 'utf8');
      return { path: join(values.docs, `${name}.md`), text: fillTemplate(template, results) };
    });
  return [
    ...texts,
    ...plots.map(({ file, svg }) => ({ path: join(values.docs, 'plots', `${file}.svg`), text: svg })),
  ];
};

const isWritten = ({ path, text }: File): boolean => existsSync(path) && readFileSync(path, 'utf8') === text;

const stale = toFiles(await loadResults()).filter((file) => !isWritten(file));
for (const { path, text } of stale) {
  const name = relative(process.cwd(), path);
  if (values.check) {
    console.error(`${name} is not what bench/results says: run "npm run bench:docs".`);
    process.exitCode = 1;
    continue;
  }
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  console.log(name);
}
