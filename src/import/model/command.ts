import { splitWords } from '../../spec/normalise/run/split-words.ts';
import type { Fields } from './imported.ts';

/** What a command line is as an app: `env` is what stands before it (`PORT=3000 node x`). */
export interface CommandFields {
  readonly fields: Fields;
  readonly env: Readonly<Record<string, string>>;
}

/** What only a shell understands. Braces and `~` count where they may begin a word. */
const SHELL =
  /[$`&|;<>()*?#!\n\\]|\[|(?:^|[\s=])~|\{|^\s*(?:\.|cd|export|source|set|if|for|while|ulimit|umask)\s/;
const ASSIGNMENT = /^([A-Za-z_]\w*)=(.*)$/s;

/** A line that a shell would run: as a program with arguments where no shell is needed for it, else as a shell line. */
export function shellCommand(line: string): CommandFields {
  const text = line.trim();
  if (SHELL.test(text)) return { fields: { script: text, shell: true }, env: {} };
  const words = [...splitWords(text)];
  const env: Record<string, string> = {};
  for (let match = ASSIGNMENT.exec(words[0] ?? ''); match !== null; match = ASSIGNMENT.exec(words[0] ?? '')) {
    env[match[1] ?? ''] = match[2] ?? '';
    words.shift();
  }
  if (words[0] === 'exec') words.shift();
  if (words.length === 0) return { fields: { script: text, shell: true }, env: {} };
  return { fields: programFields(words), env };
}

/** A line that a shell would run, as a command of an app: its words, or a shell with the line. */
export function commandWords(line: string): readonly string[] {
  const text = line.trim();
  const words = splitWords(text);
  const isPlain =
    !SHELL.test(text) && words[0] !== undefined && !ASSIGNMENT.test(words[0]) && words[0] !== 'exec';
  return isPlain ? words : ['sh', '-c', text];
}

/** Commands of which each runs when the one before has ended well, as one. Their words are taken as they are. */
export function oneAfterTheOther(commands: readonly (readonly string[])[]): readonly string[] {
  return ['sh', '-c', commands.map((words) => words.map(shellWord).join(' ')).join(' && ')];
}

/** A word so that a shell reads it as it is. */
export function shellWord(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;
}

/** A program with its arguments, as they are: no shell takes part. */
export function programFields(words: readonly string[]): Fields {
  const [program = '', ...args] = words;
  return nodeFields(program, args) ?? scriptFields(program, args) ?? { script: program, ...withArgs(args) };
}

/** Options of Node that take the next word. */
const NODE_VALUES = new Set([
  '-r',
  '--require',
  '--import',
  '--loader',
  '--experimental-loader',
  '-C',
  '--conditions',
]);

/** `node FLAGS file.js ARGS`: the file is the script, so that the agent is in it and its code is compared. */
function nodeFields(program: string, args: readonly string[]): Fields | null {
  const isTsx = /(?:^|\/)tsx$/.test(program);
  if (!isTsx && !/(?:^|\/)node(?:js)?$/.test(program)) return null;
  const flags: string[] = [];
  let at = 0;
  for (; at < args.length && (args[at] ?? '').startsWith('-'); at += 1) {
    const flag = args[at] ?? '';
    // `-e CODE`, `-` and what else runs no file.
    if (
      /^-(?:e|p|i|pe|-eval|-print|-test|-run|-watch|-watch-path)?$|^--(?:watch|test|eval|print|run)/.test(
        flag,
      )
    )
      return null;
    flags.push(flag);
    if (NODE_VALUES.has(flag)) flags.push(args[(at += 1)] ?? '');
  }
  const script = args[at];
  if (script === undefined || script === 'watch') return null;
  const own = isTsx ? ['--import', 'tsx', ...flags] : flags;
  return {
    script: fileOf(script),
    ...((isTsx || !/\.[cm]?js$/.test(script)) && { interpreter: 'node' }),
    ...(own.length > 0 && { interpreter_args: own }),
    ...withArgs(args.slice(at + 1)),
  };
}

/** `python3 app.py ARGS` and the like. */
function scriptFields(program: string, args: readonly string[]): Fields | null {
  const [script = '', ...rest] = args;
  const isScript =
    (/(?:^|\/)python[\d.]*$/.test(program) && script.endsWith('.py')) ||
    (/(?:^|\/)ruby$/.test(program) && script.endsWith('.rb')) ||
    (/(?:^|\/)php$/.test(program) && script.endsWith('.php'));
  if (!isScript || script.startsWith('-')) return null;
  return { script: fileOf(script), interpreter: program, ...withArgs(rest) };
}

/** A file is no command on PATH. */
function fileOf(path: string): string {
  return path.includes('/') ? path : `./${path}`;
}

function withArgs(args: readonly string[]): Fields {
  return args.length === 0 ? {} : { args };
}
