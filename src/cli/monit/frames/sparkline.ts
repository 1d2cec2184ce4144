const BARS = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'] as const;

/** From which value to which a sparkline reaches. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** CPU is measured from nothing; what is less than this is flat, or an idle app would look busy. */
const LEAST_CPU_PERCENT = 10;
/** What memory moves less than this part is flat. */
const LEAST_MEMORY_PART = 0.1;

export function cpuSpan(values: readonly (number | null)[]): Span {
  return { from: 0, to: Math.max(LEAST_CPU_PERCENT, ...known(values)) };
}

export function memorySpan(values: readonly (number | null)[]): Span {
  const all = known(values);
  if (all.length === 0) return { from: 0, to: 1 };
  const [least, most] = [Math.min(...all), Math.max(...all)];
  return { from: least, to: Math.max(most, least * (1 + LEAST_MEMORY_PART), 1) };
}

/** The newest `width` values, a bar each, the newest on the right; a blank where there is none. */
export function sparkline(values: readonly (number | null)[], width: number, { from, to }: Span): string {
  const bars = values.slice(-width).map((value) => {
    if (value === null) return ' ';
    const part = (value - from) / (to - from);
    return BARS[Math.max(0, Math.min(BARS.length - 1, Math.floor(part * BARS.length)))] ?? ' ';
  });
  return bars.join('').padStart(width);
}

function known(values: readonly (number | null)[]): readonly number[] {
  return values.filter((value) => value !== null);
}
