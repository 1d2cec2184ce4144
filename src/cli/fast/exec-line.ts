/** Flags of `exec` that take a value, besides those of every command. */
const TAKING_VALUE: readonly string[] = [
  ...['-e', '--env', '-u', '--user', '-l', '--selector', '-n', '--namespace', '--home'],
];

/** A line of `exec`, without that word. */
export interface ExecLine {
  /** Flags of `exec`, and the app. */
  readonly own: readonly string[];
  /** The command and its arguments: nobody else looks at them. */
  readonly command: readonly string[];
}

/**
 * Where the command begins: behind `--`, or with the word after the app. Flags may stand before and after the app
 * (`exec -it APP ls -l`, `exec APP -it -- ls -l`).
 */
export function splitExecLine(argv: readonly string[]): ExecLine {
  let hasApp = false;
  for (let index = 0; index < argv.length; index += 1) {
    const word = argv[index] ?? '';
    if (word === '--') return { own: argv.slice(0, index), command: argv.slice(index + 1) };
    if (word.startsWith('-') && word !== '-') {
      if (takesNext(word)) index += 1;
    } else if (hasApp) {
      return { own: argv.slice(0, index), command: argv.slice(index) };
    } else hasApp = true;
  }
  return { own: argv, command: [] };
}

/** `-e` does, `-ite` does, `-eA=b` and `--env=A=b` have theirs. */
function takesNext(flag: string): boolean {
  if (flag.startsWith('--')) return TAKING_VALUE.includes(flag);
  const letters = Array.from(flag.slice(1));
  const first = letters.findIndex((letter) => TAKING_VALUE.includes(`-${letter}`));
  return first !== -1 && first === letters.length - 1;
}

/** The words of a whole command line that are stateward's, and not those of a command that it runs. */
export function ownWords(argv: readonly string[]): readonly string[] {
  const [first, ...rest] = argv;
  return first === 'exec' ? [first, ...splitExecLine(rest).own] : argv;
}
