import { nodeAt } from '../../config/read/source.ts';
import { ok } from '../../lib/result.ts';
import { AppBuilder } from '../model/build-app.ts';
import { shellCommand } from '../model/command.ts';
import type { ImportedApp, ImportResult } from '../model/imported.ts';
import {
  isPlain,
  numberAt,
  plainValue,
  textAt,
  textsOf,
  variablesAt,
  type Plain,
} from '../model/plain-node.ts';
import { readNamedMaps, type NamedMaps } from '../model/read-map.ts';
import { withUniqueNames } from '../model/unique-names.ts';
import { failureAt } from '../../config/read/source.ts';
import { err } from '../../lib/result.ts';

const CONDITIONS: Readonly<Record<string, string>> = {
  process_started: 'started',
  process_healthy: 'ready',
  process_log_ready: 'ready',
  process_completed: 'completed',
  process_completed_successfully: 'completed',
};

/** Root keys that are about the program itself. */
const OF_THE_PROGRAM = new Set([
  'version',
  'processes',
  'environment',
  'is_strict',
  'log_level',
  'log_length',
]);

/** A file of process-compose: its processes are apps. */
export function importProcessCompose(file: string, text: string): ImportResult {
  const read = readNamedMaps(file, text, 'processes', 'a file of process-compose');
  if (!read.ok) return read;
  const { source, root, names } = read.value;
  const without = names.filter((name) => textsOf(processAt(read.value, name)['command'])[0] === undefined);
  if (without.length > 0) {
    return err(
      without.map((name) => {
        const place = nodeAt(root, ['processes', name])?.span ?? null;
        const message = `processes.${name} has no command`;
        return failureAt(source, place, { code: 'CONFIG_MISSING_KEY', message, hint: 'write command: ...' });
      }),
    );
  }
  const shared = valuesOf(variablesAt(root, ['environment']));
  const rest = root.kind === 'map' ? [...root.entries.keys()].filter((key) => !OF_THE_PROGRAM.has(key)) : [];
  const head =
    rest.length === 0
      ? []
      : [
          `Not imported: ${rest.map((key) => `${key}: ${JSON.stringify(plainValue(nodeAt(root, [key])))}`).join(', ')}`,
        ];
  const apps = names.map((name) => appOf(name, read.value, shared));
  return ok({ apps: withUniqueNames(apps), root: {}, head, warnings: [] });
}

function processAt({ root }: NamedMaps, name: string): Plain {
  const value = plainValue(nodeAt(root, ['processes', name]));
  return isPlain(value) ? value : {};
}

function valuesOf(variables: Readonly<Record<string, string | null>>): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(variables).flatMap(([key, value]) => (value === null ? [] : [[key, value] as const])),
  );
}

function appOf(name: string, file: NamedMaps, shared: Readonly<Record<string, string>>): ImportedApp {
  const app = new AppBuilder(name);
  const process = processAt(file, name);
  const { fields, env } = shellCommand(textsOf(process['command']).join(' '));
  app.setAll(fields);
  app.env({ ...shared, ...valuesOf(variablesAt(file.root, ['processes', name, 'environment'])), ...env });
  for (const [key, value] of Object.entries(process)) setting(app, key, value, file.names);
  if (app.get('kill_timeout') === undefined) app.set('kill_timeout', '10s');
  const availability = isPlain(process['availability']) ? process['availability'] : {};
  if (availability['restart'] === undefined && process['schedule'] === undefined) {
    app.set('autorestart', false);
    app.differs(
      'autorestart',
      'availability.restart is not there: process-compose leaves it down when it ends',
    );
  }
  return app.build(true);
}

function setting(app: AppBuilder, key: string, value: unknown, names: readonly string[]): void {
  switch (key) {
    case 'command':
    case 'environment':
    case 'description':
      return;
    case 'working_dir': {
      app.set('cwd', textAt(value));
      return;
    }
    case 'namespace': {
      app.set('namespace', textAt(value));
      return;
    }
    case 'replicas':
      if (numberAt(value) > 1) {
        app.set('exec_mode', 'fork');
        app.set('instances', numberAt(value));
      }
      return;
    case 'disabled':
      if (value === true) app.set('autostart', false);
      return;
    case 'is_daemon':
      if (value === true) app.set('daemonize', true);
      return;
    case 'log_location':
      app.set('log_file', textAt(value));
      return;
    case 'env_file':
      for (const path of textsOf(value)) app.envFile(path);
      return;
    case 'depends_on': {
      dependencies(app, value, names);
      return;
    }
    case 'availability': {
      availabilityOf(app, value);
      return;
    }
    case 'readiness_probe': {
      probe(app, 'readiness', value);
      return;
    }
    case 'liveness_probe': {
      probe(app, 'liveness', value);
      return;
    }
    case 'ready_log_line': {
      app.set('readiness', { log: textAt(value).replace(/[.*+?^${}()|[\]\\]/g, '\\$&') });
      return;
    }
    case 'shutdown': {
      shutdown(app, value);
      return;
    }
    case 'schedule': {
      schedule(app, value);
      return;
    }
    default: {
      app.unmapped(key, value);
      return;
    }
  }
}

function dependencies(app: AppBuilder, value: unknown, names: readonly string[]): void {
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

function availabilityOf(app: AppBuilder, value: unknown): void {
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

function probe(app: AppBuilder, field: string, value: unknown): void {
  if (!isPlain(value)) return;
  const { http_get: http, exec, ...timing } = value;
  const target = isPlain(http)
    ? httpOf(http)
    : isPlain(exec)
      ? { exec: { command: ['sh', '-c', textAt(exec['command'], 'true')] } }
      : null;
  if (target === null) {
    app.unmapped(field, value);
    return;
  }
  const seconds = (key: string): string | undefined =>
    timing[key] === undefined ? undefined : `${String(numberAt(timing[key]))}s`;
  const counts = Object.entries({
    success_threshold: timing['success_threshold'],
    failure_threshold: timing['failure_threshold'],
  });
  const fields = {
    ...target,
    initial_delay: seconds('initial_delay_seconds'),
    period: seconds('period_seconds') ?? '10s',
    timeout: seconds('timeout_seconds'),
    ...Object.fromEntries(counts.filter(([, count]) => typeof count === 'number' && count > 0)),
  };
  app.set(field, Object.fromEntries(Object.entries(fields).filter(([, inner]) => inner !== undefined)));
  if (isPlain(http) && http['scheme'] === 'https')
    app.unmapped(`${field} scheme`, 'https', 'probes speak http');
}

function httpOf({ host, path, port }: Plain): object {
  return {
    http: {
      port: typeof port === 'number' ? port : /^\d+$/.test(textAt(port)) ? numberAt(port) : 80,
      ...(path !== undefined && { path: textAt(path, '/') }),
      ...(host !== undefined && { host: textAt(host) }),
    },
  };
}

function shutdown(app: AppBuilder, value: unknown): void {
  if (!isPlain(value)) return;
  const { timeout_seconds: timeout, parent_only: parentOnly, signal, ...rest } = value;
  if (timeout !== undefined) app.set('kill_timeout', `${String(numberAt(timeout))}s`);
  if (parentOnly === true || parentOnly === 'yes') app.set('treekill', false);
  if (signal !== undefined && signal !== 2 && signal !== 15) app.unmapped('shutdown.signal', signal);
  for (const [key, inner] of Object.entries(rest)) app.unmapped(`shutdown.${key}`, inner);
}

function schedule(app: AppBuilder, value: unknown): void {
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
