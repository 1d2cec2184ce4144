import { ownWords } from './exec-line.ts';

/** Commands of two words: flags may stand between them. */
const TOPICS: readonly string[] = ['daemon', 'rollout', 'import', 'help'];
/** Flags that may stand before the command and take a value. `-f` does where a file follows: `-f logs` follows a log. */
const TAKING_VALUE: readonly string[] = [
  ...['--home', '--output', '-o', '--file', '--env', '--only', '--name', '--namespace'],
  ...['--target', '--timeout', '--lines', '-n', '--since', '--grep', '--sort'],
];
/** Asked of the program, they are about no command. */
const HELP: readonly string[] = ['--help', '-h', '--version', '-v'];
const FILE_LIKE = /[./]|^-$/;

/**
 * The same command line with its words first: flags may stand before them, and every other reader of the line looks for
 * the command at its begin.
 */
export function wordsFirst(argv: readonly string[]): readonly string[] {
  const flags: string[] = [];
  let rest = withoutGlobals(argv, flags);
  const words: string[] = [];
  const [first] = rest;
  if (first !== undefined && !first.startsWith('-')) {
    words.push(first);
    rest = rest.slice(1);
    if (TOPICS.includes(first)) {
      rest = withoutGlobals(rest, flags);
      const [second] = rest;
      if (second !== undefined && !second.startsWith('-')) {
        words.push(second);
        rest = rest.slice(1);
      }
    }
    return [...words, ...flags, ...rest];
  }
  return [...rest, ...flags];
}

/** Takes the flags off the begin of `argv` and adds them to `flags`. */
function withoutGlobals(argv: readonly string[], flags: string[]): readonly string[] {
  let index = 0;
  for (; index < argv.length; index += 1) {
    const argument = argv[index] ?? '';
    const next = argv[index + 1];
    if (!/^-[^-]|^--./.test(argument) || HELP.includes(argument)) break;
    flags.push(argument);
    if (next === undefined || !takesValue(argument, next)) continue;
    flags.push(next);
    index += 1;
  }
  return argv.slice(index);
}

function takesValue(flag: string, next: string): boolean {
  return flag === '-f' ? FILE_LIKE.test(next) : TAKING_VALUE.includes(flag);
}

/** Whether the line asks for the version: no command has flags of these names. */
export function asksForVersion(argv: readonly string[]): boolean {
  const words = ownWords(argv);
  const end = words.indexOf('--');
  const own = end === -1 ? words : words.slice(0, end);
  return own.some((argument, index) => {
    if (argument !== '--version' && argument !== '-v') return false;
    // Behind a flag it can be that flag's value.
    return index === 0 || !/^-/.test(own[index - 1] ?? '');
  });
}
