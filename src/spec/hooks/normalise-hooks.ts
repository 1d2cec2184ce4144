import { formatDuration } from '../../lib/units.ts';
import { readHooks } from '../generated/read-app.ts';
import type { App } from '../generated/ecosystem.ts';
import { hookNames } from './hooks.ts';
import type { AppSpec, HooksSpec } from '../types.ts';
import type { SpecNote } from '../normalise/normalise-context.ts';
import { isOneShot } from './one-shot.ts';

/** An empty map has no hooks. */
export function normaliseHooks(given: App['hooks'] = {}): HooksSpec | null {
  const hooks = readHooks(given);
  return hookNames(hooks).length === 0 ? null : hooks;
}

/** Less is over before a program has begun. */
const SHORTEST_TIMEOUT_MS = 100;

/** What the schema cannot say of hooks, and of when a job runs. */
export function hookNotes(spec: AppSpec): SpecNote[] {
  return [...timeoutNotes(spec), ...runNotes(spec)];
}

function timeoutNotes({ hooks }: Pick<AppSpec, 'hooks'>): SpecNote[] {
  return hookNames(hooks).flatMap((name) => {
    const timeout = hooks?.[name]?.timeout ?? SHORTEST_TIMEOUT_MS;
    if (timeout >= SHORTEST_TIMEOUT_MS) return [];
    const least = formatDuration(SHORTEST_TIMEOUT_MS);
    const message = `${formatDuration(timeout)} is too short: at least ${least}`;
    return [{ level: 'error', code: 'CONFIG_BAD_VALUE', path: ['hooks', name, 'timeout'], message }];
  });
}

/** Only what ends by itself, and stays so, has runs. */
function runNotes(spec: AppSpec): SpecNote[] {
  if (spec.run === 'once') return [];
  const wrong = (message: string, hint: string): SpecNote[] => [
    { level: 'error', code: 'CONFIG_BAD_VALUE', path: ['run'], message, hint },
  ];
  if (spec.schedule !== null) return wrong('a scheduled job runs at its times', 'keep one of the two');
  if (isOneShot(spec)) return [];
  return wrong(
    'run is for jobs that end, and this app is started again when it does',
    '`autorestart: false`, or `stop_exit_codes: [0]` to have it tried again when it fails',
  );
}
