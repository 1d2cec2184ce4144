import { ownValue } from '../../lib/collections.ts';
import { sameValue } from '../../lib/values/same-value.ts';
import type { Override } from '../../plan/model/desired.ts';
import { overrideEnd, untilText } from '../../plan/model/override-end.ts';
import type { AppSpec, ProjectSource, ProjectSpec } from '../../spec/types.ts';

/** Something that a person has made otherwise than the applied version of a source declares it. */
export interface Drift {
  readonly project: string;
  /** null: the project as a whole. */
  readonly app: string | null;
  readonly kind: 'overridden' | 'changed' | 'deleted' | 'added' | 'taken-over';
  /** What was done: `scaled from 2 to 4`, `deleted (delete api)`. */
  readonly what: string;
  readonly by: string;
  /** Epoch milliseconds. */
  readonly at: number;
  /** When it ends by itself, as whoever did it has said; null: it does not. */
  readonly until: number | null;
  /** Another source declares the project now: the two are not to fight. */
  readonly otherSource?: string;
}

/** A project as it is now. */
export interface LiveProject {
  readonly source: ProjectSource;
  readonly apps: Readonly<Record<string, { readonly spec: AppSpec; readonly override: Override | null }>>;
  /** Who made its newest revision, with which command. */
  readonly made: { readonly by: string; readonly at: number; readonly command: string };
  /** Its newest revision is taken back by itself then; null: it stays. */
  readonly trialUntil: number | null;
}

/**
 * How a project differs from what a version of the source has declared. Declared is compared with declared: what follows
 * from either (ports that were chosen, restarts) is never a drift. Pure.
 */
export function driftOf(
  { name: source, prune }: { readonly name: string; readonly prune: boolean },
  declared: ProjectSpec,
  live: LiveProject,
): readonly Drift[] {
  const { project } = declared;
  const { made, trialUntil } = live;
  const changed = { project, by: made.by, at: made.at, until: trialUntil };
  const by = made.command === '' ? '' : ` (${made.command})`;
  const origin = live.source.origin?.source;
  const drifts: Drift[] = [];
  if (origin !== source) {
    const what = `declared by ${origin === undefined ? filesOf(live.source) : `the source ${origin}`}${by}`;
    const other = origin === undefined ? {} : { otherSource: origin };
    drifts.push({ ...changed, app: null, kind: 'taken-over', what, ...other });
  }
  for (const spec of declared.apps) {
    const app = ownValue(live.apps, spec.name);
    if (app === undefined) {
      drifts.push({ ...changed, app: spec.name, kind: 'deleted', what: `deleted${by}` });
      continue;
    }
    if (!sameValue(app.spec, spec))
      drifts.push({ ...changed, app: spec.name, kind: 'changed', what: `declared otherwise${by}` });
    drifts.push(...overridden(project, spec, app.override));
  }
  const known = new Set(declared.apps.map(({ name }) => name));
  // Without prune, a source leaves alone what it does not name.
  for (const name of prune ? Object.keys(live.apps) : []) {
    if (!known.has(name)) drifts.push({ ...changed, app: name, kind: 'added', what: `added${by}` });
  }
  return drifts;
}

/** A start of what does not start by itself is no drift: it is declared to be started by hand. */
function overridden(project: string, spec: AppSpec, override: Override | null): readonly Drift[] {
  if (override === null) return [];
  const { run, instances, by, at } = override;
  const what = [
    ...(run === 'stopped' ? ['stopped'] : []),
    ...(instances === undefined || instances === spec.instances
      ? []
      : [`scaled from ${spec.instances} to ${instances}`]),
  ].join(' and ');
  if (what === '') return [];
  return [{ project, app: spec.name, kind: 'overridden', what, by, at, until: overrideEnd(override) }];
}

function filesOf({ files }: ProjectSource): string {
  return files.length === 0 ? 'the command line' : files.join(', ');
}

/** Whether a source that heals itself takes it back: what ends by itself, and what another source declares, is left. */
export function isHealed({ until, otherSource }: Drift): boolean {
  return until === null && otherSource === undefined;
}

/** `shop/api: scaled from 2 to 4 by max until 2026-12-01T08:00:00.000Z`. */
export function driftText({ project, app, what, by, until }: Drift): string {
  return `${app === null ? project : `${project}/${app}`}: ${what} by ${by}${untilText(until)}`;
}
