import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Login } from './boot-plan.ts';
import type { InitSystem } from './init-system.ts';
import { launchAgents, LAUNCH_DAEMONS } from './launchd.ts';
import { OPENRC_SCRIPTS } from './openrc.ts';
import { SYSTEM_UNITS, userUnits } from './systemd.ts';

/** The folders of an init system in which a service of this user can stand. */
function serviceFolders(init: InitSystem, { env, homeDir }: Login): readonly string[] {
  switch (init) {
    case 'systemd':
      return [SYSTEM_UNITS, userUnits(env, homeDir)];
    case 'launchd':
      return [LAUNCH_DAEMONS, launchAgents(homeDir)];
    case 'openrc':
      return [OPENRC_SCRIPTS];
  }
}

/**
 * Whether a service may start the daemon of a home with the host: one that names stateward and either this home or none at
 * all, whoever wrote it.
 */
export function isStartedAtBoot(
  home: string,
  init: InitSystem,
  login: Login,
  read: (folder: string) => Iterable<string> = textsIn,
): boolean {
  for (const folder of serviceFolders(init, login)) {
    for (const text of read(folder)) {
      if (!text.includes('stateward')) continue;
      if (text.includes(home) || !text.includes('STATEWARD_HOME')) return true;
    }
  }
  return false;
}

function* textsIn(folder: string): Generator<string> {
  for (const name of namesIn(folder)) {
    try {
      yield readFileSync(join(folder, name), 'utf8');
    } catch {
      // A folder, a link to nowhere, or not ours to read.
    }
  }
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
