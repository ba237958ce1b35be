import { useEffect, useRef } from 'preact/hooks';
import type uPlot from 'uplot';
import { drawChart } from './draw-chart.js';
import type { Series } from './series.js';

export interface ChartProps {
  readonly label: string;
  /** Seconds since 1970, ascending. */
  readonly times: readonly number[];
  readonly series: readonly Series[];
}

/** Lines over time. Those who hear the page are told the newest values. */
export function Chart({ label, times, series }: ChartProps) {
  const element = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const data = [times, ...series.map(({ values }) => values)] as uPlot.AlignedData;
  const newest = useRef(data);
  newest.current = data;
  useEffect(() => {
    const drawing = drawChart(element.current!, series, () => newest.current);
    plot.current = drawing.plot;
    return () => drawing.stop();
  }, []);
  useEffect(() => plot.current?.setData(data), [times.at(-1), times.length]);
  const values = series.map(({ label: name, values, show }) => `${name} ${show(values.at(-1))}`);
  return (
    <figure class="chart" aria-label={`${label}: ${values.join(', ')}`}>
      <div ref={element} />
      <figcaption>
        {series.map(({ label: name, values, show }, index) => (
          <span class={`key-${index}`}>
            {name} <strong>{show(values.at(-1))}</strong>
          </span>
        ))}
      </figcaption>
    </figure>
  );
}
