/** Commands of two words: flags may stand between them. */
const TOPICS: readonly string[] = ['daemon', 'rollout', 'import', 'help'];
const TAKING_VALUE: readonly string[] = ['--home', '--output', '-o'];

/**
 * The same command line with its words first: global flags may stand before them, and every other reader of the line
 * looks for the command at its begin. Whatever else stands in front of a command is left there, to be complained of.
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

/** Takes the global flags off the begin of `argv` and adds them to `flags`. */
function withoutGlobals(argv: readonly string[], flags: string[]): readonly string[] {
  let index = 0;
  for (; index < argv.length; index += 1) {
    const argument = argv[index] ?? '';
    if (TAKING_VALUE.includes(argument)) {
      flags.push(argument, ...argv.slice(index + 1, index + 2));
      index += 1;
    } else if (argument === '--no-color' || /^--(home|output)=|^-o./.test(argument)) flags.push(argument);
    else break;
  }
  return argv.slice(index);
}

/** Whether the line asks for the version: no command has flags of these names. */
export function asksForVersion(argv: readonly string[]): boolean {
  const end = argv.indexOf('--');
  const own = end === -1 ? argv : argv.slice(0, end);
  return own.some((argument, index) => {
    if (argument !== '--version' && argument !== '-v') return false;
    // Behind a flag it can be that flag's value.
    return index === 0 || !/^-/.test(own[index - 1] ?? '');
  });
}
