import { failureAt, nodeAt } from '../../config/read/source.ts';
import { err, ok } from '../../lib/result.ts';
import { AppBuilder } from '../model/build-app.ts';
import { shellCommand } from '../model/command.ts';
import type { Fields, ImportedApp, ImportResult } from '../model/imported.ts';
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
import { usualStopSignal } from '../model/stop-signal.ts';
import { withUniqueNames } from '../model/unique-names.ts';
import { probe } from './probe.ts';
import { availabilityOf, dependencies, schedule, shutdown } from './running.ts';

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
  const without = names.filter((name) => wordsOf(processAt(read.value, name)) === null);
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

/** A line for a shell, or the words of a program, where there is no line; null: neither. */
function wordsOf({ command, entrypoint }: Plain): string | readonly string[] | null {
  const line = textsOf(command).join(' ');
  if (line !== '') return line;
  const words = textsOf(entrypoint);
  return words.length === 0 ? null : words;
}

function programOf([script = '', ...args]: readonly string[]): Fields {
  return { script, ...(args.length > 0 && { args }) };
}

function appOf(name: string, file: NamedMaps, shared: Readonly<Record<string, string>>): ImportedApp {
  const app = new AppBuilder(name);
  const process = processAt(file, name);
  const words = wordsOf(process);
  const { fields, env } =
    typeof words === 'string' ? shellCommand(words) : { fields: programOf(words ?? []), env: {} };
  app.setAll(fields);
  if (typeof words === 'string' && process['entrypoint'] !== undefined)
    app.unmapped('entrypoint', process['entrypoint'], 'command is what runs');
  app.env({ ...shared, ...valuesOf(variablesAt(file.root, ['processes', name, 'environment'])), ...env });
  for (const [key, value] of Object.entries(process)) setting(app, key, value, file.names);
  if (app.get('kill_timeout') === undefined) app.set('kill_timeout', '10s');
  usualStopSignal(app);
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
    case 'entrypoint':
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
    case 'is_tty':
      if (value === true) app.set('tty', true);
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
