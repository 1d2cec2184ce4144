import type { Check, Finding } from './check.ts';
import { BOOT_CHECKS } from './checks/boot.ts';
import { DAEMON_CHECKS } from './checks/daemon.ts';
import { HOME_CHECKS } from './checks/home.ts';
import { PORT_CHECKS } from './checks/ports.ts';
import { PROCESS_CHECKS } from './checks/processes.ts';
import { PROGRAM_CHECKS } from './checks/programs.ts';
import { SECRET_CHECKS } from './checks/secrets.ts';
import { SETTINGS_CHECKS } from './checks/settings.ts';
import { SYSTEM_CHECKS } from './checks/system.ts';
import type { DoctorFacts } from './facts.ts';

/** Everything that can be wrong on a host, in the order in which it is told. To add a check, add its line to its table. */
export const CHECKS: readonly Check[] = [
  ...DAEMON_CHECKS,
  ...HOME_CHECKS,
  ...SETTINGS_CHECKS,
  ...PROCESS_CHECKS,
  ...PORT_CHECKS,
  ...SYSTEM_CHECKS,
  ...PROGRAM_CHECKS,
  ...SECRET_CHECKS,
  ...BOOT_CHECKS,
];

export interface NamedFinding extends Finding {
  readonly name: string;
}

/** Runs every check. One that cannot be carried out is not wrong, and does not keep the others from being. */
export function examine(facts: DoctorFacts): readonly NamedFinding[] {
  return CHECKS.map(({ name, run }) => {
    try {
      return { name, ...run(facts) };
    } catch (error) {
      const message = `cannot be looked at: ${error instanceof Error ? error.message : String(error)}`;
      return { name, level: 'skip', message };
    }
  });
}
