import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { clock } from '../format/time.js';
import type { Series } from './series.js';

const HEIGHT = 180;
const AXIS_WIDTH = 72;
/** The size of a label such as `17:53:30`, with room around it. */
const TIME_WIDTH = 80;
const TIME_HEIGHT = 28;
const POWERS_OF_TWO = Array.from({ length: 50 }, (_, power) => 2 ** power);

export interface Drawing {
  readonly plot: uPlot;
  stop(): void;
}

/** A chart in the colours of the page, as wide as its frame. */
export function drawChart(
  frame: HTMLElement,
  series: readonly Series[],
  data: () => uPlot.AlignedData,
): Drawing {
  const colour = (name: string): string => getComputedStyle(frame).getPropertyValue(name).trim();
  const axis = (scale: string, { show, isBytes }: Series, side: 1 | 3): uPlot.Axis => ({
    ...(isBytes && { incrs: POWERS_OF_TWO }),
    ...{ scale, side, size: AXIS_WIDTH },
    stroke: () => colour('--quiet'),
    grid: { show: side === 3, stroke: () => colour('--line'), width: 1 },
    ticks: { show: false },
    values: (_plot, values) => values.map((value) => show(value)),
  });
  const scaleOf = ({ isSecondary }: Series): string => (isSecondary ? 'second' : 'first');
  const secondary = series.find(({ isSecondary }) => isSecondary);
  const plot = new uPlot(
    {
      ...{ width: frame.clientWidth || 300, height: HEIGHT },
      legend: { show: false },
      cursor: { drag: { x: false, y: false } },
      scales: { first: { range: fromZero }, second: { range: fromZero } },
      series: [
        {},
        ...series.map((each, index) => ({
          ...{ label: each.label, scale: scaleOf(each), width: 1.5, points: { show: isSparse } },
          stroke: () => colour(`--series-${index}`),
        })),
      ],
      axes: [
        {
          ...{ stroke: () => colour('--quiet'), grid: { show: false }, ticks: { show: false } },
          ...{
            space: TIME_WIDTH,
            size: TIME_HEIGHT,
            values: (_plot, times, _axis, _space, step) => times.map(timeOf(step)),
          },
        },
        axis('first', series[0]!, 3),
        ...(secondary ? [axis('second', secondary, 1)] : []),
      ],
    },
    data(),
    frame,
  );
  const observer = new ResizeObserver(() => plot.setSize({ width: frame.clientWidth, height: HEIGHT }));
  observer.observe(frame);
  const scheme = matchMedia('(prefers-color-scheme: dark)');
  const recolour = (): void => plot.redraw(false, true);
  scheme.addEventListener('change', recolour);
  return {
    plot,
    stop() {
      observer.disconnect();
      scheme.removeEventListener('change', recolour);
      plot.destroy();
    },
  };
}

/** A line needs two points; one alone is drawn as itself. */
function isSparse({ data }: uPlot): boolean {
  return data[0].length < 2;
}

/** In the time zone of whoever looks, with seconds where the steps are smaller than a minute. */
function timeOf(step: number): (seconds: number) => string {
  return (seconds) => clock(new Date(seconds * 1_000).toISOString()).slice(11, step < 60 ? 19 : 16);
}

/** A rate looks large only where it is. */
function fromZero(_plot: uPlot, _min: number, max: number): [number, number] {
  return [0, max > 0 ? max * 1.1 : 1];
}
