import type { Rlimit, Tuning } from '../protocol/orders.ts';

/** One thing that can be granted or refused by itself. */
export interface Setting {
  /** As in the file: `rlimits.nofile`. */
  readonly key: string;
  /** As in the file: `65536`. */
  readonly value: string;
  /** It alone. */
  readonly tuning: Tuning;
}

/** What a tuning consists of, always in the same order. */
export function settingsOf({ nice, ionice, oomScoreAdj, rlimits = {}, cpus }: Tuning): readonly Setting[] {
  const limits = Object.entries(rlimits).sort(([a], [b]) => (a < b ? -1 : 1));
  return [
    ...(nice === undefined ? [] : [{ key: 'nice', value: String(nice), tuning: { nice } }]),
    ...(ionice === undefined ? [] : [{ key: 'ionice', value: ioniceText(ionice), tuning: { ionice } }]),
    ...(oomScoreAdj === undefined
      ? []
      : [{ key: 'oom_score_adj', value: String(oomScoreAdj), tuning: { oomScoreAdj } }]),
    ...(cpus === undefined ? [] : [{ key: 'cpu_affinity', value: cpus, tuning: { cpus } }]),
    ...limits.map(([name, limit]) => ({
      key: `rlimits.${name}`,
      value: rlimitText(limit),
      tuning: { rlimits: { [name]: limit } },
    })),
  ];
}

/** The settings as one again. */
export function tuningOf(settings: readonly Setting[]): Tuning {
  return settings.reduce<Tuning>(
    (all, { tuning }) => ({
      ...all,
      ...tuning,
      ...(tuning.rlimits !== undefined && { rlimits: { ...all.rlimits, ...tuning.rlimits } }),
    }),
    {},
  );
}

/** `1024:4096`; one number for both. */
export function rlimitText({ soft, hard }: Rlimit): string {
  const [one, other] = [soft, hard].map((limit) => (limit === null ? 'unlimited' : String(limit)));
  return one === other ? String(one) : `${one}:${other}`;
}

function ioniceText({ class: name, priority }: NonNullable<Tuning['ionice']>): string {
  return priority === null ? name : `${name}:${priority}`;
}
