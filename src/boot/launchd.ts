import { join } from 'node:path';
import { CHECKSUM_PLACE, sealed } from './edited.ts';
import { STOP_SECONDS, type BootPlan, type BootService } from './service.ts';

export const LAUNCH_DAEMONS = '/Library/LaunchDaemons';

export function launchAgents(homeDir: string): string {
  return join(homeDir, 'Library/LaunchAgents');
}

/** A job of launchd, see launchd.plist(5); `uid` is the user whose session an agent belongs to. */
export function launchdPlan(service: BootService, folder: string, uid: number): BootPlan {
  const label = `dev.${service.name}`;
  const path = join(folder, `${label}.plist`);
  const domain = service.scope === 'host' ? 'system' : `gui/${uid}`;
  return {
    file: { path, text: launchdJob(service, label), mode: 0o644 },
    // Not bootstrapped here: it would be started at once, beside the daemon that may run.
    enable: [['launchctl', 'enable', `${domain}/${label}`]],
    disable: [['launchctl', 'disable', `${domain}/${label}`]],
    afterwards: [],
    hints: [`to put the daemon below launchd now: launchctl bootstrap ${domain} ${path} (apps keep running)`],
  };
}

/** `AbandonProcessGroup`: the end of the daemon is not the end of the apps. */
function launchdJob({ scope, home, user, command, env }: BootService, label: string): string {
  const log = join(home, 'daemon.log');
  const lines = [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">',
    `<!-- Written by stateward startup. An edited file is never overwritten. ${CHECKSUM_PLACE} -->`,
    ...['<plist version="1.0">', '<dict>'],
    ...entry('Label', string(label)),
    ...entry('ProgramArguments', array(command.map(string))),
    ...(scope === 'host' ? entry('UserName', string(user)) : []),
    ...entry('EnvironmentVariables', dict(env)),
    ...entry('RunAtLoad', ['<true/>']),
    ...entry('KeepAlive', ['<dict>', '  <key>SuccessfulExit</key>', '  <false/>', '</dict>']),
    ...entry('AbandonProcessGroup', ['<true/>']),
    ...entry('ExitTimeOut', [`<integer>${STOP_SECONDS}</integer>`]),
    ...entry('StandardOutPath', string(log)),
    ...entry('StandardErrorPath', string(log)),
    ...['</dict>', '</plist>', ''],
  ];
  return sealed(lines.join('\n'));
}

function entry(key: string, value: readonly string[]): readonly string[] {
  return [`  <key>${key}</key>`, ...value.map((line) => `  ${line}`)];
}

function string(text: string): readonly string[] {
  return [`<string>${xml(text)}</string>`];
}

function array(items: readonly (readonly string[])[]): readonly string[] {
  return ['<array>', ...items.flat().map((line) => `  ${line}`), '</array>'];
}

function dict(entries: Readonly<Record<string, string>>): readonly string[] {
  const lines = Object.entries(entries).flatMap(([key, value]) => [
    `  <key>${xml(key)}</key>`,
    `  <string>${xml(value)}</string>`,
  ]);
  return ['<dict>', ...lines, '</dict>'];
}

function xml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
