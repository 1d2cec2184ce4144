import { basename, join } from 'node:path';
import { isAsWritten } from '../../../boot/edited.ts';
import type { BootService } from '../../../boot/service.ts';
import { SYSTEM_UNITS, systemdPlan, userUnits } from '../../../boot/systemd.ts';
import { fail, ok, skip, warn, type Check, type Finding } from '../check.ts';
import type { DoctorFacts } from '../facts.ts';
import type { Host } from '../host.ts';

export const BOOT_CHECKS: readonly Check[] = [
  { name: 'boot', run: boot },
  { name: 'linger', run: linger },
];

const LINGER = '/var/lib/systemd/linger';

interface Unit {
  readonly path: string;
  readonly folder: string;
  readonly text: string;
}

/** Whether something starts the daemon of this home when the host starts, and as this version would have it. */
function boot(facts: DoctorFacts): Finding {
  const { host, service } = facts;
  if (host.stat('/run/systemd/system')?.isFolder !== true) return skip('the host was not started by systemd');
  const unit = unitOf(facts);
  if (unit === null) {
    return warn(
      'nothing starts the daemon when the host starts',
      'stateward startup writes a unit and enables it',
    );
  }
  const isLogin = unit.folder !== SYSTEM_UNITS;
  const target = isLogin ? 'default.target' : 'multi-user.target';
  const name = basename(unit.path);
  if (host.stat(join(unit.folder, `${target}.wants`, name)) === null) {
    return fail(`${unit.path} is not enabled`, `systemctl ${isLogin ? '--user ' : ''}enable ${name}`);
  }
  const programs = programsOf(unit.text).filter((path) => host.stat(path) === null);
  if (programs[0] !== undefined) {
    return fail(`${unit.path} runs ${programs[0]}, which is not there`, 'stateward startup writes it anew');
  }
  if (!isAsWritten(unit.text)) return ok(`${unit.path}, edited by hand`);
  const fresh = service === null ? null : freshText(service, unit);
  if (fresh === null || fresh === unit.text) return ok(unit.path);
  return warn(`${unit.path} is not as this version would write it`, 'stateward startup writes it anew');
}

/** A unit of an ordinary user starts with the session of that user, or with the host where the user lingers. */
function linger(facts: DoctorFacts): Finding {
  const { host, service, uid } = facts;
  const unit = unitOf(facts);
  if (unit === null || unit.folder === SYSTEM_UNITS || uid === 0) return skip('not needed');
  const user = service?.user ?? String(uid);
  if (host.stat(join(LINGER, user)) !== null) return ok(`${user} lingers`);
  return warn(
    `the daemon starts when ${user} logs in, and ends with the last session`,
    `loginctl enable-linger ${user} starts it with the host`,
  );
}

/** The unit that names this home, whatever it is called. */
function unitOf({ host, env, paths }: DoctorFacts): Unit | null {
  for (const folder of [SYSTEM_UNITS, userUnits(env, env['HOME'] ?? '/root')]) {
    for (const name of host.list(folder) ?? []) {
      if (!name.endsWith('.service')) continue;
      const text = textOf(host, join(folder, name));
      if (text?.includes(`STATEWARD_HOME=${paths.home}`) === true && namesHome(text, paths.home)) {
        return { path: join(folder, name), folder, text };
      }
    }
  }
  return null;
}

function namesHome(text: string, home: string): boolean {
  return text
    .split('\n')
    .some((line) => line.replaceAll('"', '').trim() === `Environment=STATEWARD_HOME=${home}`);
}

/** Units are in UTF-8. */
function textOf(host: Host, path: string): string | null {
  const bytes = host.read(path);
  return bytes === null ? null : Buffer.from(bytes, 'latin1').toString('utf8');
}

/** Node and the program: they move when a version manager installs another. */
function programsOf(text: string): readonly string[] {
  const command = /^ExecStart=(.*)$/m.exec(text)?.[1] ?? '';
  return command
    .split(' ')
    .map((word) => word.replaceAll('"', ''))
    .filter((word) => word.startsWith('/'));
}

/** What PATH was when the unit was written is nobody's mistake. */
function freshText(service: BootService, { path, folder, text }: Unit): string | null {
  const user = /^User=(.*)$/m.exec(text)?.[1];
  if (user !== undefined && user !== service.user) return null;
  const before = /^Environment="?PATH=([^"\n]*)"?$/m.exec(text)?.[1];
  const env = before === undefined ? service.env : { ...service.env, PATH: before };
  const name = basename(path, '.service');
  const scope = folder === SYSTEM_UNITS ? ('host' as const) : ('login' as const);
  return systemdPlan({ ...service, name, scope, env }, folder).file.text;
}
