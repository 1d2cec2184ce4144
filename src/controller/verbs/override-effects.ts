import type { VerbRequest } from '../../api/contract/wire/verbs.ts';
import type { AppKey } from '../../lib/app-key.ts';
import type { Failure } from '../../lib/failure.ts';
import { err, ok, type Result } from '../../lib/result.ts';
import { effectiveInstances } from '../../plan/slots/effective.ts';
import { isScheduled } from '../../plan/slots/schedule.ts';
import type { DesiredApp, Override } from '../../plan/model/desired.ts';
import { untilText } from '../../plan/model/override-end.ts';
import { SPEC_MAXIMA } from '../../spec/generated/spec-defaults.ts';
import type { Fact } from '../../state/model/types.ts';
import type { VerbEffect } from './verb-effect.ts';

/** Who asked, and when. */
export type By = Pick<Override, 'by' | 'at'>;

/** When something ends that is asked for a while, epoch milliseconds; undefined: never. */
export function endOf(forMs: number | undefined, now: number): number | undefined {
  return forMs === undefined ? undefined : now + forMs;
}

/** `stop`. `end`: when the app is to run again by itself. */
export function stopEffect(app: DesiredApp, by: By, end: number | undefined): VerbEffect {
  const reason = 'StoppedByOperator';
  const isStopped = app.override?.run === 'stopped';
  if (isStopped && app.override.runUntil === end) return { facts: [], reason, message: 'is stopped already' };
  const override: Override = {
    ...keptInstances(app),
    ...{ run: 'stopped', ...(end !== undefined && { runUntil: end }) },
    ...by,
  };
  const message = isStopped
    ? `is stopped already, now${untilText(end) || ' for good'}`
    : `stopped${untilText(end)}`;
  return { facts: [overrideSet(app.key, override)], reason, message };
}

/** `scale`. */
export function scaleEffect(
  app: DesiredApp,
  request: Extract<VerbRequest, { verb: 'scale' }>,
  by: By,
): Result<VerbEffect, Failure> {
  if (isScheduled(app.spec)) {
    return err({
      code: 'USAGE',
      message: `cannot scale ${app.key}: it is a scheduled job`,
      hint: 'concurrency: allow lets runs go on side by side',
    });
  }
  const before = effectiveInstances(app.spec, app.override);
  const after = request.instances ?? before + (request.delta ?? 0);
  if (after < 1) {
    return err({
      code: 'USAGE',
      message: `cannot scale ${app.key} to ${after}: at least 1 instance is needed`,
      hint: `stateward stop ${app.key} stops all of them`,
    });
  }
  if (after > SPEC_MAXIMA.instances) {
    return err({
      code: 'USAGE',
      message: `cannot scale ${app.key} to ${after}: more than ${SPEC_MAXIMA.instances} instances of one app are not allowed`,
    });
  }
  const reason = 'ScaledByOperator';
  const end = endOf(request.forMs, by.at);
  if (after === before && app.override?.instancesUntil === end)
    return ok({ facts: [], reason, message: `has ${before} instances already` });
  const override = withInstances(app, { instances: after, end }, by);
  const done =
    after === before ? `has ${before} instances already, now` : `scaled from ${before} to ${after}`;
  const message = `${done}${untilText(end) || (after === before ? ' for good' : '')}`;
  return ok({ facts: [overrideSet(app.key, override)], reason, message });
}

/** The override that makes the app run: none where the file says so itself. */
export function started(app: DesiredApp, by: By): Override | null {
  const kept = keptInstances(app);
  if (!app.spec.autostart) return { ...kept, run: 'running', ...by };
  return kept.instances === undefined ? null : { ...kept, ...by };
}
function withInstances(
  app: DesiredApp,
  { instances, end }: { readonly instances: number; readonly end: number | undefined },
  by: By,
): Override | null {
  const run = keptRun(app);
  if (instances === app.spec.instances) return run.run === undefined ? null : { ...run, ...by };
  return { ...run, instances, ...(end !== undefined && { instancesUntil: end }), ...by };
}

function keptRun({ override }: DesiredApp): Pick<Override, 'run' | 'runUntil'> {
  const { run, runUntil } = override ?? {};
  return run === undefined ? {} : { run, ...(runUntil !== undefined && { runUntil }) };
}

function keptInstances({ override }: DesiredApp): Pick<Override, 'instances' | 'instancesUntil'> {
  const { instances, instancesUntil } = override ?? {};
  if (instances === undefined) return {};
  return { instances, ...(instancesUntil !== undefined && { instancesUntil }) };
}

export function overrideSet(key: AppKey, override: Override | null): Fact {
  return { kind: 'override-set', key, override };
}
