import { formatDuration } from '../../lib/units.ts';
import type { AppBuilder } from '../model/build-app.ts';
import type { IniEntry } from '../model/ini.ts';
import { systemdDuration } from './duration.ts';
import { CREDENTIAL_KEYS } from './credentials.ts';
import { END_KEYS } from './ends.ts';
import { HOOK_KEYS } from './hooks.ts';
import { tuningSetting } from './tuning.ts';
import type { Unit } from './unit.ts';
import { systemdWords } from './words.ts';

/** What goes without saying, or is about the host and not the app. */
const SILENT = new Set([
  ...['Unit.Description', 'Unit.Documentation', 'Service.Type', 'Service.SyslogIdentifier'],
  ...[
    'Unit.StartLimitIntervalSec',
    'Service.StartLimitInterval',
    'Service.StartLimitIntervalSec',
    'Service.RestartMode',
    'Service.NotifyAccess',
  ],
]);
const HOST_TARGETS =
  /^(?:(?:network|network-online|multi-user|basic|sysinit|local-fs|remote-fs|time-sync|nss-lookup|default|graphical|syslog)\.(?:target|socket)|syslog\.target)$/;

/** What one line of a unit says of its app. */
export function setting(
  app: AppBuilder,
  { section, key, value }: IniEntry & { readonly section: string },
  services: readonly Unit[],
): void {
  if (section === 'Install') return;
  const full = `${section}.${key}`;
  // What they say of the app is read from the units themselves.
  if (full === 'Service.Sockets' && app.get('sockets') !== undefined) return;
  const isElsewhere = END_KEYS.has(key) || HOOK_KEYS.has(key) || CREDENTIAL_KEYS.has(key);
  if (section === 'Service' && (isElsewhere || /^Timeout\w*Sec$/.test(key))) return;
  switch (full) {
    case 'Service.WorkingDirectory':
      if (value.startsWith('-'))
        app.differs('cwd', 'has to be there: systemd goes on without it (WorkingDirectory=-)');
      {
        app.set('cwd', value.replace(/^-/, ''));
        return;
      }
    case 'Service.User': {
      app.set('uid', value);
      return;
    }
    case 'Service.Group': {
      app.set('gid', value);
      return;
    }
    case 'Service.StandardOutput':
    case 'Service.StandardError': {
      output(app, key, value);
      return;
    }
    case 'Service.UMask': {
      app.set('umask', value);
      return;
    }
    case 'Service.Environment': {
      app.env(assignments(systemdWords(value)));
      return;
    }
    case 'Service.EnvironmentFile':
      if (value.startsWith('-'))
        app.differs('env_file', 'has to be there: systemd goes on without it (EnvironmentFile=-)');
      {
        app.envFile(value.replace(/^-/, ''));
        return;
      }
    case 'Service.Restart': {
      restart(app, value);
      return;
    }
    case 'Service.RestartSec': {
      duration(app, 'restart_delay', key, value);
      return;
    }
    case 'Service.WatchdogSec': {
      duration(app, 'watchdog', key, value);
      return;
    }
    case 'Service.SuccessExitStatus': {
      app.set('success_exit_codes', [
        0,
        ...value
          .split(/\s+/)
          .map(Number)
          .filter((code) => Number.isInteger(code) && code > 0 && code < 256),
      ]);
      return;
    }
    case 'Service.RestartPreventExitStatus': {
      app.set(
        'stop_exit_codes',
        value
          .split(/\s+/)
          .map(Number)
          .filter((code) => Number.isInteger(code) && code < 256),
      );
      return;
    }
    case 'Service.StartLimitBurst':
    case 'Unit.StartLimitBurst': {
      app.set('max_restarts', Number(value));
      return;
    }
    case 'Service.MemoryMax':
    case 'Service.MemoryLimit': {
      limit(app, 'memory', key, value, /^\d+[KMGT]?$/);
      return;
    }
    case 'Service.TasksMax': {
      limit(app, 'pids', key, value, /^\d+$/);
      return;
    }
    case 'Service.CPUQuota':
      if (!/^\d+%$/.test(value)) {
        app.unmapped(key, value);
        return;
      }
      {
        app.set('limits', {
          ...(app.get('limits') as object | undefined),
          cpu: Number.parseInt(value, 10) / 100,
        });
        return;
      }
    case 'Unit.After':
    case 'Unit.Requires':
    case 'Unit.Wants':
    case 'Unit.BindsTo': {
      dependencies(app, key, value, services);
      return;
    }
    default:
      if (section === 'Service' && tuningSetting(app, key, value)) return;
      if (!SILENT.has(full))
        app.unmapped(
          key,
          value,
          key === 'ExecCondition' ? 'a command that decides is part of the program here' : undefined,
        );
      return;
  }
}

function restart(app: AppBuilder, value: string): void {
  if (value === 'no') {
    app.set('autorestart', false);
    return;
  }
  if (value === 'on-failure' || value === 'on-abnormal' || value === 'on-abort')
    app.set('stop_exit_codes', [0]);
  if (value === 'on-abnormal' || value === 'on-abort' || value === 'on-watchdog')
    app.differs('stop_exit_codes', `Restart=${value}: here every exit code that is not listed restarts it`);
}

function duration(app: AppBuilder, field: string, key: string, value: string): void {
  const ms = systemdDuration(value);
  if (ms === null) app.unmapped(key, value);
  else app.set(field, formatDuration(ms));
}

function limit(app: AppBuilder, field: string, key: string, value: string, form: RegExp): void {
  if (value === 'infinity') return;
  if (!form.test(value)) {
    app.unmapped(key, value);
    return;
  }
  const bound = /^\d+$/.test(value)
    ? Number(value)
    : value.replace(/^(\d+)T$/, (_whole, size: string) => `${Number(size) * 1024}G`);
  app.set('limits', { ...(app.get('limits') as object | undefined), [field]: bound });
}

/** Order among what is imported together; what is of the host goes without saying. */
function dependencies(app: AppBuilder, key: string, value: string, services: readonly Unit[]): void {
  const isOwn = (unit: string): boolean => unit.endsWith('.socket') && app.get('sockets') !== undefined;
  const units = value.split(/\s+/).filter((unit) => unit !== '' && !HOST_TARGETS.test(unit) && !isOwn(unit));
  const known = units.flatMap((unit) =>
    services
      .filter(({ name, isTemplate }) => !isTemplate && unit === `${name}.service`)
      .map(({ name }) => name),
  );
  const others = units.filter((unit) => !known.some((name) => unit === `${name}.service`));
  if (known.length > 0) {
    const before = (app.get('depends_on') ?? {}) as Record<string, string>;
    app.set('depends_on', {
      ...before,
      ...Object.fromEntries(known.map((name) => [name, before[name] ?? 'started'])),
    });
  }
  if (others.length > 0) app.unmapped(key, others.join(' '));
}

function assignments(words: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(
    words.flatMap((word) => {
      const at = word.indexOf('=');
      return at <= 0 ? [] : [[word.slice(0, at), word.slice(at + 1)] as const];
    }),
  );
}

/** Standard error goes where standard output goes unless it says otherwise: see `errorAlong`. */
function output(app: AppBuilder, key: string, value: string): void {
  const field = key === 'StandardOutput' ? 'out_file' : 'error_file';
  const [, how = '', path = ''] = /^(file|append|truncate):(.+)$/.exec(value) ?? [];
  if (path !== '') {
    app.set(field, path);
    if (how !== 'append') app.differs(field, `is appended to (${key}=${how}:)`);
  } else if (value === 'null') app.set(field, '/dev/null');
  else if (!/^(?:inherit|journal|journal\+console|syslog|kmsg)$/.test(value)) app.unmapped(key, value);
}

export function errorAlong(app: AppBuilder, standardError: string | undefined): void {
  if (standardError === undefined || standardError === 'inherit') app.set('error_file', app.get('out_file'));
}
