import type { Quartiles } from './stats.ts';

/** Contestants as rows, and as columns whatever was measured of them, in this order. */
const columns = [
  ['ratio', 'ratio', ''],
  ['p50Ratio', 'p50, ratio', ''],
  ['paceRatio', 'time each at saturation, ratio', ''],
  ['cpuRatio', 'CPU, ratio', ''],
  ['cpuMicros', 'CPU', 'µs'],
  ['pacedCpuMicros', 'CPU at the fixed rate', 'µs'],
  ['saturatedCpuMicros', 'CPU at saturation', 'µs'],
  ['cpuMs', 'CPU', 'ms'],
  ['kilobytes', 'resident', 'kB'],
  ['heapKilobytes', 'of it heap', 'kB'],
  ['processMb', 'process before', 'MB'],
  ['perSecond', 'a second at saturation', ''],
  ['allMs', 'all are live', 'ms'],
  ['p50Ms', 'p50', 'ms'],
  ['p95Ms', 'p95', 'ms'],
  ['p99Ms', 'p99', 'ms'],
  ['maxMs', 'max', 'ms'],
  ['deliveries', 'n', ''],
  ['tokens', 'n', ''],
  ['messages', 'n', ''],
  ['pages', 'n', ''],
  ['missing', 'missing', ''],
  ['bytes', 'bytes a frame', ''],
  ['idleCpuPercent', 'CPU when idle', '%'],
  ['loadCpuPercent', 'CPU of the load', '%'],
] as const;

type Row = Readonly<Record<string, unknown>>;

const isQuartiles = (value: unknown): value is Quartiles =>
  typeof value === 'object' && value !== null && 'median' in value;

const toNumber = (value: number): string =>
  value.toLocaleString('en-US', {
    maximumFractionDigits: Math.abs(value) < 10 ? 2 : Math.abs(value) < 100 ? 1 : 0,
  });

const toCell = (value: unknown, unit: string): string => {
  const end = unit === '' ? '' : ` ${unit}`;
  if (typeof value === 'number') return `${toNumber(value)}${end}`;
  if (!isQuartiles(value)) return '–';
  const { median, q1, q3 } = value;
  return `**${toNumber(median)}**${end} (${toNumber(q1)} to ${toNumber(q3)})`;
};

/** Medians over the rounds, in brackets the quartiles. */
export const sidesTable = (sides: Readonly<Record<string, Row>>): string => {
  const rows = Object.values(sides);
  const shown = columns.filter(([key]) =>
    rows.some((row) => typeof row[key] === 'number' || isQuartiles(row[key])),
  );
  return [
    `| | ${shown.map(([, header]) => header).join(' | ')} |`,
    `|---|${shown.map(() => '---|').join('')}`,
    ...rows.map(
      (row) =>
        `| ${String(row.title)} | ${shown.map(([key, , unit]) => toCell(row[key], unit)).join(' | ')} |`,
    ),
  ].join('\n');
};
