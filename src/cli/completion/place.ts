import type { CommandPage, FlagPage } from '../pages/command-page.ts';

/** What can stand at a place of a command line. */
export type Kind =
  | { readonly kind: 'command' }
  | { readonly kind: 'second'; readonly first: string }
  | { readonly kind: 'flag'; readonly command: CommandPage; readonly used: readonly string[] }
  | { readonly kind: 'value'; readonly flag: FlagPage }
  | {
      readonly kind: 'argument';
      readonly command: CommandPage;
      readonly index: number;
      readonly used: readonly string[];
    }
  /** Behind `--`: it belongs to the script. */
  | { readonly kind: 'passed-on' };

/** Where the cursor is: what can stand there, and what is typed of it already. */
export interface Place {
  readonly what: Kind;
  readonly typed: string;
  /** What stands before `typed` in the same word: `--output=`. */
  readonly prefix: string;
}

/** Finds the place of the last of `words`, which are those behind the program's name; it may be empty. */
export function placeOf(words: readonly string[], pages: readonly CommandPage[]): Place {
  const typed = words.at(-1) ?? '';
  const before = words.slice(0, -1);
  const command = commandOf(before, pages);
  if (command === null) {
    const [first] = wordsOf(before, GLOBALS);
    const what: Kind = first === undefined ? { kind: 'command' } : { kind: 'second', first };
    return globalPlace(before, typed) ?? { what, typed, prefix: '' };
  }
  if (before.includes('--')) return { what: { kind: 'passed-on' }, typed, prefix: '' };
  const joined = /^(--[^=]+=)(.*)$/s.exec(typed);
  if (joined !== null) {
    const [, prefix = '', value = ''] = joined;
    const flag = flagNamed(prefix.slice(0, -1), command.flags);
    if (flag?.takesValue === true) return { what: { kind: 'value', flag }, typed: value, prefix };
  }
  const last = flagNamed(before.at(-1) ?? '', command.flags);
  if (last?.takesValue === true) return { what: { kind: 'value', flag: last }, typed, prefix: '' };
  if (typed.startsWith('-')) return { what: { kind: 'flag', command, used: before }, typed, prefix: '' };
  const used = wordsOf(before, command.flags).slice(command.name.split(' ').length);
  return { what: { kind: 'argument', command, index: used.length, used }, typed, prefix: '' };
}

/** The command that is typed already; null: none yet, or the first of its two words. */
function commandOf(before: readonly string[], pages: readonly CommandPage[]): CommandPage | null {
  const [first = '', second = ''] = wordsOf(before, GLOBALS);
  const two = pages.find(({ name }) => name === `${first} ${second}`);
  return two ?? pages.find(({ name, aliases }) => name === first || aliases.includes(first)) ?? null;
}

const GLOBAL: Omit<FlagPage, 'name'> = {
  description: '',
  takesValue: true,
  canBeOff: false,
  repeats: false,
  isGlobal: true,
};
/** What may stand before a command, and takes a value. */
const GLOBALS: readonly FlagPage[] = [
  { ...GLOBAL, name: 'home', value: 'DIR' },
  { ...GLOBAL, name: 'file', char: 'f', value: 'FILE' },
  { ...GLOBAL, name: 'env', value: 'NAME' },
  { ...GLOBAL, name: 'output', char: 'o', options: ['table', 'wide', 'json', 'yaml', 'name'] },
];

function globalPlace(before: readonly string[], typed: string): Place | null {
  const flag = flagNamed(before.at(-1) ?? '', GLOBALS);
  return flag === undefined ? null : { what: { kind: 'value', flag }, typed, prefix: '' };
}

/** The words without flags and their values. */
function wordsOf(line: readonly string[], flags: readonly FlagPage[]): readonly string[] {
  return line.filter(
    (word, index) => !word.startsWith('-') && flagNamed(line[index - 1] ?? '', flags)?.takesValue !== true,
  );
}

function flagNamed(word: string, flags: readonly FlagPage[]): FlagPage | undefined {
  if (word.startsWith('--')) return flags.find(({ name }) => word === `--${name}`);
  return word.startsWith('-')
    ? flags.find(({ char }) => char !== undefined && word === `-${char}`)
    : undefined;
}
