import { hookOf } from '../../spec/hooks/hooks.ts';
import type { AppSpec } from '../../spec/types.ts';
import { hasFailed } from '../model/rollout.ts';
import { isScheduled, servesRun } from './schedule.ts';
import type { DesiredApp, Override } from '../model/desired.ts';
import type { ObservedInstance } from '../model/observed.ts';

/**
 * What an app should do, overrides included:
 * - `running`: `instances` processes should run.
 * - `stopped`: an operator stopped it; none should run.
 * - `idle`: `autostart: false` and nobody has started it. Nothing starts it, but what already runs is kept, restarted
 *   and replaced as in any other app: autostart says how an app begins, not how it goes on.
 */
export type RunMode = 'running' | 'stopped' | 'idle';

export function runMode(spec: Pick<AppSpec, 'autostart'>, override: Override | null): RunMode {
  if (override?.run === 'stopped') return 'stopped';
  return spec.autostart || override?.run === 'running' ? 'running' : 'idle';
}

/** The declared number of instances, or what an operator put in its place. Says nothing of whether they run. */
export function effectiveInstances(spec: Pick<AppSpec, 'instances'>, override: Override | null): number {
  return Math.max(0, override?.instances ?? spec.instances);
}

/** The spec with the override's number of instances: what two sides of a diff are compared by. */
export function effectiveSpec(spec: AppSpec, override: Override | null): AppSpec {
  const instances = effectiveInstances(spec, override);
  return instances === spec.instances ? spec : { ...spec, instances };
}

/** Whether the pre_start hook of the app's release has not ended well yet: none of its processes may be started. */
export function awaitsPreStart({ spec, preStart }: Pick<DesiredApp, 'spec' | 'preStart'>): boolean {
  return preStart !== undefined && preStart.state !== 'passed' && hookOf(spec, 'pre_start') !== undefined;
}

/**
 * The app in the version that an empty slot gets. While a failed rollout waits, that is the version before it: a version
 * that has failed fills no slot, neither of a process that died nor of one that is added. The same goes for a version whose
 * pre_start hook has not ended well, where another one is known that runs.
 */
export function startable(app: DesiredApp): DesiredApp {
  const { rollout } = app;
  if (rollout === undefined || rollout.previous === null) return app;
  const isHeld = awaitsPreStart(app) && rollout.previous.templateHash !== app.templateHash;
  if (!hasFailed(rollout) && !isHeld) return app;
  const { spec, templateHash, restartGeneration, slotRestarts, revision } = rollout.previous;
  return { ...app, spec, templateHash, restartGeneration, slotRestarts, revision };
}

/** The restart counter that a process in this slot has when it is up to date. */
export function restartGenerationOf(
  { restartGeneration, slotRestarts }: Pick<DesiredApp, 'restartGeneration' | 'slotRestarts'>,
  slot: number,
): number {
  return restartGeneration + (slotRestarts[String(slot)] ?? 0);
}

/**
 * The spec that a process is measured by. A process of the version before is not measured by the new declaration: it may
 * lack the endpoint of a new probe and still serve.
 */
export function specFor(
  { templateHash }: Pick<ObservedInstance, 'templateHash'>,
  app: Pick<DesiredApp, 'spec' | 'templateHash' | 'rollout'>,
): AppSpec {
  const previous = app.rollout?.previous ?? null;
  if (previous === null || templateHash === app.templateHash) return app.spec;
  return templateHash === previous.templateHash ? previous.spec : app.spec;
}

/** The app as this process runs it: with the spec of its version. */
export function asRunBy(instance: { readonly templateHash?: string }, app: DesiredApp): DesiredApp {
  const { templateHash = app.templateHash } = instance;
  const spec = specFor({ templateHash }, app);
  return spec === app.spec ? app : { ...app, spec };
}

/** Whether the process runs what is declared now, so that it need not be replaced. */
export function isUpToDate(
  instance: Pick<ObservedInstance, 'slot' | 'templateHash' | 'restartGeneration' | 'generation'>,
  app: Pick<DesiredApp, 'spec' | 'templateHash' | 'restartGeneration' | 'slotRestarts' | 'runs'>,
): boolean {
  // A running job is left to its end: what changed since applies from its next run on.
  const isDeclared = isScheduled(app.spec)
    ? servesRun(instance, app)
    : instance.templateHash === app.templateHash;
  return isDeclared && instance.restartGeneration === restartGenerationOf(app, instance.slot);
}
