import { HOOK_NAMES, hookOf, type HookName } from '../../spec/hooks/hooks.ts';
import { redactSpec } from '../../spec/secrets/redact.ts';
import type { AppSpec } from '../../spec/types.ts';
import type { Change } from '../model/plan.ts';
import type { DesiredApp } from '../model/desired.ts';
import { awaitsPreStart } from '../slots/effective.ts';
import type { AppWork } from '../decide/work.ts';

/** The hooks that the work of an app leads to when all goes well, in the order in which they run. */
export function hooksOfWork(app: DesiredApp, { start, replace, stop }: AppWork): readonly HookName[] {
  const starts = start.length > 0 || replace.length > 0;
  const ends = stop.length > 0 || replace.length > 0;
  const runs: Readonly<Record<HookName, boolean>> = {
    pre_start: starts && awaitsPreStart(app),
    post_start: starts,
    pre_stop: ends,
    post_stop: ends,
    on_failure: false,
  };
  return HOOK_NAMES.filter((name) => runs[name] && hookOf(app.spec, name) !== undefined);
}

/** What a change says of hooks that it leads to. */
export function plannedHooks(hooks: readonly HookName[], spec: AppSpec): Pick<Change, 'hooks' | 'preStart'> {
  if (hooks.length === 0) return {};
  const shown = hooks.includes('pre_start') ? hookOf(redactSpec(spec), 'pre_start') : undefined;
  return { hooks, ...(shown !== undefined && { preStart: shown.command }) };
}

/** The hooks of processes that end because their app goes. */
export function hooksOfEnd(spec: AppSpec): readonly HookName[] {
  return HOOK_NAMES.filter(
    (name) => (name === 'pre_stop' || name === 'post_stop') && hookOf(spec, name) !== undefined,
  );
}
