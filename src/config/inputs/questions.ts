import {
  bytesOf,
  filesIn,
  findCommand,
  inspectFile,
  kindOf,
  modeOf,
  packageScripts,
  readability,
  withoutLinks,
} from './look.ts';

/** Where ecosystem files are read: what is not on its disk. */
export interface Surroundings {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Processors of the host. */
  readonly cpus: number;
}

/** What stands between the parts of a subject that has two. */
const BETWEEN = '\0';

/**
 * Everything that reading ecosystem files can ask of what is around it, with how it is answered. What a load gives follows
 * from its options and from these answers alone: the same answers to the same questions give the same declaration. So
 * nothing else below src/config looks at the disk, the environment or the host.
 */
export const QUESTIONS = {
  /** What is in a file: an ecosystem file, an env file, the tables of users. */
  bytes: bytesOf,
  kind: kindOf,
  /** The files in a folder. */
  files: filesIn,
  /** What a script, an interpreter or a folder is. */
  facts: inspectFile,
  /** Where a path leads without links. */
  real: withoutLinks,
  readability,
  mode: modeOf,
  scripts: packageScripts,
  /** Where a command is on a PATH: see `commandSubject`. */
  command: (subject: string) => {
    const [name = '', searchPath = ''] = subject.split(BETWEEN);
    return findCommand(name, searchPath);
  },
  /** A variable of the environment; null: it is not set. */
  variable: (name: string, { environment }: Surroundings) => environment[name] ?? null,
  /** All variables at once. */
  environment: (_: string, { environment }: Surroundings) => Object.entries(environment).toSorted(byName),
  processors: (_: string, { cpus }: Surroundings) => cpus,
  /** Who asks: what a user may read and run is another's business. */
  user: () => [
    process.getuid?.() ?? null,
    process.geteuid?.() ?? null,
    process.getegid?.() ?? null,
    process.getgroups?.() ?? null,
  ],
} satisfies Record<string, (subject: string, surroundings: Surroundings) => unknown>;

export type Question = keyof typeof QUESTIONS;
export type Answer<K extends Question> = ReturnType<(typeof QUESTIONS)[K]>;

/** The subject of the question where a command is. */
export function commandSubject(name: string, searchPath: string): string {
  return `${name}${BETWEEN}${searchPath}`;
}

function byName([one]: readonly [string, unknown], [other]: readonly [string, unknown]): number {
  return one < other ? -1 : 1;
}
