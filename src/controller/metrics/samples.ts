import type { InstanceStatus } from '../../api/contract/wire/apps.ts';
import type { Family, MetricType, Sample } from '../../api/contract/wire/metrics.ts';

/** One family of metrics of instances: its samples of one; `cpuSeconds`: what its processes have used, null: not known yet. */
export type InstanceRow = readonly [
  name: string,
  type: MetricType,
  help: string,
  samples: (instance: InstanceStatus, labels: Labels, cpuSeconds: number | null) => readonly Sample[],
];

export type Labels = Readonly<Record<string, string>>;

/** A label has a bounded length: a version or a commit may be any text. */
const LONGEST_LABEL = 128;

/** `1` for the state that it is in, `0` for all others, so that a graph shows a state that ends. */
export function stateSamples(
  name: string,
  states: readonly string[],
  now: string | null,
  labels: Labels,
): readonly Sample[] {
  return states.map((state) => ({ labels: { ...labels, [name]: state }, value: state === now ? 1 : 0 }));
}

/** A moment as seconds since 1970; none where it is not known. */
export function timeSample(at: string | null | undefined, labels: Labels): readonly Sample[] {
  const ms = at === null || at === undefined ? NaN : Date.parse(at);
  return Number.isNaN(ms) ? [] : [{ labels, value: ms / 1000 }];
}

/** What is known, as labels of an `info`. */
export function infoSample(values: Readonly<Record<string, string | null | undefined>>): Sample {
  const known = Object.entries(values).flatMap(([name, text]) =>
    text === null || text === undefined ? [] : [[name, text.slice(0, LONGEST_LABEL)] as const],
  );
  return { labels: Object.fromEntries(known), value: 1 };
}

/** A family whose name says its unit; a value that is not known is none. */
export function family(name: string, type: MetricType, help: string, samples: readonly Sample[]): Family {
  const unit = /_(seconds|bytes)$/.exec(name)?.[1] as Family['unit'];
  return {
    name,
    type,
    help,
    ...(unit !== undefined && { unit }),
    samples: samples.filter(({ value }) => Number.isFinite(value)),
  };
}
