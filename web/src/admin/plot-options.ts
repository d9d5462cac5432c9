import uPlot from 'uplot';
import { formatTime } from './format.ts';
import type { MetricInfo } from './metrics.ts';
import type { Sample } from './status-points.ts';

/** What part of time is shown, in milliseconds. */
export interface PlotWindow {
  readonly begin: number;
  readonly end: number;
}

interface PlotRequest {
  readonly info: MetricInfo;
  /** The colours of the theme stand in its computed style. */
  readonly element: HTMLElement;
  readonly window: () => PlotWindow;
  readonly onPoint: (sample: Sample | null) => void;
}

const height = 132;
const axisFont = '11px system-ui, sans-serif';
const wholeSteps = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1e3, 2e3, 5e3, 1e4, 2e4, 5e4, 1e5, 2e5, 5e5, 1e6];

/** From nothing to a little above the highest, so that heights can be compared. */
const toRange = (highest: number | null): [number, number] => [0, Math.max(1, (highest ?? 0) * 1.15)];

const drawingOf = (kind: MetricInfo['kind']): Partial<uPlot.Series> => {
  switch (kind) {
    case 'count': {
      const paths = uPlot.paths.stepped?.({ align: 1 });
      return { points: { show: false }, ...(paths && { paths }) };
    }
    case 'rate':
      return { points: { show: false } };
    case 'mean':
      // Often alone among intervals without one: a line would join what does not belong together.
      return { points: { show: true, size: 5 }, paths: () => null };
  }
};

export const toPlotOptions = ({ info, element, window, onPoint }: PlotRequest): uPlot.Options => {
  const {
    color: label,
    borderTopColor: grid,
    outlineColor: line,
    textDecorationColor: area,
  } = getComputedStyle(element);
  const axis = { stroke: label, font: axisFont, ticks: { show: false }, grid: { stroke: grid, width: 1 } };
  return {
    width: Math.max(element.clientWidth, 1),
    height,
    padding: [8, 12, 0, 0],
    legend: { show: false },
    cursor: { y: false, drag: { x: false, y: false }, sync: { key: 'edagent-admin' } },
    scales: {
      x: { time: true, range: () => [window().begin / 1_000, window().end / 1_000] },
      y: { range: (_plot, _lowest, highest) => toRange(highest) },
    },
    axes: [
      {
        ...axis,
        grid: { show: false },
        size: 22,
        incrs: [300],
        values: (_plot, times) => times.map((seconds) => formatTime(seconds * 1_000)),
      },
      {
        ...axis,
        size: 52,
        space: 32,
        ...(info.kind === 'count' && { incrs: wholeSteps }),
        values: (_plot, values) => values.map(info.formatAxis),
      },
    ],
    series: [{}, { stroke: line, width: 2, fill: area, spanGaps: false, ...drawingOf(info.kind) }],
    hooks: {
      setCursor: [
        ({ cursor: { idx }, data: [times, values] }) => {
          const seconds = idx == null ? undefined : times[idx];
          const value = idx == null ? null : values?.[idx];
          onPoint(seconds === undefined || value == null ? null : { at: seconds * 1_000, value });
        },
      ],
    },
  };
};
