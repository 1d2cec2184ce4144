import type { AppKey } from '../../src/lib/app-key.ts';
import type { AppSpec, ProjectSpec } from '../../src/spec/types.ts';
import { makeSpec } from '../plan/fixtures.ts';
import type { Fact } from '../../src/state/model/types.ts';

/** A whole spec, for tests that care about few fields. */
export function appSpec(fields: Partial<AppSpec> & { readonly name: string }): AppSpec {
  return makeSpec({ script: '/srv/app.js', ...fields });
}

export function projectSpec(project: string, apps: readonly AppSpec[]): ProjectSpec {
  return { project, source: { files: [`/srv/${project}/ecosystem.yaml`], env: null }, apps };
}

type AcceptedFact = Extract<Fact, { kind: 'project-accepted' }>;

/** The fact that a file with these apps was applied. */
export function accepted(
  project: string,
  apps: readonly AppSpec[],
  fields: Partial<AcceptedFact> = {},
): AcceptedFact {
  return {
    kind: 'project-accepted',
    spec: projectSpec(project, apps),
    templateHashes: Object.fromEntries(apps.map((app) => [app.name, `hash-of-${app.script}`])),
    prune: true,
    at: 1_000,
    ...fields,
  };
}

/** A restart of every instance of an app, or of one slot, as an operator asks for it. */
export function restartOf(
  key: AppKey,
  slot: number | null = null,
): Extract<Fact, { kind: 'restart-requested' }> {
  return {
    kind: 'restart-requested',
    key,
    slot,
    reason: 'RestartRequested',
    detail: 'asked for by ann',
    at: 5,
  };
}
