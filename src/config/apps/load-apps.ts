import { dirname } from 'node:path';
import type { Failure } from '../../lib/failure.ts';
import { err, ok, type Result } from '../../lib/result.ts';
import type { App, Variables } from '../../spec/generated/ecosystem.ts';
import { normalise } from '../../spec/normalise/normalise.ts';
import { overlay } from '../../spec/normalise/normalise-env.ts';
import { resolvePath } from '../../spec/normalise/normalise-path.ts';
import { readList } from '../../spec/normalise/values.ts';
import type { UnreadVariables } from '../../spec/types.ts';
import type { SpecNote } from '../../spec/normalise/normalise-context.ts';
import { checkApp } from './check-app.ts';
import { checkHost } from './host/check-host.ts';
import { checkSources, sourceWarnings } from './secrets/check-sources.ts';
import type { LoadedApp } from './check-project.ts';
import { missingCommands } from './host/missing-commands.ts';
import { appFailure, type DeclaredApp } from '../shape/declared-app.ts';
import { inItsFolder } from './app-folder.ts';
import { envFileNotes, envFilePaths, readEnvFiles, type EnvFileCache } from './env-files.ts';
import { visibleSecretNotes } from './secrets/visible-secrets.ts';
import { withoutSession } from './whole-environment.ts';
import type { Disk } from './inspect.ts';
import type { ReadAppsContext } from '../shape/read-apps.ts';

export interface AppsContext {
  readonly env: string | null;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** The folder that the command runs in. */
  readonly cwd: string;
  readonly cpus: number;
  readonly disk: Disk;
  readonly envFiles: EnvFileCache;
  /** `env` and `env_NAME` of the project. */
  readonly projectEnv?: Readonly<Record<string, Variables>>;
  /** What to do about what this host lacks. Absent: refuse it. */
  readonly hostChecks?: HostChecks;
}

/** `warn` and `skip` are for where a file is looked at and not applied: another machine builds, and has the users. */
export type HostChecks = 'refuse' | 'warn' | 'skip';

export interface LoadedApps {
  readonly apps: readonly LoadedApp[];
  readonly failures: readonly Failure[];
  readonly notes: readonly { readonly app: LoadedApp; readonly note: SpecNote }[];
  /** What this host lacks, where that is not a failure. */
  readonly warnings: readonly Failure[];
}

/** Makes specs of the valid apps of one file. A mistake in one does not keep the others from being checked. */
export function loadApps(
  declared: readonly DeclaredApp[],
  fileDir: string,
  context: AppsContext,
): LoadedApps {
  const apps: LoadedApp[] = [];
  const failures: Failure[] = [];
  const notes: { app: LoadedApp; note: SpecNote }[] = [];
  const warnings: Failure[] = [];
  for (const entry of declared) {
    const loaded = loadApp(entry, fileDir, context);
    if (!loaded.ok) {
      failures.push(...loaded.error);
      continue;
    }
    apps.push(loaded.value.app);
    failures.push(...loaded.value.failures);
    warnings.push(...loaded.value.warnings);
    for (const note of loaded.value.notes) notes.push({ app: loaded.value.app, note });
  }
  return { apps, failures, notes, warnings };
}

function loadApp(
  written: DeclaredApp,
  folder: string,
  context: AppsContext,
): Result<
  {
    readonly app: LoadedApp;
    readonly failures: readonly Failure[];
    readonly warnings: readonly Failure[];
    readonly notes: readonly SpecNote[];
  },
  readonly Failure[]
> {
  const { environment, cpus, disk, env, cwd } = context;
  const home = environment['HOME'] ?? null;
  const { declared, fileDir } = inItsFolder(written, folder, home);
  const envFile = readEnvFiles(declared, { fileDir, home, disk }, context.envFiles);
  const { hostChecks = 'refuse' } = context;
  if (!envFile.ok && hostChecks === 'refuse') return err(envFile.error);
  const { app, notes: envNotes } = withoutSession(declared.app, declared.document.expands ? {} : environment);
  const { spec, notes } = normalise(app, {
    fileDir,
    home,
    cpus,
    envName: env,
    environment,
    ...(context.projectEnv !== undefined && { projectEnv: context.projectEnv }),
    envFile: envFile.ok ? envFile.value : {},
    inspect: disk.inspect,
    packageScripts: disk.packageScripts,
  });
  const place: DeclaredApp = { ...declared, name: declared.name ?? spec.name };
  const errors = declared.app.script === '' ? [] : notes.filter(({ level }) => level === 'error');
  const failures = errors.map((note) => noteFailure(place, note));
  const checks = checkApp(place, spec, errors);
  const searchPath = environment['PATH'] ?? '';
  const isSkipped = hostChecks === 'skip';
  const isLooked = !isSkipped;
  const host = { disk, fileDir, cwd, searchPath };
  const lacking = isLooked
    ? [...checkHost(place, spec, host), ...checkSources(place, spec, { disk, envName: env })]
    : [];
  const absent = isLooked ? missingCommands(place, spec, host) : [];
  const advice = isLooked ? sourceWarnings(place, spec, { disk, searchPath, envName: env }) : [];
  const unread = envFile.ok || isSkipped ? [] : envFile.error;
  const warnings = [
    ...envNotes,
    ...envFileNotes(declared),
    ...notes,
    ...advice,
    ...visibleSecretNotes(spec),
  ].filter(({ level }) => level === 'warning');
  const isRefused = hostChecks === 'refuse';
  return ok({
    app: {
      declared: place,
      spec,
      envFiles: envFilePaths(declared, { fileDir, home }),
      ...(!envFile.ok && isSkipped && { unread: unreadOf(app, env) }),
    },
    failures: [...failures, ...checks, ...(isRefused ? lacking : [])],
    warnings: [...(isRefused ? [] : [...unread, ...lacking].map(asWarning)), ...absent],
    notes: warnings,
  });
}

/** What the app says of variables itself wins over its files. */
function unreadOf(app: App, envName: string | null): UnreadVariables {
  const own = { ...app.env, ...(envName === null ? {} : overlay(app, envName)) };
  return { files: readList(app.env_file), known: Object.keys(own) };
}

function asWarning(failure: Failure): Failure {
  const details = [...(failure.details ?? []), 'apply refuses it on a host where it is so'];
  return { ...failure, details };
}

function noteFailure(declared: DeclaredApp, { path, code, message, hint }: SpecNote): Failure {
  return appFailure(declared, { path }, { code, message, ...(hint === undefined ? {} : { hint }) });
}

/** What the texts of a file are read with; relative paths in it start at `fileDir`. */
export function readingOf(fileDir: string, { environment, disk }: AppsContext): ReadAppsContext {
  const home = environment['HOME'] ?? null;
  const namesFile: ReadAppsContext['namesFile'] = (script, cwd = '.', dir) =>
    disk.inspect(resolvePath(script, resolvePath(cwd, dir ?? fileDir, home), home)).kind !== 'missing';
  return { environment, namesFile };
}

/** The folder that relative paths of a file start from. */
export function folderOf(path: string, cwd: string): string {
  return path === '-' ? cwd : dirname(path);
}
