import { appKey, splitAppKey, type AppKey } from '../../lib/app-key.ts';
import type { Failure } from '../../lib/failure.ts';
import { unmetDependencies } from '../decide/dependencies.ts';
import type { DesiredApp } from '../model/desired.ts';
import type { Observed } from '../model/observed.ts';
import type { Change } from '../model/plan.ts';
import { viewHost } from '../model/host-view.ts';
import { rememberSlots } from '../plan-app.ts';

/** A dependency that will not come by itself. */
export interface AbsentDependency {
  /** Who waits. */
  readonly app: AppKey;
  readonly dependency: AppKey;
  /** `idle`: not started, since it says `autostart: false`. */
  readonly why: 'undeclared' | 'idle' | 'stopped';
}

const STARTING: ReadonlySet<Change['kind']> = new Set(['create', 'start', 'roll', 'restart', 'scale']);

/** The apps of a plan that get processes. */
export function appsToStart(changes: readonly Change[]): readonly AppKey[] {
  return changes
    .filter(
      ({ kind, touches, instancesBefore, instancesAfter }) =>
        STARTING.has(kind) && touches > 0 && (kind !== 'scale' || instancesAfter > instancesBefore),
    )
    .map(({ app }) => app);
}

/** What these apps would wait for in vain, directly or through others; each dependency once, in the order found. */
export function absentDependencies(
  starting: readonly AppKey[],
  desired: readonly DesiredApp[],
  observed: Observed,
  now: number,
): readonly AbsentDependency[] {
  const slotsOf = rememberSlots(viewHost(desired, observed).host, now);
  const absent = new Map<AppKey, AbsentDependency>();
  const seen = new Set(starting);
  const queue = [...starting].sort();
  for (let app = queue.shift(); app !== undefined; app = queue.shift()) {
    const slots = slotsOf(app);
    if (slots === undefined) continue;
    const { project } = splitAppKey(app);
    for (const { name } of unmetDependencies(slots.app, 'start', slotsOf)) {
      const dependency = appKey(project, name);
      const mode = slotsOf(dependency)?.mode ?? 'undeclared';
      if (mode !== 'running' && !absent.has(dependency))
        absent.set(dependency, { app, dependency, why: mode });
      if (mode === 'undeclared' || seen.has(dependency)) continue;
      seen.add(dependency);
      queue.push(dependency);
    }
  }
  return [...absent.values()];
}

const WHY: Readonly<Record<AbsentDependency['why'], string>> = {
  undeclared: 'is not declared yet',
  idle: 'is not started (autostart: false)',
  stopped: 'is stopped',
};

/** Refuses what would wait forever; `verb` is what was asked for: `apply`, `start`. */
export function dependencyFailure(
  absent: readonly AbsentDependency[],
  verb: string,
  hint: string,
): Failure | null {
  const [first, ...others] = absent;
  if (first === undefined) return null;
  const text = ({ app, dependency, why }: AbsentDependency): string =>
    `${app} depends on ${splitAppKey(dependency).name}, which ${WHY[why]}`;
  return {
    code: 'DEPENDENCY_ABSENT',
    message: `cannot ${verb}: ${text(first)}, so it would wait forever`,
    ...(others.length > 0 && { details: others.map(text) }),
    hint,
  };
}
