import { readDeclared, type Declared, type ReadingOptions } from '../declare/project-files.ts';
import { usageError } from '../session/failures.ts';
import type { CliContext } from '../session/context.ts';
import { secretVars, variantsOf, variantWords, type FileFlags } from './variants.ts';

/** What files declare. `words`: the flags that vary it, for the history. */
export interface FlaggedFiles extends Declared {
  readonly words: string;
}

/** Reads the files that are named, as `fileFlags` say: the one way of every command that applies or compares files. */
export async function readFlagged(
  files: readonly string[] | undefined,
  flags: FileFlags,
  context: CliContext,
  options: Pick<ReadingOptions, 'hostChecks' | 'cpus'> = {},
): Promise<FlaggedFiles> {
  const variants = variantsOf(flags, files);
  const declared = await readDeclared(files, flags.env, context, { ...variants, ...options });
  const secrets = new Set(declared.projects.flatMap(({ source }) => secretVars(source)));
  return { ...declared, words: variantWords(variants, secrets) };
}

/** Throws when a flag says how a file is read, or which part of it counts, and there is none. */
export function checkNoFileFlags(
  flags: Partial<FileFlags> & Readonly<Record<string, unknown>>,
  {
    names = ['env', 'merge', 'var', 'only'],
    what,
    hint,
  }: {
    readonly names?: readonly string[];
    /** What is named instead of a file; absent: nothing is said of it. */
    readonly what?: string;
    readonly hint: string;
  },
): void {
  const given = names.find((name) => flags[name] !== undefined && flags[name] !== false);
  if (given === undefined) return;
  const none = what === undefined ? 'none is named' : `${what} is none`;
  throw usageError(`--${given} is about an ecosystem file, and ${none}`, hint);
}
