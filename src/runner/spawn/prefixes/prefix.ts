/**
 * A program in front of that of the app. It prepares the process that it is, and becomes the next program by exec(3): the
 * pid, the streams and all other descriptors stay, and nothing is left of it.
 */
export interface Prefix {
  /** The key of the file that asks for it: `user`. */
  readonly key: string;
  /** Name of the program, looked for in the folders of the system alone. */
  readonly program: string;
  /** What stands between the program and the next one, with the `--` that ends options where it needs one. */
  readonly args: readonly string[];
  /** What it is for, where to get it: `setpriv(1) of util-linux is needed to run a process as another user`. */
  readonly need: string;
}

/** A program and its arguments. */
export interface Argv {
  readonly file: string;
  readonly args: readonly string[];
}

/** The command with the programs in front of it, first one first; `files`: where each is, in the same order. */
export function behind(prefixes: readonly Prefix[], files: readonly string[], command: Argv): Argv {
  return prefixes.reduceRight<Argv>(
    (next, { program, args }, index) => ({
      file: files[index] ?? program,
      args: [...args, next.file, ...next.args],
    }),
    { file: command.file, args: command.args },
  );
}
