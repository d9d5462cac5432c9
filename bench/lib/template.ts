import { assertNever } from '../../src/util/assert-never.ts';
import type { Verdict } from './question.ts';
import type { Result } from './result.ts';
import { sidesTable } from './sides-table.ts';

/**
 * Markdown with figures left out: `{{drops.catchUp.fromDialMs.p99 | ms}}` is a value that was measured, and
 * `{{drops.run.command | text}}` one of the run. What stands between `<!-- measured: drops -->` and `<!-- /measured -->`
 * is left out of the document as long as that question has not been measured.
 */
export type Results = Readonly<Record<string, Result | null>>;

const formats = [
  'ms',
  's',
  'mb',
  'percent',
  'count',
  'times',
  'text',
  'verdicts',
  'sides',
  'context',
] as const;
type Format = (typeof formats)[number];

const isFormat = (text: string): text is Format => (formats as readonly string[]).includes(text);

const withPlaces = (value: number, places: number): string =>
  value.toLocaleString('en-US', { maximumFractionDigits: places });

const toContext = ({ commit, at, machine, versions, seed, durationMs }: Result): string => {
  const { cpu, cores, memoryGb } = machine;
  const { node, redis, postgres } = versions;
  return (
    `Measured on ${at.slice(0, 10)} at commit ${commit}: ${cpu}, ${cores} cores, ${memoryGb} GB, Node.js ${node}, Redis ${redis}, ` +
    `PostgreSQL ${postgres}, all on one machine over the loopback; seed ${seed}, ${Math.round(durationMs / 1_000)} s.`
  );
};

const toVerdicts = (verdicts: readonly Verdict[]): string =>
  [
    '| wanted | measured | |',
    '|---|---|---|',
    ...verdicts.map(
      ({ wanted, measured, isMet }) => `| ${wanted} | ${measured} | ${isMet ? 'met' : '**not met**'} |`,
    ),
  ].join('\n');

const toText = (value: unknown, format: Format): string => {
  const number = Number(value);
  switch (format) {
    case 'ms':
      return `${withPlaces(number, number < 10 ? 1 : 0)} ms`;
    case 's':
      return `${withPlaces(number / 1_000, 2)} s`;
    case 'mb':
      return `${withPlaces(number, 0)} MB`;
    case 'percent':
      return `${withPlaces(number, 3)} %`;
    case 'count':
      return withPlaces(number, 0);
    case 'times':
      return `${withPlaces(number, 2)} times`;
    case 'text':
      return String(value);
    case 'verdicts':
      return toVerdicts(value as readonly Verdict[]);
    case 'sides':
      return sidesTable(value as Parameters<typeof sidesTable>[0]);
    case 'context':
      return toContext(value as Result);
    default:
      return assertNever(format);
  }
};

const lookUp = (result: Result, path: readonly string[]): unknown => {
  const root: unknown = { ...result.measured, run: result, options: result.options };
  return path.reduce(
    (value, key) =>
      typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[key] : undefined,
    root,
  );
};

const leaveOutUnmeasured = (template: string, results: Results): string =>
  template.replace(
    /<!-- measured: ([\w-]+) -->\n([\s\S]*?)<!-- \/measured -->\n/g,
    (_, name: string, section: string) => (results[name] ? section : ''),
  );

/** @throws for a placeholder that names nothing. */
export const fillTemplate = (template: string, results: Results): string =>
  leaveOutUnmeasured(template, results).replace(
    /\{\{([\w-]+)\.([\w.-]+) \| (\w+)\}\}/g,
    (placeholder, name: string, path: string, format: string) => {
      const result = results[name];
      const value = result ? lookUp(result, path.split('.')) : undefined;
      if (value === undefined || !isFormat(format)) {
        throw new Error(`${placeholder} names nothing that was measured, or no format.`);
      }
      return toText(value, format);
    },
  );
