import type { Failure } from '../../lib/failure.ts';
import { err, ok, type Result } from '../../lib/result.ts';
import type { SpecNote } from '../../spec/normalise/normalise-context.ts';
import { resolvePath } from '../../spec/normalise/normalise-path.ts';
import { readList } from '../../spec/normalise/values.ts';
import { variablesOf } from '../../spec/read-from/read-from.ts';
import { appFailure, type DeclaredApp } from '../shape/declared-app.ts';
import { mayBeOfPm2 } from '../read/find/file-names.ts';
import { LIMITS } from '../read/limits.ts';
import { behindLinkHint } from './host/missing-script.ts';
import type { Disk } from './inspect.ts';

export type Variables = Readonly<Record<string, string>>;

/** Env files that were read already, by absolute path: apps often share one. */
export type EnvFileCache = Map<string, Result<Variables, string>>;

/** Where the env files of an app are. */
export function envFilePaths(
  declared: DeclaredApp,
  { fileDir, home }: { readonly fileDir: string; readonly home: string | null },
): readonly string[] {
  return readList(declared.app.env_file).map((name) => resolvePath(name, fileDir, home));
}

/** The variables of an app's env files, later files win; a file that cannot be read is an error. */
export function readEnvFiles(
  declared: DeclaredApp,
  at: { readonly fileDir: string; readonly home: string | null; readonly disk: Disk },
  cache: EnvFileCache,
): Result<Variables, readonly Failure[]> {
  const failures: Failure[] = [];
  const merged: Record<string, string> = {};
  const isList = Array.isArray(declared.app.env_file);
  for (const [index, name] of readList(declared.app.env_file).entries()) {
    const path = resolvePath(name, at.fileDir, at.home);
    const read = cache.get(path) ?? readEnvFile(path, at.disk);
    cache.set(path, read);
    if (read.ok) {
      Object.assign(merged, read.value);
    } else {
      const where = { path: isList ? ['env_file', index] : ['env_file'] };
      const hint =
        behindLinkHint(name, at.fileDir) ??
        `the path is relative to the ecosystem file's folder${isOfPm2(declared) ? OF_PM2 : ': make the file there, or leave `env_file` out'}`;
      failures.push(appFailure(declared, where, { code: 'CONFIG_NOT_FOUND', message: read.error, hint }));
    }
  }
  return failures.length > 0 ? err(failures) : ok(merged);
}

function readEnvFile(path: string, disk: Disk): Result<Variables, string> {
  const read = disk.read(path);
  if ('isTooLarge' in read) return err(`the env file ${path} is larger than ${LIMITS.fileBytes} bytes`);
  if ('bytes' in read) return ok(variablesOf(read.bytes.toString('utf8')));
  const { code } = read;
  const why = code === 'ENOENT' ? 'it is not there' : code;
  return err(`cannot read the env file ${path}: ${why}`);
}

const OF_PM2 =
  '. PM2 ignores `env_file`: leave it out where the app reads the file itself, or where it was never there';

function isOfPm2({ document: { file } }: DeclaredApp): boolean {
  return mayBeOfPm2(file);
}

/** In a file that PM2 may have read before: there, the key did nothing. */
export function envFileNotes(declared: DeclaredApp): readonly SpecNote[] {
  if (declared.app.env_file === undefined || !isOfPm2(declared)) return [];
  const message =
    'PM2 ignores env_file; here the app is given its variables. What is given wins over what the app reads with dotenv ' +
    'itself, and an edit of the file counts from the next apply';
  const hint = 'leave `env_file` out to have the app read the file as under PM2';
  return [{ level: 'warning', code: 'CONFIG_DIFFERS_FROM_PM2', path: ['env_file'], message, hint }];
}
