import type { SpawnSpec } from '../../../runner/protocol/orders.ts';
import type { AppSpec } from '../../../spec/types.ts';
import type { DriverError } from '../../driver.ts';

/**
 * What a runner from before sockets does not have, by the field that asks for it. It would pass over the field, and the process
 * would run without, which nobody would see. What came later has a request or a report of its own that says so.
 */
const LACKING = {
  sockets: 'passes no sockets',
  tty: 'gives no terminals',
  notify: 'does not hear what an app says by sd_notify',
  hook: 'runs no hooks',
  reload: 'has no app read its settings again',
  shutdown: 'ends no app by its `shutdown` command',
} as const;

type Feature = keyof typeof LACKING;

/**
 * Why a runner that does not know of sockets cannot start a process; null: it can. One that it could not end as its app says
 * is not started either.
 */
export function needsNewerRunner(
  { sockets, tty, notify, labels }: Pick<SpawnSpec, 'sockets' | 'tty' | 'notify' | 'labels'>,
  app?: Pick<AppSpec, 'shutdown'>,
): DriverError | null {
  const asked: Readonly<Record<Exclude<Feature, 'reload'>, unknown>> = {
    ...{ sockets, tty, notify },
    hook: labels.hook,
    shutdown: app?.shutdown ?? undefined,
  };
  const [lacking] = Object.entries(asked).flatMap(([feature, value]) =>
    value === undefined ? [] : [feature as Feature],
  );
  return lacking === undefined ? null : tooOld(lacking);
}

/** The answer for what a runner is too old to do, with the way out. */
export function tooOld(feature: Feature): DriverError {
  return {
    code: 'unsupported',
    message: `the runner is of an earlier version and ${LACKING[feature]}: "stateward daemon upgrade" replaces it, and apps keep running`,
  };
}
