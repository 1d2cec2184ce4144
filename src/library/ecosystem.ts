import { readDeclared } from '../cli/declare/project-files.ts';
import type { Failure } from '../lib/failure.ts';
import type { ReadFrom } from '../spec/read-from/read-from.ts';
import type { ProjectSpec } from '../spec/types.ts';
import { guarded } from './stateward-error.ts';
import { quietContext, type Surroundings } from './surroundings.ts';

/** What ecosystem files declare, read and checked: for `plan` and `apply`. */
export interface Ecosystem {
  /** The files that were read, as they were named. */
  readonly files: readonly string[];
  /** The name of the environment that was merged in, or null. */
  readonly env: string | null;
  /** Every project with the specs of its apps: normalised, with defaults. */
  readonly projects: readonly ProjectSpec[];
  /** By project: hashes of the files that it was read from. */
  readonly readFrom?: Readonly<Record<string, ReadFrom>> | undefined;
  /** What is accepted and has no effect. */
  readonly warnings: readonly Failure[];
}

export interface LoadOptions extends Surroundings {
  /** Merges `env_NAME` over `env`, as `--env NAME`. */
  readonly env?: string;
  /** Lays each file over those before it, as `--merge`. */
  readonly merge?: boolean;
  /** Values for `${vars.NAME}`, as `--var NAME=VALUE`. */
  readonly vars?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

/**
 * Reads ecosystem files (paths of files or folders; none: that of the working folder), as `-f` does. JavaScript runs in a
 * process of its own. Rejects with every mistake at once: `failures`, each with its `position` and a `frame`.
 */
export function loadEcosystem(
  files?: string | readonly string[],
  options: LoadOptions = {},
): Promise<Ecosystem> {
  const { env, signal, merge = false, vars = {} } = options;
  const given = typeof files === 'string' ? [files] : files === undefined ? undefined : [...files];
  return guarded(signal, async () => {
    const declared = await readDeclared(given, env, quietContext(options), { merge, vars });
    return { ...declared, env: env ?? null };
  });
}
