import { join, resolve } from 'node:path';
import type { Failure } from '../../lib/failure.ts';
import type { AppSpec } from '../../spec/types.ts';
import { cronProblem } from './cron.ts';
import { appFailure, type DeclaredApp } from '../shape/declared-app.ts';
import type { Disk } from './inspect.ts';

export interface CheckContext {
  readonly disk: Disk;
  /** Absolute folder of the ecosystem file. */
  readonly fileDir: string;
  /** The folder that the command runs in. */
  readonly cwd: string;
  /** PATH of the command, for apps that set none. */
  readonly searchPath: string;
}

/** Bytes: room for the suffixes of log files within the 255 that a file name has. */
const NAME_BYTES = 200;
const NAME = /^(?![.\-\s])[^/\\\p{Cc}]*[^/\\\s\p{Cc}]$/u;

/** What the schema cannot see in one app: its name, schedule and patterns, and whether what it runs is there. */
export function checkApp(declared: DeclaredApp, spec: AppSpec, context: CheckContext): readonly Failure[] {
  return [
    ...checkName(declared, spec),
    ...checkCron(declared, spec),
    ...checkPatterns(declared, spec),
    // An app whose script is wrong already has been reported.
    ...(declared.app.script === '' ? [] : checkFiles(declared, spec, context)),
  ];
}

function checkName(declared: DeclaredApp, { name }: AppSpec): Failure[] {
  const isGiven = declared.app.name !== undefined;
  if (!isGiven && declared.app.script === '') return [];
  const path = [isGiven ? 'name' : 'script'];
  if (name.length > 100 || Buffer.byteLength(name) > NAME_BYTES) {
    const message = `the name is too long: 100 characters, or ${NAME_BYTES} bytes`;
    return [appFailure(declared, { path }, { code: 'CONFIG_BAD_VALUE', message })];
  }
  if (NAME.test(name)) return [];
  const message = `${JSON.stringify(name)} cannot be a name`;
  const hint = isGiven ? 'use a text without slashes that starts with a letter or a digit' : 'set `name`';
  return [appFailure(declared, { path }, { code: 'CONFIG_BAD_VALUE', message, hint })];
}

function checkCron(declared: DeclaredApp, spec: AppSpec): Failure[] {
  const hint = 'for example "0 2 * * *" for every night at 2, or @hourly';
  const expressions = (['cron_restart', 'schedule'] as const).flatMap((field) => {
    const problem = spec[field] === null ? null : cronProblem(spec[field]);
    if (problem === null) return [];
    return [appFailure(declared, { path: [field] }, { code: 'CONFIG_BAD_VALUE', message: problem, hint })];
  });
  const { cron_timezone: zone } = spec;
  if (zone === null || isTimeZone(zone)) return expressions;
  const message = `${JSON.stringify(zone)} is no time zone`;
  const what = { code: 'CONFIG_BAD_VALUE', message, hint: 'for example Europe/Berlin, or UTC' } as const;
  return [...expressions, appFailure(declared, { path: ['cron_timezone'] }, what)];
}

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

function checkPatterns(declared: DeclaredApp, spec: AppSpec): Failure[] {
  const probes = (['readiness', 'liveness', 'startup'] as const).filter(
    (probe) => spec[probe]?.log !== undefined && !isPattern(spec[probe].log),
  );
  return probes.map((probe) => {
    const message = 'this is no regular expression';
    return appFailure(declared, { path: [probe, 'log'] }, { code: 'CONFIG_BAD_VALUE', message });
  });
}

function isPattern(text: string): boolean {
  try {
    new RegExp(text);
    return true;
  } catch {
    return false;
  }
}

function checkFiles(declared: DeclaredApp, spec: AppSpec, context: CheckContext): Failure[] {
  const kind = context.disk.inspect(spec.cwd).kind;
  if (kind !== 'folder') {
    const message = kind === 'missing' ? `the folder ${spec.cwd} does not exist` : `${spec.cwd} is no folder`;
    const hint = elsewhere(declared.app.cwd ?? '.', spec.cwd, context) ?? 'make the folder, or mend `cwd`';
    const path = [declared.app.cwd === undefined ? 'script' : 'cwd'];
    return [appFailure(declared, { path }, { code: 'CONFIG_CWD_NOT_FOUND', message, hint })];
  }
  return spec.shell
    ? checkInterpreter(declared, spec, context)
    : [...checkScript(declared, spec, context), ...checkInterpreter(declared, spec, context)];
}

function checkScript(declared: DeclaredApp, spec: AppSpec, context: CheckContext): Failure[] {
  const { script } = spec;
  const isPath = script.startsWith('/');
  if (isPath && context.disk.inspect(script).kind !== 'missing') return [];
  if (!isPath && context.disk.findCommand(script, searchPathOf(spec, context)) !== null) return [];
  const bin = join(spec.cwd, 'node_modules/.bin', script);
  const hint = isPath
    ? elsewhere(declared.app.script, script, context)
    : context.disk.inspect(bin).kind === 'file'
      ? `write node_modules/.bin/${script}`
      : elsewhere(declared.app.script, join(spec.cwd, script), context);
  const message = isPath
    ? `the script ${script} does not exist`
    : `${script} is neither a file in ${spec.cwd} nor a command on PATH`;
  return [
    appFailure(
      declared,
      { path: ['script'] },
      {
        code: 'CONFIG_SCRIPT_NOT_FOUND',
        message,
        ...(hint === undefined ? {} : { hint }),
      },
    ),
  ];
}

/** Node itself is always there: it runs this. */
function checkInterpreter(declared: DeclaredApp, spec: AppSpec, context: CheckContext): Failure[] {
  const { interpreter } = spec;
  if (interpreter === 'none' || interpreter === 'node') return [];
  const isThere = interpreter.startsWith('/')
    ? context.disk.inspect(interpreter).kind === 'file'
    : context.disk.findCommand(interpreter, searchPathOf(spec, context)) !== null;
  if (isThere) return [];
  const field = spec.shell && typeof declared.app.shell === 'string' ? 'shell' : 'interpreter';
  const path = [declared.app[field] === undefined ? 'script' : field];
  const message = `the ${field} ${interpreter} ${interpreter.startsWith('/') ? 'does not exist' : 'is not on PATH'}`;
  const hint = `install it, or set \`${field}\``;
  return [appFailure(declared, { path }, { code: 'CONFIG_SCRIPT_NOT_FOUND', message, hint })];
}

function searchPathOf(spec: AppSpec, context: CheckContext): string {
  return spec.env['PATH'] ?? context.searchPath;
}

/** PM2 resolves from the shell's folder: says so when the thing is only there, or only beside the file. */
function elsewhere(written: string, resolved: string, context: CheckContext): string | undefined {
  const isThere = (path: string): boolean =>
    path !== resolved && context.disk.inspect(path).kind !== 'missing';
  const fromFile = resolve(context.fileDir, written);
  if (isThere(fromFile)) return `${fromFile} exists, but the script is relative to \`cwd\``;
  const fromShell = resolve(context.cwd, written);
  if (isThere(fromShell)) {
    return `${fromShell} exists, but paths are relative to the ecosystem file's folder, not to the shell's`;
  }
  return undefined;
}
