import { detectInitSystem, type InitSystem } from '../../boot/init-system.ts';
import { isStartedAtBoot } from '../../boot/started-at-boot.ts';
import type { Api } from '../session/api.ts';
import { bootLogin } from '../session/boot-host.ts';
import type { CliContext } from '../session/context.ts';
import { BOOT_HINT_MEMORY, mayHintAtBoot } from './boot-hint-shown.ts';
import { shownBefore } from './shown-before.ts';
import { isSupervised } from '../session/upgrade-daemon.ts';

export const BOOT_HINT =
  'nothing starts these apps after a reboot yet: stateward startup (this is said once)';

/** Where the hint looks; tests bring their own host. */
export interface BootHintOptions {
  readonly home: string;
  readonly context: Pick<CliContext, 'streams' | 'env'>;
  readonly api: Pick<Api, 'status'>;
  readonly init?: InitSystem | null;
  readonly isStarted?: (home: string, init: InitSystem) => boolean;
}

/**
 * Says once for each home, to a person at a terminal, that a reboot would end its apps. Nothing is said where no init system
 * is known (a container), where a service starts this home, or where somebody else keeps the daemon up. If it cannot be
 * remembered that it was said, it is not said.
 */
export async function sayBootHint({ home, context, api, ...host }: BootHintOptions): Promise<void> {
  const { streams, env } = context;
  if (!mayHintAtBoot({ home, env, isTerminal: streams.stderr.isTTY === true })) return;
  const init = host.init === undefined ? detectInitSystem() : host.init;
  if (init === null) return;
  const isStarted = host.isStarted ?? ((of, by) => isStartedAtBoot(of, by, bootLogin({ env })));
  if (isStarted(home, init)) return;
  const status = await api.status();
  if (!status.ok || status.value.controller === null || isSupervised(status.value.controller)) return;
  if (shownBefore(BOOT_HINT_MEMORY, home, env) === 'no') streams.stderr.write(`${BOOT_HINT}\n`);
}
