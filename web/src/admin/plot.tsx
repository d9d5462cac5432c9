import { useEffect, useMemo, useRef } from 'react';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import type { MetricInfo } from './metrics.ts';
import styles from './plot.module.css';
import { type PlotWindow, toPlotOptions } from './plot-options.ts';
import { type Sample, toColumns } from './status-points.ts';
import { useTheme } from './use-theme.ts';

interface PlotProps {
  readonly info: MetricInfo;
  readonly samples: readonly Sample[];
  readonly window: PlotWindow;
  /** The plot in words. */
  readonly text: string;
  /** What is under the pointer; null when it leaves. */
  readonly onPoint: (sample: Sample | null) => void;
}

export const Plot = ({ info, samples, window, text, onPoint }: PlotProps) => {
  const host = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot>(null);
  const columns = useMemo(() => toColumns(samples), [samples]);
  const theme = useTheme();
  // What a plot that exists reads anew at each drawing.
  const latest = useRef({ columns, window, onPoint });
  useEffect(() => {
    latest.current = { columns, window, onPoint };
  });

  // biome-ignore lint/correctness/useExhaustiveDependencies: colours are read once, so another theme makes another plot.
  useEffect(() => {
    const element = host.current;
    if (!element) return;
    const options = toPlotOptions({
      info,
      element,
      window: () => latest.current.window,
      onPoint: (sample) => latest.current.onPoint(sample),
    });
    const made = new uPlot(options, latest.current.columns, element);
    plot.current = made;
    const observer = new ResizeObserver(() => {
      if (element.clientWidth > 0) made.setSize({ width: element.clientWidth, height: options.height });
    });
    observer.observe(element);
    return () => {
      observer.disconnect();
      plot.current = null;
      made.destroy();
    };
  }, [info, theme]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: another window moves the plot, even where no value is new.
  useEffect(() => {
    plot.current?.setData(columns);
  }, [columns, window]);

  return <div ref={host} className={styles.plot} role="img" aria-label={text} />;
};
