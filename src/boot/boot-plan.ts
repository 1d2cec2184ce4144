import type { InitSystem } from './init-system.ts';
import { launchAgents, LAUNCH_DAEMONS, launchdPlan } from './launchd.ts';
import { OPENRC_SCRIPTS, openrcPlan } from './openrc.ts';
import { systemdPlan, SYSTEM_UNITS, userUnits } from './systemd.ts';
import type { Failure } from '../lib/failure.ts';
import { err, ok, type Result } from '../lib/result.ts';
import type { BootPlan, BootService } from './service.ts';

/** Whose session a service that starts at login belongs to. */
export interface Login {
  readonly uid: number;
  readonly homeDir: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** How an init system is told of a service. OpenRC has none of a user's own. */
export function bootPlan(service: BootService, init: InitSystem, login: Login): Result<BootPlan, Failure> {
  const isHost = service.scope === 'host';
  switch (init) {
    case 'systemd':
      return ok(systemdPlan(service, isHost ? SYSTEM_UNITS : userUnits(login.env, login.homeDir)));
    case 'launchd':
      return ok(launchdPlan(service, isHost ? LAUNCH_DAEMONS : launchAgents(login.homeDir), login.uid));
    case 'openrc':
      if (isHost) return ok(openrcPlan(service, OPENRC_SCRIPTS));
      return err({
        code: 'USAGE',
        message: 'OpenRC starts services with the host only, not with the session of a user',
        hint: `as root: stateward startup --user ${service.user}`,
      });
  }
}
