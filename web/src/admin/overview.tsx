import { memo, useMemo, useState } from 'react';
import styles from './admin.module.css';
import { formatExactTime } from './format.ts';
import { type MetricInfo, metrics, toPeriod, toPlotText } from './metrics.ts';
import { Plot } from './plot.tsx';
import type { PlotWindow } from './plot-options.ts';
import { latestOf, type Sample, type StatusPoints, samplesOf, summarize, windowMs } from './status-points.ts';

interface FigureProps {
  readonly info: MetricInfo;
  readonly points: StatusPoints;
  readonly window: PlotWindow;
}

const MetricFigure = ({ info, points, window }: FigureProps) => {
  const [pointed, setPointed] = useState<Sample | null>(null);
  const samples = useMemo(() => samplesOf(info.metric, points), [info, points]);
  const summary = useMemo(() => summarize(samples), [samples]);
  const { title, about, format } = info;
  return (
    <figure className={styles.metric}>
      <figcaption>
        <span className={styles.metricTitle}>{title}</span>
        <span className={styles.metricValue}>{summary ? format(summary.current) : '–'}</span>
        <span className={styles.metricRange}>
          {summary &&
            `lowest ${format(summary.lowest)}, highest ${format(summary.highest)} ${toPeriod(summary, window.begin)}`}
        </span>
        <span className={styles.metricNote}>
          {pointed && pointed.value !== null ? (
            <span aria-hidden="true">{`${formatExactTime(pointed.at)}: ${format(pointed.value)}`}</span>
          ) : (
            about
          )}
        </span>
      </figcaption>
      <Plot
        info={info}
        samples={samples}
        window={window}
        text={toPlotText(info, summary, window.begin)}
        onPoint={setPointed}
      />
    </figure>
  );
};

/** What goes on, as plots over the last 15 minutes by the server's clock. */
export const Overview = memo(({ points }: { readonly points: StatusPoints }) => {
  const end = latestOf(points) ?? 0;
  const window = useMemo(() => ({ begin: end - windowMs, end }), [end]);
  return (
    <div className={styles.metrics}>
      {metrics.map((info) => (
        <MetricFigure key={info.metric} info={info} points={points} window={window} />
      ))}
    </div>
  );
});
