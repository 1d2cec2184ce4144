import { splitWords } from '../../spec/normalise/run/split-words.ts';
import { isShell } from '../../spec/commands/shell-line.ts';
import { signalNamed } from '../../lib/signals.ts';
import { shellWord } from '../model/command.ts';
import { systemdWords } from './words.ts';

/** One command of `ExecReload=` and the like. */
export interface ExecLine {
  /** As it is written, with its prefixes. */
  readonly text: string;
  readonly words: readonly string[];
  /** `-`: whether a failure counts. */
  readonly isOptional: boolean;
  /** The prefixes about rights: `+`, `!`, `!!`, `|`. */
  readonly rights: string;
}

/** A command with its prefixes: `-` ignores a failure, `@` names argv[0], `:` takes variables as they are, the others are about rights. */
export function execLine(text: string): ExecLine {
  const [, prefix = '', line = ''] = /^([-@:+!|]*)\s*(.*)$/s.exec(text) ?? [];
  const [program, ...args] = systemdWords(line);
  const words = program === undefined ? [] : [program, ...(prefix.includes('@') ? args.slice(1) : args)];
  return {
    text,
    words: prefix.includes(':') ? words.map((word) => word.replaceAll('$', '$$$$')) : words,
    isOptional: prefix.includes('-'),
    rights: prefix.replaceAll(/[-@:]/g, ''),
  };
}

/** The signal that a command does nothing but send to the main process; undefined: it does something else. */
export function signalOfKill({ words }: Pick<ExecLine, 'words'>): string | undefined {
  const [program = '', flag = '', line = ''] = words;
  if (words.length === 3 && isShell(program) && flag === '-c' && !/[;&|<>`()\\]/.test(line))
    return signalOfKill({ words: splitWords(line) });
  if (!/(?:^|\/)kill$/.test(program) || !/^\$(?:MAINPID|\{MAINPID\})$/.test(words.at(-1) ?? ''))
    return undefined;
  const [option = '-TERM', value] = words.slice(1, -1);
  const isNamedApart = /^(?:-s|-n|--signal)$/.test(option);
  if (words.length > (isNamedApart ? 4 : 3)) return undefined;
  return signalNamed(isNamedApart ? (value ?? '') : option.replace(/^(?:--signal=|-s(?=[A-Z])|-)/, ''));
}

export interface CommandOptions {
  /** Whether one that fails keeps the next ones from running, and counts. */
  readonly failureCounts: boolean;
  /** The variable that has the pid of the main process. */
  readonly pid: 'MAINPID' | 'STATEWARD_PID';
}

/** Commands that run one after the other, as one of ours: itself, or a line for a shell where it takes one. */
export function commandOf(
  lines: readonly ExecLine[],
  { failureCounts, pid }: CommandOptions,
): readonly string[] {
  const named = lines.map((line) => ({
    ...line,
    words: line.words.map((word) => word.replaceAll(/\$(\{?)MAINPID\b/g, `$$$1${pid}`)),
  }));
  const [first, ...more] = named;
  if (first === undefined) return [];
  const isAlone = more.length === 0 && !(first.isOptional && failureCounts);
  if (isAlone && (isShellLine(first) || !first.words.some(hasVariable))) return first.words.map(plainWord);
  return ['sh', '-c', named.map((line) => shellPart(line, isAlone)).join(' && ')];
}

/** What the shell would read is in its own line already. */
function isShellLine({ words: [program = '', flag, , ...rest] }: ExecLine): boolean {
  return isShell(program) && flag === '-c' && !rest.some(hasVariable);
}

/** Whether systemd puts a variable in: `${X}` in a word, `$X` as a word. `$$` is a dollar. */
export function hasVariable(word: string): boolean {
  const text = word.replaceAll('$$', '');
  return /\$\{\w+\}/.test(text) || /^\$[A-Za-z_]\w*$/.test(text);
}

/** A word without a variable, as the program gets it. */
export function plainWord(word: string): string {
  return word.replaceAll('$$', '$');
}

function shellPart(line: ExecLine, isAlone: boolean): string {
  return line.isOptional && !isAlone ? `{ ${shellLine(line)} || true; }` : shellLine(line);
}

/** A command as a shell reads it. */
export function shellLine({ words }: Pick<ExecLine, 'words'>): string {
  return words.map(wordForShell).join(' ');
}

/** A word of systemd as a shell reads it: variables only where systemd has them. */
function wordForShell(word: string): string {
  if (/^\$[A-Za-z_]\w*$/.test(word)) return word;
  if (!hasVariable(word)) return shellWord(plainWord(word));
  const parts = word.split(/(\$\$|\$\{\w+\})/).map((part, index) => {
    if (index % 2 === 1 && part !== '$$') return part;
    return part.replaceAll('$$', '$').replaceAll(/["\\$`]/g, String.raw`\$&`);
  });
  return `"${parts.join('')}"`;
}
