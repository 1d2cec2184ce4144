import type { Failure } from '../lib/failure.ts';
import { err, ok, type Result } from '../lib/result.ts';
import type { ProjectSpec } from '../spec/types.ts';
import { checkProject } from './apps/check-project.ts';
import { checkEnvironment } from './apps/environment-name.ts';
import { createDisk } from './apps/inspect.ts';
import { createInputs } from './inputs/inputs.ts';
import { loadApps, readingOf } from './apps/load-apps.ts';
import { readApps } from './shape/read-apps.ts';
import { readPlain } from './read/read-plain.ts';
import { sourceFile } from './read/source.ts';
import { noEffectWarnings, noteWarnings } from './apps/warnings.ts';

/** The project of apps that were started by hand. */
const BY_HAND = 'default';

export interface CommandLineOptions {
  /** The entry under `apps` that says the same as the flags: snake_case keys, values as a file would have them. */
  readonly app: Readonly<Record<string, unknown>>;
  /** The name given with `--env`. */
  readonly env?: string | null;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** The folder that the command runs in: relative paths start here. */
  readonly cwd: string;
  readonly cpus: number;
  /** Called with what is accepted and has no effect. */
  readonly onWarnings?: (warnings: readonly Failure[]) => void;
}

/** A script on the command line as a project of one app, `default`. Failures have no position. */
export function appFromCommandLine(options: CommandLineOptions): Result<ProjectSpec, readonly Failure[]> {
  const { app, env = null, environment, cwd, cpus } = options;
  const document = { ...sourceFile('<command line>', null), root: readPlain(app), expands: false };
  const disk = createDisk(createInputs({ environment, cpus }));
  const context = { env, environment, cwd, cpus, disk, envFiles: new Map() };
  const { file, failures: schema } = readApps(document, readingOf(cwd, context));
  if (file === null) return err(schema.map(withoutPosition));
  const loaded = loadApps(file.apps, cwd, context);
  const failures = [
    ...schema,
    ...loaded.failures,
    ...checkProject(loaded.apps),
    ...checkEnvironment(env, file.apps),
  ];
  if (failures.length > 0) return err(failures.map(withoutPosition));
  const warnings = [...noteWarnings(loaded.notes), ...noEffectWarnings(loaded.apps)];
  options.onWarnings?.(warnings.map(withoutPosition));
  const apps = loaded.apps.map(({ spec }) => spec);
  return ok({ project: BY_HAND, source: { files: [], env }, apps });
}

function withoutPosition({ position: _position, ...failure }: Failure): Failure {
  return failure;
}
