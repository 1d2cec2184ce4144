import type { Failure } from '../lib/failure.ts';
import type { Result } from '../lib/result.ts';
import { err, ok } from '../lib/result.ts';
import { ownWords } from './fast/exec-line.ts';
import { foreignHint } from './foreign/foreign-words.ts';
import { nearest } from '../lib/nearest.ts';

/** What the first words of a command line mean. */
export type Invocation =
  | { readonly kind: 'help'; readonly subject: readonly string[] }
  | { readonly kind: 'run'; readonly id: string; readonly argv: readonly string[] };

/** Names of a command and where it is in the table: id with `:` between its words, and its aliases. */
export interface CommandNames {
  readonly id: string;
  readonly aliases: readonly string[];
  /** Only such a command is suggested for an unknown word: suggestions get typed without much thought. */
  readonly changesNothing: boolean;
}

const HELP_FLAGS: readonly string[] = ['--help', '-h'];

/**
 * Finds the command that `argv` names. Only exact names and declared aliases count: no abbreviations, and an unknown
 * word is a failure with the nearest command as its hint, never a question.
 */
export function resolveCommand(
  argv: readonly string[],
  commands: readonly CommandNames[],
): Result<Invocation, Failure> {
  const [first, second] = argv;
  if (first === undefined) return ok({ kind: 'help', subject: [] });
  const isHelpVerb = first === 'help' || HELP_FLAGS.includes(first);
  if (!isHelpVerb && first.startsWith('-')) return err(strayFlag(first));
  const words = isHelpVerb ? argv.slice(1).filter((word) => !word.startsWith('-')) : [first, second ?? ''];
  if (isHelpVerb && words.length === 0) return ok({ kind: 'help', subject: [] });
  const found = findCommand(words, commands);
  if (found === null) {
    const typed = isHelpVerb ? words : argv.filter((word) => !word.startsWith('-'));
    return unknownOrTopic(typed, commands, isHelpVerb || asksForHelp(argv));
  }
  if (isHelpVerb || asksForHelp(argv)) return ok({ kind: 'help', subject: found.id.split(':') });
  return ok({ kind: 'run', id: found.id, argv: argv.slice(found.words) });
}

function asksForHelp(argv: readonly string[]): boolean {
  const words = ownWords(argv);
  const end = words.indexOf('--');
  return (end === -1 ? words : words.slice(0, end)).some((argument) => HELP_FLAGS.includes(argument));
}

function findCommand(
  [first = '', second = '']: readonly string[],
  commands: readonly CommandNames[],
): { readonly id: string; readonly words: number } | null {
  const two = commands.find(({ id }) => id === `${first}:${second}`);
  if (two !== undefined) return { id: two.id, words: 2 };
  const one = commands.find(({ id, aliases }) => id === first || aliases.includes(first));
  return one === undefined ? null : { id: one.id, words: 1 };
}

function unknownOrTopic(
  typed: readonly string[],
  commands: readonly CommandNames[],
  help: boolean,
): Result<Invocation, Failure> {
  const [first = '', second = ''] = typed;
  const below = commands.filter(({ id }) => id.startsWith(`${first}:`));
  const isTopic = below.length > 0;
  if (isTopic && (help || second === '' || second.startsWith('-'))) {
    return ok({ kind: 'help', subject: [first] });
  }
  const offered = (isTopic ? below : commands).filter(({ changesNothing }) => changesNothing);
  const [word, names] = isTopic
    ? [second, offered.map(({ id }) => id.slice(first.length + 1))]
    : [first, [...offered.flatMap(firstWords), ...groupsOf(commands)]];
  const prefix = isTopic ? `stateward ${first} ` : 'stateward ';
  const meant = nearest(word, names);
  // Of a group, the command in it as well, where that is there.
  const inner = offered.some(({ id }) => id === `${meant ?? ''}:${second}`) ? ` ${second}` : '';
  return err({
    code: 'USAGE',
    message: `unknown command ${JSON.stringify(isTopic ? `${first} ${word}` : word)}`,
    hint:
      foreignHint(typed) ??
      (isTopic ? undefined : sameHint(word, commands)) ??
      (meant === null ? `${prefix}--help lists the commands` : `did you mean ${prefix}${meant}${inner}?`),
  });
}

function firstWords({ id, aliases }: CommandNames): readonly string[] {
  return id.includes(':') ? [] : [id, ...aliases];
}

/** Groups of commands: alone, such a word shows what is in it. */
function groupsOf(commands: readonly CommandNames[]): readonly string[] {
  return [...new Set(commands.flatMap(({ id }) => (id.includes(':') ? [id.slice(0, id.indexOf(':'))] : [])))];
}

function strayFlag(flag: string): Failure {
  return {
    code: 'USAGE',
    message: `${flag} is about a command, and none is named`,
    hint: 'name it: stateward get, or stateward help, which lists them',
  };
}

/** The same word in other letters, as `startorreload` or `send-signal`: it can mean nothing else, whatever it does. */
function sameHint(word: string, commands: readonly CommandNames[]): string | undefined {
  const plain = (text: string): string => text.replaceAll(/[-_]/g, '').toLowerCase();
  const meant = commands
    .flatMap(({ id, aliases }) => [id, ...aliases])
    .find((name) => !name.includes(':') && plain(name) === plain(word));
  return meant === undefined ? undefined : `did you mean stateward ${meant}?`;
}
