import { join } from 'node:path';
import { CHECKSUM_PLACE, sealed } from './edited.ts';
import { START_SECONDS, STOP_SECONDS, type BootPlan, type BootService, type Command } from './service.ts';

export const SYSTEM_UNITS = '/etc/systemd/system';

/** Where the units of a user are, see systemd.unit(5). */
export function userUnits(env: Readonly<Record<string, string | undefined>>, homeDir: string): string {
  const config = env['XDG_CONFIG_HOME'];
  return join(config === undefined || config === '' ? join(homeDir, '.config') : config, 'systemd/user');
}

/** A unit of systemd, in `folder`. */
export function systemdPlan(service: BootService, folder: string): BootPlan {
  const unit = `${service.name}.service`;
  const systemctl = (...args: readonly string[]): Command => [
    'systemctl',
    ...(service.scope === 'login' ? ['--user'] : []),
    ...args,
  ];
  return {
    file: { path: join(folder, unit), text: systemdUnit(service), mode: 0o644 },
    enable: [systemctl('daemon-reload'), systemctl('enable', unit)],
    disable: [systemctl('disable', unit)],
    afterwards: [systemctl('daemon-reload')],
    hints: hintsOf(service, unit),
  };
}

function hintsOf({ scope, user }: BootService, unit: string): readonly string[] {
  const now = `systemctl ${scope === 'login' ? '--user ' : ''}start ${unit}`;
  const takeOver = `to put the daemon below systemd now: ${now} (apps keep running)`;
  if (scope === 'host') return [takeOver];
  return [
    takeOver,
    `to have it started with the host, before ${user} logs in: loginctl enable-linger ${user}`,
  ];
}

/**
 * What each line is for:
 * - `Type=notify`: what is ordered after the unit starts when the apps are up. `systemd-notify` says it for the daemon,
 *   hence `NotifyAccess=all`.
 * - `KillMode=process`: the end of the daemon, whatever its reason, is not the end of the apps; asked to stop, it stops
 *   them itself, in order and drained.
 * - `Delegate=yes`: the daemon makes cgroups of its own, for `limits`.
 * - `OOMPolicy=continue`: one app that is killed for its memory does not take the others along.
 * - `OOMScoreAdjust`: the daemon goes last. Only root may ask for that.
 * - `LockPersonality` is root's alone: for anybody else systemd has it imply `NoNewPrivileges`, and no app could use sudo.
 * - `LimitNOFILE`, `TasksMax`, and everything else that the unit sets is inherited by every app. So nothing is set that
 *   could keep an app from its work: only what no service needs.
 */
function systemdUnit(service: BootService): string {
  const { scope, user, home, command, env } = service;
  const isHost = scope === 'host';
  const lines = [
    `# Written by stateward startup. An edited file is never overwritten. ${CHECKSUM_PLACE}`,
    '[Unit]',
    `Description=stateward, the processes of ${escaped(home)}`,
    'Documentation=https://www.npmjs.com/package/stateward',
    ...(isHost ? ['Wants=network-online.target', 'After=network-online.target nss-user-lookup.target'] : []),
    ...[`RequiresMountsFor=${unitWord(home)}`, 'StartLimitIntervalSec=0', ''],
    ...['[Service]', 'Type=notify', 'NotifyAccess=all'],
    ...(isHost ? [`User=${user}`] : []),
    ...Object.entries(env).map(([name, value]) => `Environment=${unitWord(`${name}=${value}`)}`),
    `ExecStart=${command.map(commandWord).join(' ')}`,
    ...['KillMode=process', `TimeoutStartSec=${START_SECONDS}`, `TimeoutStopSec=${STOP_SECONDS}`],
    ...['Restart=on-failure', 'RestartSec=1', 'Delegate=yes', 'OOMPolicy=continue'],
    ...(isHost && user === 'root' ? ['OOMScoreAdjust=-900'] : []),
    ...(isHost ? ['LimitNOFILE=1048576', 'TasksMax=infinity'] : []),
    ...['KeyringMode=private', ...(isHost && user === 'root' ? ['LockPersonality=yes'] : []), ''],
    ...['[Install]', `WantedBy=${isHost ? 'multi-user.target' : 'default.target'}`, ''],
  ];
  return sealed(lines.join('\n'));
}

/** `%` begins a specifier everywhere in a unit, see systemd.unit(5). */
function escaped(text: string): string {
  return text.replaceAll('%', '%%');
}

/** One word of a setting, see systemd.syntax(7), "Quoting". */
function unitWord(text: string): string {
  const plain = escaped(text);
  if (/^[\w@%+=:,./-]+$/.test(plain)) return plain;
  return `"${plain.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
}

/** In a command line `$` begins a variable besides. */
function commandWord(text: string): string {
  return unitWord(text).replaceAll('$', '$$$$');
}
