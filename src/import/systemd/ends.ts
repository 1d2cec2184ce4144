import type { AppBuilder } from '../model/build-app.ts';
import { stopSignal, usualStopSignal } from '../model/stop-signal.ts';
import { signalNamed } from '../../lib/signals.ts';
import { commandOf, execLine, signalOfKill, type ExecLine } from './exec-line.ts';
import { timeoutOf } from './timeouts.ts';
import { valueOf, type Unit } from './unit.ts';

/** Lines of `Service` that are read here, and not one by one. */
export const END_KEYS: ReadonlySet<string> = new Set([
  ...['KillSignal', 'KillMode', 'RestartKillSignal', 'FinalKillSignal', 'SendSIGKILL', 'SendSIGHUP'],
  ...['ExecStop', 'ExecReload', 'ReloadSignal', 'PIDFile'],
]);

/** How the app ends, and how it reads its settings again: what the whole unit says of it. */
export function ends(app: AppBuilder, unit: Unit, isJob: boolean): void {
  signals(app, unit);
  if (valueOf(unit, 'Type') === 'forking') {
    app.set('daemonize', true);
    const file = valueOf(unit, 'PIDFile');
    if (file !== undefined) app.set('pid_file', file.startsWith('/') ? file : `/run/${file}`);
  }
  stop(app, unit, isJob);
  reload(app, unit, isJob);
}

function signals(app: AppBuilder, unit: Unit): void {
  const said = (key: string): string | undefined => valueOf(unit, key);
  const kill = said('KillSignal');
  if (kill !== undefined) stopSignal(app, 'KillSignal', kill);
  usualStopSignal(app);
  const restart = said('RestartKillSignal');
  if (restart !== undefined && signalNamed(restart) !== app.get('stop_signal'))
    app.unmapped('RestartKillSignal', restart, 'a process that is replaced gets stop_signal too');
  const final = said('FinalKillSignal');
  if (final !== undefined && signalNamed(final) !== 'SIGKILL')
    app.unmapped('FinalKillSignal', final, 'what is left after kill_timeout gets SIGKILL');
  if (/^(?:0|no|false|off)$/i.test(said('SendSIGKILL') ?? ''))
    app.unmapped('SendSIGKILL', said('SendSIGKILL'), 'what is left after kill_timeout gets SIGKILL');
  if (/^(?:1|yes|true|on)$/i.test(said('SendSIGHUP') ?? ''))
    app.unmapped('SendSIGHUP', said('SendSIGHUP'), 'it gets one signal, stop_signal');
  mode(app, said('KillMode') ?? 'control-group');
}

/** Who gets the signal, and who is left alone. */
function mode(app: AppBuilder, value: string): void {
  if (value === 'control-group') return;
  if (value === 'mixed' || value === 'process') app.set('treekill', false);
  if (value === 'process') app.set('leftovers', 'keep');
  if (value !== 'mixed' && value !== 'process')
    app.unmapped(
      'KillMode',
      value,
      'here an app that is stopped gets stop_signal, and SIGKILL after kill_timeout',
    );
}

function stop(app: AppBuilder, unit: Unit, isJob: boolean): void {
  const lines = linesOf(app, unit, 'ExecStop');
  const [first, ...more] = lines;
  if (first === undefined) return;
  if (isJob) {
    for (const { text } of lines)
      app.unmapped('ExecStop', text, 'a job has ended when it is stopped: nothing runs then');
    return;
  }
  const signal = more.length === 0 ? signalOfKill(first) : undefined;
  if (signal !== undefined) {
    app.set('stop_signal', signal);
    app.set('treekill', false);
    app.differs('stop_signal', 'of ExecStop: systemd sends KillSignal as well, as soon as kill has ended');
    return;
  }
  const timeout = timeoutOf(unit, 'Stop')?.value;
  app.set('shutdown', {
    command: commandOf(lines, { failureCounts: false, pid: 'MAINPID' }),
    ...(timeout !== undefined && { timeout }),
  });
  app.differs(
    'shutdown',
    'when the command has ended, the app has the rest of timeout to end: systemd signals what is left at once. Remove shutdown if the command does not end the app',
  );
}

function reload(app: AppBuilder, unit: Unit, isJob: boolean): void {
  const byType = valueOf(unit, 'Type') === 'notify-reload';
  const sent = valueOf(unit, 'ReloadSignal') ?? 'SIGHUP';
  const lines = [
    ...(byType ? [execLine(`/bin/kill -s ${sent} $MAINPID`)] : []),
    ...linesOf(app, unit, 'ExecReload'),
  ];
  const [first, ...more] = lines;
  if (first === undefined) return;
  if (isJob) {
    for (const { text } of lines) app.unmapped('ExecReload', text, 'a job reads its settings with every run');
    return;
  }
  const signal = more.length === 0 ? signalOfKill(first) : undefined;
  const timeout = timeoutOf(unit, 'Start')?.value;
  app.set(
    'reload',
    signal === undefined
      ? {
          command: commandOf(lines, { failureCounts: true, pid: 'MAINPID' }),
          ...(timeout !== undefined && { timeout }),
        }
      : { signal },
  );
}

/** The commands of a key. What would run with other rights is not among them. */
export function linesOf(app: AppBuilder, { entries }: Unit, name: string): readonly ExecLine[] {
  return entries
    .filter(({ section, key }) => section === 'Service' && key === name)
    .map(({ value }) => execLine(value))
    .filter((line) => {
      if (line.words.length === 0) return false;
      // Without a user of its own, everything runs with the same rights.
      if (line.rights === '' || app.get('uid') === undefined) return true;
      app.unmapped(name, line.text, `${line.rights}: here every command runs as the user of the app`);
      return false;
    });
}
