import { existsSync } from 'node:fs';
import { availableParallelism, userInfo } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { Failure } from '../../lib/failure.ts';
import { FailureError } from '../../lib/failure.ts';
import type { ProjectSpec } from '../../spec/types.ts';
import type { CliContext } from '../session/context.ts';

/** Names looked for in the working folder when no `-f` is given, in this order. */
const DEFAULT_FILES = [
  'ecosystem.yaml',
  'ecosystem.yml',
  'ecosystem.json',
  'ecosystem.config.js',
  'ecosystem.config.cjs',
  'ecosystem.config.mjs',
] as const;

const ECOSYSTEM_NAME = /\.(ya?ml|json|config\.[cm]?js)$/;

export interface Declared {
  readonly files: readonly string[];
  readonly projects: readonly ProjectSpec[];
  readonly warnings: readonly Failure[];
}

/** The ecosystem files that a command is about: those given, else the first default name that exists. Throws. */
export function ecosystemFiles(given: readonly string[] | undefined, cwd: string): readonly string[] {
  if (given !== undefined && given.length > 0) return given;
  const found = DEFAULT_FILES.find((name) => existsSync(join(cwd, name)));
  if (found !== undefined) return [found];
  throw new FailureError({
    code: 'CONFIG_NOT_FOUND',
    message: `there is no ecosystem file in ${cwd}`,
    hint: `name one with -f, or write one: ${DEFAULT_FILES[0]}`,
  });
}

/** Whether a path has the name of an ecosystem file, as PM2 tells them from scripts: by its ending. */
export function isEcosystemName(path: string): boolean {
  return ECOSYSTEM_NAME.test(path);
}

/** Reads and checks ecosystem files; every error in them is thrown at once. */
export async function readDeclared(
  files: readonly string[],
  env: string | undefined,
  context: CliContext,
): Promise<Declared> {
  const { loadProjects } = await import('../../config/load.ts');
  const result = await loadProjects({
    files,
    env: env ?? null,
    environment: context.env,
    cwd: context.cwd,
    readStdin: () => text(process.stdin),
    cpus: availableParallelism(),
    jsEvaluatorPath: context.files.evaluate,
  });
  if (result.ok) return { files, projects: result.value.projects, warnings: result.value.warnings };
  const [first, ...rest] = result.error;
  if (first === undefined) throw new Error('no reason was given why the ecosystem file is invalid');
  throw new FailureError(first, ...rest);
}

/** Who is behind this command, for the history: the login name, or the number of a user without one. */
export function whoAmI(): string {
  try {
    return userInfo().username;
  } catch {
    return `uid ${process.getuid?.() ?? 'unknown'}`;
  }
}
