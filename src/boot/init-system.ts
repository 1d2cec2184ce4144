import { existsSync } from 'node:fs';

export const INIT_SYSTEMS = ['systemd', 'openrc', 'launchd'] as const;
export type InitSystem = (typeof INIT_SYSTEMS)[number];

/** What starts the services of this host; null: none that we know. See sd_booted(3) and openrc-run(8). */
export function detectInitSystem(
  platform: NodeJS.Platform = process.platform,
  exists: (path: string) => boolean = existsSync,
): InitSystem | null {
  if (platform === 'darwin') return 'launchd';
  if (exists('/run/systemd/system')) return 'systemd';
  return exists('/run/openrc/softlevel') ? 'openrc' : null;
}
