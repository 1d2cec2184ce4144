/** How the commands of `reads.ts` are called, with their aliases: the words that a line begins with, and the command. */
export const READ_NAMES: Readonly<Record<string, string>> = {
  ...alike('get', ['get', 'ls', 'list', 'l', 'ps', 'status']),
  ...alike('describe', ['describe', 'show', 'desc', 'info']),
  ...alike('logs', ['logs', 'log']),
  ...own('why', 'events', 'history', 'top', 'version', 'id', 'pid', 'jlist', 'ping'),
  ...own('rollout status', 'daemon status', 'audit list'),
  ...own('source list', 'source describe', 'source history'),
  ...own('notify list', 'notify describe', 'notify history'),
};

/** A command of `reads.ts` and what follows its name. */
export interface NamedRead {
  readonly name: string;
  readonly argv: readonly string[];
}

/** The read that a line names; null: it names none. */
export function readNamed(line: readonly string[]): NamedRead | null {
  for (const words of [2, 1]) {
    const typed = line.slice(0, words).join(' ');
    const name = Object.hasOwn(READ_NAMES, typed) ? READ_NAMES[typed] : undefined;
    if (name !== undefined) return { name, argv: line.slice(words) };
  }
  return null;
}

function alike(name: string, words: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(words.map((word) => [word, name]));
}

function own(...names: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(names.map((name) => [name, name]));
}
