import type { Tuning } from '../protocol/orders.ts';
import type { InstanceTuning } from '../protocol/reports.ts';
import { settingsOf, type Setting } from './settings.ts';

/** A setting that is not in force, or not as it was asked for, and why. */
export interface Unmet {
  readonly key: string;
  /** For people, with the way out. */
  readonly message: string;
}

/** What an instance was to have, and what became of it. */
export interface TuningOutcome {
  readonly asked: Tuning;
  /** Null: it is being brought about. */
  readonly unmet: readonly Unmet[] | null;
}

/** As it goes over the wire; null: nothing was asked for, and nothing is left of what was asked for before. */
export function reportOf({ asked, unmet }: TuningOutcome): InstanceTuning | null {
  if (unmet === null) return { state: 'changing', message: namesOf(settingsOf(asked)) };
  if (unmet.length > 0) return { state: 'partly', message: unmet.map(({ message }) => message).join('; ') };
  const settings = settingsOf(asked);
  return settings.length === 0 ? null : { state: 'set', message: namesOf(settings) };
}

function namesOf(settings: readonly Setting[]): string {
  return settings.map(({ key, value }) => `${key} ${value}`).join(', ');
}

/** The way out for a setting that the kernel refuses. Root has these rights, except in most containers. */
export function wayOut({ key }: Pick<Setting, 'key'>): string {
  if (key.startsWith('rlimits.')) {
    const unit = `Limit${key.slice('rlimits.'.length).toUpperCase()}=`;
    return `raise the hard limit of the daemon (${unit} of its unit, or ulimit -H), or give it CAP_SYS_RESOURCE`;
  }
  return WAYS[key] ?? 'give the daemon CAP_SYS_RESOURCE';
}

const WAYS: Readonly<Record<string, string>> = {
  nice: 'give the daemon CAP_SYS_NICE, or LimitNICE= or Nice= in its unit',
  ionice: 'give the daemon CAP_SYS_NICE, or choose best-effort or idle',
  oom_score_adj: 'give the daemon CAP_SYS_RESOURCE, or OOMScoreAdjust= in its unit',
  cpu_affinity: 'name processors that the host has and the daemon may use',
};
