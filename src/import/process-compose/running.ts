import type { AppBuilder } from '../model/build-app.ts';
import { commandWords } from '../model/command.ts';
import { isPlain, numberAt, textAt } from '../model/plain-node.ts';
import { stopSignal } from '../model/stop-signal.ts';

const CONDITIONS: Readonly<Record<string, string>> = {
  process_started: 'started',
  process_healthy: 'ready',
  process_log_ready: 'ready',
  process_completed: 'completed',
  process_completed_successfully: 'completed',
};

/** What has to be there before it starts; `names`: the processes of the file. */
export function dependencies(app: AppBuilder, value: unknown, names: readonly string[]): void {
  if (!isPlain(value)) return;
  const given = Object.entries(value).map(
    ([name, of]) => [name, isPlain(of) ? textAt(of['condition']) : ''] as const,
  );
  const known = given.filter(([name]) => names.includes(name));
  if (known.length > 0)
    app.set(
      'depends_on',
      Object.fromEntries(known.map(([name, condition]) => [name, CONDITIONS[condition] ?? 'started'])),
    );
  for (const [name] of given.filter(([other]) => !names.includes(other)))
    app.unmapped('depends_on', name, 'no process of the file');
  if (known.some(([, condition]) => condition === 'process_completed')) {
    app.differs('depends_on', 'process_completed: here an exit code of success_exit_codes (0) is waited for');
  }
}

/** What happens when it ends. */
export function availabilityOf(app: AppBuilder, value: unknown): void {
  if (!isPlain(value)) return;
  const { restart, backoff_seconds: backoff, max_restarts: max, ...rest } = value;
  if (restart === 'no' || restart === false) app.set('autorestart', false);
  if (restart === 'on_failure' || restart === 'exit_on_failure') app.set('stop_exit_codes', [0]);
  if (restart === 'exit_on_failure')
    app.unmapped('availability.restart', restart, 'stateward run --exit-with ends with an app');
  if (backoff !== undefined) app.set('restart_delay', `${String(numberAt(backoff))}s`);
  if (typeof max === 'number' && max > 0) app.set('max_restarts', max);
  for (const [key, inner] of Object.entries(rest)) {
    app.unmapped(
      `availability.${key}`,
      inner,
      key === 'exit_on_end' ? 'stateward run --exit-with ends with an app' : undefined,
    );
  }
}

/** How it is stopped: by a command, or by a signal. */
export function shutdown(app: AppBuilder, value: unknown): void {
  if (!isPlain(value)) return;
  const { timeout_seconds: timeout, parent_only: parentOnly, signal, command, ...rest } = value;
  const time = timeout === undefined ? undefined : `${String(numberAt(timeout))}s`;
  if (time !== undefined) app.set('kill_timeout', time);
  const line = textAt(command).trim();
  if (line !== '') {
    app.set('shutdown', { command: commandWords(line), timeout: time ?? '10s' });
    app.differs(
      'shutdown',
      'an app that is still there after timeout gets stop_signal first, and SIGKILL after kill_timeout. Remove shutdown if the command does not end the app',
    );
    const unused = Object.entries({ signal, parent_only: parentOnly }).filter(([, one]) => one !== undefined);
    for (const [key, one] of unused)
      app.unmapped(`shutdown.${key}`, one, 'process-compose ignores it beside a command');
  } else {
    if (parentOnly === true || /^(?:yes|true)$/i.test(textAt(parentOnly))) app.set('treekill', false);
    if (signal !== undefined) stopSignal(app, 'shutdown.signal', textAt(signal));
  }
  for (const [key, inner] of Object.entries(rest)) app.unmapped(`shutdown.${key}`, inner);
}

/** When it runs, for a job. */
export function schedule(app: AppBuilder, value: unknown): void {
  if (!isPlain(value)) return;
  const { cron, timezone, max_concurrent: max, ...rest } = value;
  if (typeof cron === 'string') app.set('schedule', cron);
  else {
    app.set('autostart', false);
    app.differs('autostart', 'a job whose schedule cron cannot say: write one as schedule');
  }
  if (typeof timezone === 'string' && timezone !== 'Local') app.set('cron_timezone', timezone);
  if (typeof max === 'number' && max > 1) app.set('concurrency', 'allow');
  for (const [key, inner] of Object.entries(rest)) app.unmapped(`schedule.${key}`, inner);
}
