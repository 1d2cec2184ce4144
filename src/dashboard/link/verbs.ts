import type { ActionResponse } from '../../api/contract/wire/custom/custom.ts';
import type { VerbResponse } from '../../api/contract/wire/verbs.ts';
import { send, type Answered } from './api.ts';

/** What an operator can have done to an app, without anything more to say. */
export type PlainVerb = 'start' | 'stop' | 'restart' | 'reload' | 'rollout-pause' | 'rollout-resume';

export const VERBS: readonly { readonly verb: PlainVerb; readonly name: string; readonly done: string }[] = [
  { verb: 'restart', name: 'Restart', done: 'Restart was asked for.' },
  { verb: 'reload', name: 'Reload', done: 'Reload was asked for.' },
  { verb: 'stop', name: 'Stop', done: 'Stop was asked for.' },
  { verb: 'start', name: 'Start', done: 'Start was asked for.' },
];

/** Who asks is put there by the daemon, which knows the session. */
export function operate(verb: PlainVerb, app: string): Promise<Answered<VerbResponse>> {
  return send('/v1/verbs', {
    verb,
    selectors: [app],
    by: '',
    command: `dash: ${verb.replace('-', ' ')} ${app}`,
  });
}

/** How many instances there are to be, until the next apply; `forMs`: only for so long. */
export function scale(app: string, instances: number, forMs: number | null): Promise<Answered<VerbResponse>> {
  return send('/v1/verbs', {
    ...{ verb: 'scale', selectors: [app], instances, by: '', command: `dash: scale ${app} ${instances}` },
    ...(forMs !== null && { forMs }),
  });
}

/** Answered when every process has replied, or its time is over. */
export function runAction(
  app: string,
  action: string,
  parameter: unknown,
): Promise<Answered<ActionResponse>> {
  return send('/v1/actions', { selectors: [app], action, parameter, by: '' });
}
