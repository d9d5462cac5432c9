import { type Axis, drawFrame, drawText, type Frame, place, seriesCount } from './frame.ts';
import { roundUp } from './ticks.ts';

export interface LinePlotOptions {
  readonly title: string;
  /** Without an end, up to a round number beyond the largest value. */
  readonly x: Axis & { readonly from: number; readonly to?: number };
  readonly y: Axis & { readonly from: number; readonly to?: number };
  /** At most five. */
  readonly series: readonly {
    readonly name: string;
    readonly points: readonly (readonly [number, number])[];
  }[];
  /** Dashed lines across, for what was wanted. */
  readonly limits?: readonly Limit[];
}

interface Limit {
  readonly axis: 'x' | 'y';
  readonly at: number;
  readonly name: string;
}

const drawLimit = ({ axis, at, name }: Limit, frame: Frame): string[] => {
  const { left, right, top, bottom } = frame;
  if (axis === 'y') {
    const y = place(frame.y(at));
    return [
      `<line class="limit" x1="${left}" x2="${right}" y1="${y}" y2="${y}"/>`,
      drawText(right - 4, frame.y(at) - 6, name, { anchor: 'end' }),
    ];
  }
  const x = place(frame.x(at));
  return [
    `<line class="limit" x1="${x}" x2="${x}" y1="${top}" y2="${bottom}"/>`,
    drawText(frame.x(at) - 6, bottom - 8, name, { anchor: 'end' }),
  ];
};

const drawSeries = (points: readonly (readonly [number, number])[], at: number, frame: Frame): string => {
  const path = points.map(([x, y]) => `${place(frame.x(x))},${place(frame.y(y))}`).join(' ');
  return `<polyline class="s${at} stroke line" points="${path}"/>`;
};

export const linePlot = ({ title, x, y, series, limits = [] }: LinePlotOptions): string => {
  if (series.length > seriesCount) throw new Error(`${title}: at most ${seriesCount} series in a plot.`);
  const endOf = (index: 0 | 1, axis: 'x' | 'y'): number =>
    roundUp(
      Math.max(
        ...series.flatMap(({ points }) => points.map((point) => point[index])),
        ...limits.filter((limit) => limit.axis === axis).map(({ at }) => at),
      ),
    );
  return drawFrame(
    {
      title,
      x: { ...x, to: x.to ?? endOf(0, 'x') },
      y: { ...y, to: y.to ?? endOf(1, 'y') },
      legend: series.map(({ name }, at) => ({ name, className: `s${at}` })),
    },
    (frame) => [
      ...limits.flatMap((limit) => drawLimit(limit, frame)),
      ...series.map(({ points }, at) => drawSeries(points, at, frame)),
    ],
  );
};
