import { useEffect, useRef } from 'preact/hooks';
import type uPlot from 'uplot';
import { shade } from '../shell/theme.ts';

interface ChartProps {
  readonly title: string;
  /** Epoch milliseconds. */
  readonly at: readonly number[];
  readonly values: readonly (number | null)[];
  readonly format: (value: number) => string;
  /** Which colour of the charts. */
  readonly tone: 1 | 2;
}

const HEIGHT = 200;

/** One figure over time. uPlot is loaded when the first one is shown. */
export function Chart({ title, at, values, format, tone }: ChartProps) {
  const box = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const data = (): uPlot.AlignedData => [at.map((ms) => ms / 1_000), [...values]];
  useEffect(() => {
    let isGone = false;
    const resize = new ResizeObserver(([entry]) => {
      if (entry !== undefined) plot.current?.setSize({ width: entry.contentRect.width, height: HEIGHT });
    });
    void import('uplot').then(({ default: Plot }) => {
      const { current } = box;
      if (isGone || current === null) return;
      plot.current = new Plot(optionsOf(current, format, tone), data(), current);
      resize.observe(current);
    });
    return () => {
      isGone = true;
      resize.disconnect();
      plot.current?.destroy();
      plot.current = null;
    };
  }, [shade.value]);
  useEffect(() => plot.current?.setData(data()), [at]);
  const last = values.findLast((value) => value !== null) ?? null;
  return (
    <figure class="card chart">
      <figcaption>
        <h2>{title}</h2>
        <strong class="figures">{last === null ? '–' : format(last)}</strong>
      </figcaption>
      <div ref={box} class="plot" style={{ height: `${HEIGHT}px` }} aria-hidden="true" />
    </figure>
  );
}

function optionsOf(box: HTMLElement, format: (value: number) => string, tone: 1 | 2): uPlot.Options {
  const styles = getComputedStyle(box);
  const colour = (name: string): string => styles.getPropertyValue(name).trim();
  const axis: uPlot.Axis = {
    stroke: colour('--muted'),
    font: `12px ${styles.fontFamily}`,
    grid: { stroke: colour('--line'), width: 1 },
    ticks: { show: false },
  };
  return {
    width: box.clientWidth,
    height: HEIGHT,
    legend: { show: false },
    cursor: { y: false },
    scales: { y: { range: (_, __, max) => [0, Math.max(max, 0) * 1.15 || 1] } },
    axes: [
      { ...axis, size: 30, space: 80, values: (_, ticks) => ticks.map(timeOfDay) },
      { ...axis, size: 64, values: (_, ticks) => ticks.map(format) },
    ],
    series: [
      {},
      {
        stroke: colour(`--chart-${tone}`),
        fill: colour(`--chart-${tone}-fill`),
        width: 1.5,
        points: { show: false },
      },
    ],
  };
}

function timeOfDay(seconds: number): string {
  return new Date(seconds * 1_000).toTimeString().slice(0, 8);
}
