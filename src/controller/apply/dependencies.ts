import type { ApplyRequest } from '../../api/contract/wire/apply.ts';
import { splitAppKey, type AppKey } from '../../lib/app-key.ts';
import type { Failure } from '../../lib/failure.ts';
import { dependencyFailure, type AbsentDependency } from '../../plan/guards/absent-dependencies.ts';
import type { DesiredApp } from '../../plan/model/desired.ts';
import type { ProjectSpec } from '../../spec/types.ts';
import type { Fact } from '../../state/model/types.ts';
import { startFacts } from '../verbs/verb-effects.ts';

/** The request with `only` widened to what its apps depend on, as far as that is declared. */
export function withDependencies(request: ApplyRequest): ApplyRequest {
  const { only, projects } = request;
  if (request.withDependencies !== true || only === null) return request;
  const names = new Set(only);
  for (const project of projects) addDependencies(project, names);
  return { ...request, only: [...names] };
}

function addDependencies({ apps }: ProjectSpec, names: Set<string>): void {
  const specs = new Map(apps.map((spec) => [spec.name, spec]));
  // A walk through a set reaches what is added to it on the way.
  for (const name of names) {
    for (const dependency of Object.keys(specs.get(name)?.depends_on ?? {})) {
      if (specs.has(dependency)) names.add(dependency);
    }
  }
}

/** Facts that start absent dependencies. */
export function bringAlong(
  absent: readonly AbsentDependency[],
  desired: readonly DesiredApp[],
  by: { readonly by: string; readonly at: number },
): readonly Fact[] {
  const apps = new Map(desired.map((app) => [app.key, app]));
  return absent.flatMap(({ dependency }) => {
    const app = apps.get(dependency);
    return app === undefined ? [] : startFacts(app, by);
  });
}

/**
 * Refuses an apply whose apps would wait for ever. `isKnown`: the app was declared before, so it can be started.
 */
export function dependencyGuard(
  absent: readonly AbsentDependency[],
  { only }: ApplyRequest,
  isKnown: (key: AppKey) => boolean,
): Failure | null {
  const undeclared = absent.filter(({ why }) => why === 'undeclared');
  const idle = absent.filter(({ why }) => why !== 'undeclared').map(({ dependency }) => dependency);
  const names = undeclared.map(({ dependency }) => splitAppKey(dependency).name);
  const otherwise =
    names.length > 0
      ? `name it too: --only ${[...(only ?? []), ...names].join(',')}`
      : idle.every(isKnown)
        ? `start it first: stateward start ${idle.join(' ')}`
        : 'leave its `autostart: false` out';
  return dependencyFailure(absent, 'apply', `bring it along with --with-dependencies, or ${otherwise}`);
}
