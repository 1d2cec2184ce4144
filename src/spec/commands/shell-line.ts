import { basename } from 'node:path';
import { readBoolean } from '../normalise/values.ts';

/** Programs that take a line of shell with `-c`. */
const SHELLS: ReadonlySet<string> = new Set(['sh', 'bash', 'dash', 'zsh', 'ksh', 'mksh', 'ash', 'fish']);
const LINE_FLAG = /^-[a-z]*c$/i;
/** A reference counts as one word, whatever stands in its default. */
const REFERENCE = /\$\{[^}]*\}/g;

export function isShell(program: string): boolean {
  return SHELLS.has(basename(program));
}

/** `shell` of an app: whether it is one, and which; a text is the shell itself. */
export function readShell(value: boolean | string | undefined): {
  readonly isWanted: boolean | undefined;
  readonly program: string | null;
} {
  const isFlag = typeof value !== 'string' || value === 'true' || value === 'false';
  return isFlag ? { isWanted: readBoolean(value), program: null } : { isWanted: true, program: value };
}

/**
 * Whether a script is a shell line: where the app says so, or because it has blanks and names no file. A script that is
 * one reference is what the reference stands for.
 */
export function isShellLine(
  script: string,
  shell: boolean | string | undefined,
  namesFile: () => boolean,
): boolean {
  return readShell(shell).isWanted ?? (/\s/.test(script.trim().replace(REFERENCE, '')) && !namesFile());
}

/** Where in a command (`[bash, -c, LINE]`, `[env, A=1, sh, -ec, LINE]`) the shell line is; null: it has none. */
export function shellLineAt(command: readonly unknown[]): number | null {
  const shell = command.findIndex((word) => typeof word === 'string' && isShell(word));
  const isFlag = (word: unknown): boolean => typeof word === 'string' && LINE_FLAG.test(word);
  const flag = shell === -1 ? -1 : command.findIndex((word, index) => index > shell && isFlag(word));
  if (flag === -1 || flag + 1 >= command.length) return null;
  // Behind another program the word may be an argument as any other, unless it is followed as a shell is.
  const isFollowed = command.slice(shell + 1, flag).every((word) => String(word).startsWith('-'));
  return shell === 0 || isFollowed ? flag + 1 : null;
}

/**
 * A shell line of a file: `${VAR}` in it is the shell's, which reads it from the environment of the app. `$${` is `${`
 * here as everywhere, so that a file that escapes it means the same; `$$` alone is the shell's own.
 */
export function readShellLine(text: string): string {
  return text.replace(/\$\$(?=\{)/g, '$');
}

/** The line as it has to stand in a file for `readShellLine` to give it back. */
export function writeShellLine(text: string): string {
  return text.replace(/\$\$(?=\{)/g, '$$$$$$');
}

export function isPlainObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
