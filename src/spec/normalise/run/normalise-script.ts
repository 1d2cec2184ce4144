import { basename, extname, join, resolve } from 'node:path';
import type { App } from '../../generated/ecosystem.ts';
import type { FileFacts, NormaliseContext, SpecNote } from '../normalise-context.ts';
import { isSpawner } from './node-start.ts';
import { wantsCluster } from './normalise-mode.ts';
import { resolvePath } from '../normalise-path.ts';
import { chooseShell } from './normalise-shell.ts';
import { isShellLine } from '../../commands/shell-line.ts';
import { splitWords } from './split-words.ts';
import type { AppSpec } from '../../types.ts';

type ScriptFields = Pick<AppSpec, 'script' | 'interpreter' | 'interpreter_args' | 'args' | 'shell'>;

const INTERPRETERS: Readonly<Record<string, string>> = {
  '.js': 'node',
  '.cjs': 'node',
  '.mjs': 'node',
  '.ts': 'node',
  '.cts': 'node',
  '.mts': 'node',
  '.py': 'python3',
  '.sh': 'bash',
  '.rb': 'ruby',
  '.php': 'php',
  '.pl': 'perl',
};

const NODE_SHEBANG = /\bnode(?:js)?\b/;

/**
 * What runs, and what runs it. A text with blanks that names no file is a shell line; a bare word that names no file
 * is a command on PATH; everything else is a path relative to `cwd`.
 */
export function normaliseScript(
  app: App,
  cwd: string,
  context: NormaliseContext,
): { readonly fields: ScriptFields; readonly notes: readonly SpecNote[] } {
  const path = resolvePath(app.script, cwd, context.home);
  const facts = context.inspect(path);
  const shell = isShellLine(app.script, app.shell, () => facts.kind !== 'missing');
  const args = readWords(app.args);
  const interpreterArgs = readWords(app.interpreter_args);
  if (shell) {
    const { program, isInterpreter, notes } = chooseShell(app, cwd, context);
    const fields = {
      script: app.script,
      interpreter: program,
      interpreter_args: isInterpreter ? withoutLineFlag(interpreterArgs) : [],
      args,
      shell,
    };
    return { fields, notes };
  }
  const isCommand = facts.kind === 'missing' && !app.script.includes('/');
  const command = isCommand && wantsCluster(app) ? nodeCommand(app, cwd, context) : null;
  if (command !== null) {
    const fields = { script: command, interpreter: 'node', interpreter_args: interpreterArgs, args, shell };
    return { fields, notes: [] };
  }
  const interpreter = app.interpreter ?? (isCommand ? 'none' : guessInterpreter(path, facts));
  return {
    fields: {
      script: isCommand && interpreter === 'none' ? app.script : path,
      interpreter: interpreter.includes('/') ? resolvePath(interpreter, cwd, context.home) : interpreter,
      interpreter_args: interpreterArgs,
      args,
      shell,
    },
    notes: [...interpreterNotes(app), ...fileNotes({ path, facts, interpreter, context })],
  };
}

/**
 * Where a command on PATH is whose first line names Node, as PM2 finds it: run by Node, its instances can share their
 * sockets. What starts Node in its turn cannot.
 */
function nodeCommand(app: App, cwd: string, context: NormaliseContext): string | null {
  if (app.interpreter !== undefined || isSpawner(app.script)) return null;
  const own = app.env?.['PATH'];
  const folders = (typeof own === 'string' ? own : (context.environment['PATH'] ?? '')).split(':');
  const paths = folders.filter((folder) => folder !== '').map((folder) => resolve(cwd, folder, app.script));
  const found = paths.find((path) => context.inspect(path).executable);
  const shebang = found === undefined ? null : context.inspect(found).shebang;
  return shebang !== null && NODE_SHEBANG.test(shebang) ? (found ?? null) : null;
}

/** `-c` is added anyway. */
function withoutLineFlag(args: readonly string[]): readonly string[] {
  return args.at(-1) === '-c' ? args.slice(0, -1) : args;
}

function guessInterpreter(path: string, facts: FileFacts): string {
  const known = INTERPRETERS[extname(path).toLowerCase()];
  if (known !== undefined && facts.kind !== 'folder') return known;
  if (facts.kind === 'folder') return 'node';
  if (facts.shebang !== null) return NODE_SHEBANG.test(facts.shebang) ? 'node' : 'none';
  return facts.binary || facts.kind === 'missing' ? 'none' : 'node';
}

function interpreterNotes(app: App): SpecNote[] {
  if (app.interpreter === undefined || !/^node@/.test(app.interpreter)) return [];
  const message = `${JSON.stringify(app.interpreter)} is not a program: stateward does not install versions of Node`;
  const hint = 'give the path of the node binary';
  return [{ level: 'error', code: 'CONFIG_BAD_VALUE', path: ['interpreter'], message, hint }];
}

function fileNotes(at: {
  path: string;
  facts: FileFacts;
  interpreter: string;
  context: NormaliseContext;
}): SpecNote[] {
  const { path, facts, interpreter, context } = at;
  const note = (message: string, hint: string): SpecNote[] => [
    { level: 'error', code: 'CONFIG_SCRIPT_NOT_FOUND', path: ['script'], message, hint },
  ];
  if (facts.kind === 'folder') {
    const mains = ['package.json', 'index.js'];
    if (mains.some((name) => context.inspect(join(path, name)).kind === 'file')) return [];
    return note(`${path} is a folder without package.json`, 'name the file to run');
  }
  if (facts.kind === 'file' && interpreter === 'none' && !facts.executable) {
    return note(`${path} is not executable`, `run \`chmod +x ${path}\`, or set \`interpreter\``);
  }
  return [];
}

/** A list stays as it is; a text is split on blanks and quotes. */
export function readWords(
  value: string | readonly (string | number | boolean)[] | undefined,
): readonly string[] {
  if (value === undefined) return [];
  return typeof value === 'string' ? splitWords(value) : value.map(String);
}

/** The base name of the script without its extension; for a shell line, of its first word. */
export function nameOfScript(run: Pick<AppSpec, 'script' | 'shell'>): string {
  const words = run.shell ? splitWords(run.script) : [run.script];
  // A variable before the program is not a name, and may be a secret.
  const first = words.find((word) => !/^[A-Za-z_]\w*=/.test(word)) ?? words[0] ?? run.script;
  const base = basename(first);
  return base.slice(0, base.length - extname(base).length);
}
