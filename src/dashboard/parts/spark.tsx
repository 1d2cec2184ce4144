import { sparkPoints } from '../model/usage-series.ts';

const BOX = { width: 72, height: 20, count: 60 };

/** What an app has used in the last two minutes, as a line. Its figure stands beside it. */
export function Spark({
  values,
  label,
}: {
  readonly values: readonly (number | null)[];
  readonly label: string;
}) {
  return (
    <svg class="spark" viewBox={`0 0 ${BOX.width} ${BOX.height}`} role="img" aria-label={label}>
      <polyline points={sparkPoints(values, BOX)} />
    </svg>
  );
}
