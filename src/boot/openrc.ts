import { join } from 'node:path';
import { CHECKSUM_PLACE, sealed } from './edited.ts';
import { STOP_SECONDS, type BootPlan, type BootService } from './service.ts';

export const OPENRC_SCRIPTS = '/etc/init.d';

/** A script of OpenRC, see openrc-run(8) and supervise-daemon(8). */
export function openrcPlan(service: BootService, folder: string): BootPlan {
  const { name } = service;
  return {
    file: { path: join(folder, name), text: openrcScript(service), mode: 0o755 },
    enable: [['rc-update', 'add', name, 'default']],
    disable: [['rc-update', 'delete', name, 'default']],
    afterwards: [],
    hints: [`to put the daemon below OpenRC now: rc-service ${name} start (apps keep running)`],
  };
}

function openrcScript({ home, user, command, env }: BootService): string {
  const [program = '', ...args] = command;
  const lines = [
    '#!/sbin/openrc-run',
    `# Written by stateward startup. An edited file is never overwritten. ${CHECKSUM_PLACE}`,
    `description=${shellWord(`stateward, the processes of ${home}`)}`,
    'supervisor=supervise-daemon',
    `command=${shellWord(program)}`,
    // Taken apart by the shell once more.
    `command_args=${shellWord(args.map(shellWord).join(' '))}`,
    `command_user=${shellWord(user)}`,
    ...['respawn_delay=1', 'respawn_max=0', `retry="SIGTERM/${STOP_SECONDS}"`],
    ...Object.entries(env).map(([name, value]) => `export ${name}=${shellWord(value)}`),
    ...['', 'depend() {', '\tneed localmount', '\tuse net dns logger', '\tafter firewall', '}', ''],
  ];
  return sealed(lines.join('\n'));
}

function shellWord(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
