import { join, resolve } from 'node:path';
import type { Failure } from '../../../lib/failure.ts';
import { isServeApp } from '../../../spec/serve/serve-app.ts';
import type { AppSpec } from '../../../spec/types.ts';
import { appFailure, type DeclaredApp } from '../../shape/declared-app.ts';
import type { Disk } from '../inspect.ts';
import { behindLinkHint, missingCommandHint, missingFileHint } from './missing-script.ts';
import { ownerProblem, userProblem } from './users.ts';

export interface CheckContext {
  readonly disk: Disk;
  /** Absolute folder of the ecosystem file. */
  readonly fileDir: string;
  /** The folder that the command runs in. */
  readonly cwd: string;
  /** PATH of the command, for apps that set none. */
  readonly searchPath: string;
}

/** Whether this host has what an app needs: its folder, its script and what runs it, its user. */
export function checkHost(declared: DeclaredApp, spec: AppSpec, context: CheckContext): readonly Failure[] {
  // An app whose script is wrong already has been reported.
  if (declared.app.script === '') return [];
  return [
    ...checkUser(declared, spec, context),
    ...checkOwners(declared, spec, context),
    ...checkFiles(declared, spec, context),
  ];
}

function checkUser(declared: DeclaredApp, { uid, gid }: AppSpec, { disk }: CheckContext): Failure[] {
  const problem = userProblem({ uid, gid }, disk);
  if (problem === null) return [];
  const { field, message, hint } = problem;
  return [appFailure(declared, { path: [field] }, { code: 'CONFIG_BAD_VALUE', message, hint })];
}

/** Who the Unix sockets of the app belong to. */
function checkOwners(declared: DeclaredApp, { sockets }: AppSpec, { disk }: CheckContext): Failure[] {
  return sockets.flatMap((socket, index) => {
    const problem = ownerProblem(socket, disk);
    if (problem === null) return [];
    const { field, message, hint } = problem;
    const path = ['sockets', index, 'listen', field];
    return [appFailure(declared, { path }, { code: 'CONFIG_BAD_VALUE', message, hint })];
  });
}

function checkFiles(declared: DeclaredApp, spec: AppSpec, context: CheckContext): Failure[] {
  const kind = context.disk.inspect(spec.cwd).kind;
  if (kind !== 'folder') {
    const message =
      kind === 'missing' ? `the folder ${spec.cwd} does not exist` : `${spec.cwd} is not a folder`;
    const hint =
      elsewhere(declared.app.cwd ?? '.', spec.cwd, context) ??
      missingFileHint(spec.cwd) ??
      'make the folder, or mend `cwd`';
    const path = [declared.app.cwd === undefined ? 'script' : 'cwd'];
    return [appFailure(declared, { path }, { code: 'CONFIG_CWD_NOT_FOUND', message, hint })];
  }
  if (isServeApp(spec)) {
    return [...checkServed(declared, spec, context), ...checkInterpreter(declared, spec, context)];
  }
  return spec.shell
    ? checkInterpreter(declared, spec, context)
    : [...checkScript(declared, spec, context), ...checkInterpreter(declared, spec, context)];
}

/** What an app that serves files needs: the folder, and the file with the password. */
function checkServed(declared: DeclaredApp, { serve }: AppSpec, { disk, fileDir }: CheckContext): Failure[] {
  if (serve === null) return [];
  const absent = (path: readonly string[], message: string, hint: string): Failure =>
    appFailure(
      declared,
      { path: declared.app.serve === undefined ? ['env'] : path },
      {
        code: 'CONFIG_BAD_VALUE',
        message,
        hint,
      },
    );
  const { path, basic_auth } = serve;
  const file = basic_auth?.password_file ?? null;
  const folder = disk.inspect(path).kind;
  return [
    ...(folder === 'folder'
      ? []
      : [
          absent(
            ['serve', 'path'],
            folder === 'missing' ? `the folder ${path} does not exist` : `${path} is not a folder`,
            behindLinkHint(declared.app.serve?.path ?? '', fileDir) ??
              missingFileHint(path) ??
              'make the folder, or mend `path`',
          ),
        ]),
    ...(file === null || disk.inspect(file).kind === 'file'
      ? []
      : [
          absent(
            ['serve', 'basic_auth', 'password_file'],
            'there is no such file',
            'it is a file that holds the password, and nothing else: chmod 600 keeps it from others',
          ),
        ]),
  ];
}

function checkScript(declared: DeclaredApp, spec: AppSpec, context: CheckContext): Failure[] {
  const { script } = spec;
  const isPath = script.startsWith('/');
  if (isPath && context.disk.inspect(script).kind !== 'missing') return [];
  if (!isPath && context.disk.findCommand(script, searchPathOf(spec, context)) !== null) return [];
  const bin = join(spec.cwd, 'node_modules/.bin', script);
  const hint = isPath
    ? (elsewhere(declared.app.script, script, context) ?? missingFileHint(script))
    : context.disk.inspect(bin).kind === 'file'
      ? `write node_modules/.bin/${script}`
      : (elsewhere(declared.app.script, join(spec.cwd, script), context) ??
        missingCommandHint(script, spec.cwd));
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
  const bin = join(spec.cwd, 'node_modules/.bin', interpreter);
  const hint = interpreter.startsWith('/')
    ? missingFileHint(interpreter)
    : context.disk.inspect(bin).kind === 'file'
      ? `write \`${field}: ./node_modules/.bin/${interpreter}\``
      : undefined;
  return [
    appFailure(
      declared,
      { path },
      {
        code: 'CONFIG_SCRIPT_NOT_FOUND',
        message,
        hint: hint ?? `install it, or set \`${field}\``,
      },
    ),
  ];
}

/** PATH of the processes of the app, as far as it is known here. */
export function searchPathOf(spec: AppSpec, context: CheckContext): string {
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
  return behindLinkHint(written, context.fileDir);
}
