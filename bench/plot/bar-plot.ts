import { type Axis, drawFrame, drawText, type Frame, place, seriesCount } from './frame.ts';
import { formatNumber, roundUp } from './ticks.ts';

export interface Bar {
  readonly value: number;
  /** Quartiles over rounds, as a whisker. */
  readonly low?: number;
  readonly high?: number;
}

export interface BarPlotOptions {
  readonly title: string;
  readonly x: Axis;
  readonly y: Axis;
  /** At most five, each with one bar in every group. */
  readonly series: readonly { readonly name: string; readonly bars: readonly Bar[] }[];
  /** Their names, along the x axis. */
  readonly groups: readonly string[];
}

/** Of a group's width, what its bars take. */
const filled = 0.72;

const drawBar = (
  frame: Frame,
  bar: Bar,
  { from, to, at }: { from: number; to: number; at: number },
): string[] => {
  const { value, low, high } = bar;
  const middle = (from + to) / 2;
  const top = frame.y(value);
  const parts = [
    `<rect class="s${at} fill" x="${place(from)}" y="${place(top)}" width="${place(to - from - 3)}" height="${place(frame.bottom - top)}"/>`,
    drawText(
      middle - 1.5,
      frame.y(Math.max(value, high ?? 0)) - 6,
      formatNumber(Number(value.toPrecision(3))),
      {
        className: 'ink',
        anchor: 'middle',
      },
    ),
  ];
  if (low === undefined || high === undefined) return parts;
  const x = place(middle - 1.5);
  return [
    ...parts,
    `<line class="whisker" x1="${x}" x2="${x}" y1="${place(frame.y(low))}" y2="${place(frame.y(high))}"/>`,
  ];
};

export const barPlot = ({ title, x, y, series, groups }: BarPlotOptions): string => {
  if (series.length > seriesCount) throw new Error(`${title}: at most ${seriesCount} series in a plot.`);
  const highest = Math.max(
    ...series.flatMap(({ bars }) => bars.map(({ value, high }) => Math.max(value, high ?? 0))),
  );
  return drawFrame(
    {
      title,
      x: { ...x, from: 0, to: groups.length, ticks: groups.map((text, at) => ({ at: at + 0.5, text })) },
      y: { ...y, from: 0, to: roundUp(highest * 1.05) },
      legend: series.map(({ name }, at) => ({ name, className: `s${at}` })),
    },
    (frame) =>
      series.flatMap(({ bars }, at) =>
        bars.flatMap((bar, group) => {
          const width = filled / series.length;
          const begin = group + (1 - filled) / 2 + at * width;
          return drawBar(frame, bar, { from: frame.x(begin), to: frame.x(begin + width), at });
        }),
      ),
  );
};
