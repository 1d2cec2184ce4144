import type { Failure } from '../../lib/failure.ts';
import { err, ok } from '../../lib/result.ts';
import { AppBuilder } from '../model/build-app.ts';
import { programFields } from '../model/command.ts';
import { nothingIn, type ImportedApp, type ImportResult } from '../model/imported.ts';
import { withUniqueNames } from '../model/unique-names.ts';
import { cronOf } from './calendar.ts';
import { credentials, withCredentialFiles } from './credentials.ts';
import { ends } from './ends.ts';
import { execLine, hasVariable, plainWord, shellLine } from './exec-line.ts';
import { hooks } from './hooks.ts';
import { errorAlong, setting } from './settings.ts';
import { acceptFailure, serviceOfSocket, socketsOf } from './sockets.ts';
import { timeouts } from './timeouts.ts';
import { serviceOf, unitOf, valueOf, type Unit, type UnitFile } from './unit.ts';

/** Units of systemd: each service is an app, a timer makes a job of its service, and a socket is one of its `sockets`. */
export function importSystemd(files: readonly UnitFile[]): ImportResult {
  const units: Unit[] = [];
  const failures: Failure[] = [];
  for (const file of files) {
    const read = unitOf(file);
    if (Array.isArray(read)) failures.push(...(read as readonly Failure[]));
    else units.push(read as Unit);
  }
  if (failures.length > 0) return err(failures);
  const timers = units.filter(({ kind }) => kind === 'timer');
  const services = units.filter(({ kind }) => kind === 'service');
  const lost = timers.find((timer) => !services.some((service) => serviceOf(timer) === service.name));
  if (lost !== undefined) {
    const hint = `name its service as well: stateward import systemd ${lost.file} ${serviceOf(lost)}.service`;
    return err([
      {
        code: 'CONFIG_MISSING_KEY',
        message: `${lost.file} is a timer without its service`,
        hint,
        position: { file: lost.file },
      },
    ]);
  }
  const sockets = units.filter(({ kind }) => kind === 'socket');
  const refused = acceptFailure(sockets);
  if (refused !== null) return err([refused]);
  const alone = sockets.find((socket) => !services.some(({ name }) => serviceOfSocket(socket) === name));
  if (alone !== undefined) {
    const message = `${alone.file} is a socket without its service`;
    const hint = `name its service as well: stateward import systemd ${alone.file} ${serviceOfSocket(alone)}.service`;
    return err([{ code: 'CONFIG_MISSING_KEY', message, hint, position: { file: alone.file } }]);
  }
  const apps: ImportedApp[] = [];
  for (const service of services) {
    const timer = timers.find((candidate) => serviceOf(candidate) === service.name);
    const own = sockets.filter((socket) => serviceOfSocket(socket) === service.name);
    const app = appOf(service, { timer: timer ?? null, sockets: own }, services);
    if (!app.ok) return app;
    apps.push(app.value);
  }
  const [first] = files;
  if (apps.length === 0)
    return err([
      nothingIn(
        first?.file ?? 'systemd',
        'service',
        'name files that end in .service, and their timers and sockets',
      ),
    ]);
  return ok({ apps: withUniqueNames(apps), root: {}, head: [], warnings: [] });
}

interface Companions {
  readonly timer: Unit | null;
  readonly sockets: readonly Unit[];
}

function appOf(written: Unit, { timer, sockets }: Companions, services: readonly Unit[]) {
  const unit = withCredentialFiles(written);
  const name = unit.instance === null ? unit.name : `${unit.name}-${unit.instance}`;
  const app = new AppBuilder(name);
  const isReached = unit.entries.filter(({ section, key }) => section === 'Service' && key === 'ExecStart');
  const [start, ...more] = isReached;
  if (start === undefined) {
    const hint = 'a service without ExecStart= runs nothing: leave it out';
    const message = `${unit.file} has no ExecStart=`;
    return err([{ code: 'CONFIG_MISSING_KEY', message, hint, position: { file: unit.file } } as const]);
  }
  const type = valueOf(unit, 'Type') ?? 'simple';
  if (unit.isTemplate && unit.instance === null)
    app.advice('a template: %i is not known, and stands as INSTANCE');
  command(app, start.value);
  for (const { value } of more)
    app.unmapped('ExecStart', value, 'a second command: make it an app, and depend on it');
  socketsOf(app, sockets);
  for (const entry of unit.entries) {
    if (entry.key !== 'ExecStart') setting(app, entry, services);
  }
  errorAlong(app, valueOf(unit, 'StandardError'));
  if (app.get('cwd') === undefined) app.set('cwd', '/');
  if (app.get('uid') === undefined)
    app.advice('User= is not there: systemd runs it as root, here it runs as the user of the daemon');
  // What is no failure is what keeps it down.
  if (app.get('stop_exit_codes') !== undefined && /^on-/.test(valueOf(unit, 'Restart') ?? '')) {
    const prevented =
      valueOf(unit, 'RestartPreventExitStatus') === undefined ? [] : (app.get('stop_exit_codes') as number[]);
    app.set('stop_exit_codes', [
      ...new Set([...((app.get('success_exit_codes') ?? [0]) as number[]), ...prevented]),
    ]);
  }
  if (type === 'oneshot' || timer !== null) {
    if (timer === null) app.set('autorestart', false);
  } else if (valueOf(unit, 'Restart') === undefined) {
    app.set('autorestart', false);
    app.differs('autorestart', 'Restart= is not there: systemd leaves it down when it ends');
  }
  if (type === 'notify' || type === 'notify-reload') app.set('notify', true);
  else if (app.get('watchdog') !== undefined) {
    app.set('watchdog', undefined);
    app.advice('WatchdogSec= counts with Type=notify alone: notify: true, where the program says READY=1');
  }
  if (timer !== null) schedule(app, timer);
  credentials(app, unit, written);
  timeouts(app, unit);
  const isJob = type === 'oneshot' || timer !== null;
  ends(app, unit, isJob);
  hooks(app, unit, isJob);
  return ok(app.build());
}

/** systemd itself puts variables in: here a shell does. */
function command(app: AppBuilder, text: string): void {
  const line = execLine(text);
  if (line.words.some(hasVariable)) {
    // The program, and not the shell, is the main process.
    app.set('script', `exec ${shellLine(line)}`);
    app.set('shell', true);
    app.differs('script', 'the shell puts the variables in that systemd did');
  } else app.setAll(programFields(line.words.map(plainWord)));
  const { isOptional, rights } = line;
  if (isOptional) app.unmapped('ExecStart', '-', 'a bad exit code is a failure here: success_exit_codes');
  if (rights !== '')
    app.unmapped('ExecStart', rights, 'the prefix of the command: it runs as the user of the app');
}

function schedule(app: AppBuilder, timer: Unit): void {
  for (const { section, key, value } of timer.entries) {
    if (section !== 'Timer' || key === 'Unit') continue;
    const cron = key === 'OnCalendar' && app.get('schedule') === undefined ? cronOf(value) : null;
    if (cron !== null) {
      app.set('schedule', cron.cron);
      if (cron.zone !== null) app.set('cron_timezone', cron.zone);
      app.differs('schedule', `OnCalendar=${value}`);
    } else if (key === 'Persistent') app.set('cron_catch_up', isTrue(value));
    else
      app.unmapped(
        `Timer ${key}`,
        value,
        key === 'OnCalendar' ? 'no schedule of cron says the same' : undefined,
      );
  }
  if (app.get('schedule') === undefined) {
    app.set('autostart', false);
    app.differs('autostart', 'its timer has no schedule that cron can say: write one as schedule');
  } else if (app.get('cron_catch_up') === undefined) app.set('cron_catch_up', false);
}

function isTrue(value: string): boolean {
  return /^(?:1|yes|true|on)$/i.test(value);
}
