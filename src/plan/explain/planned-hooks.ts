import { HOOK_NAMES, hookOf, type HookName } from '../../spec/hooks/hooks.ts';
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
