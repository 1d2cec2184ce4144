import { dirname } from 'node:path';
import type { Failure } from '../../lib/failure.ts';
import { errorCode, errorMessage } from '../../lib/system-error.ts';
import type { EnvelopeProblem } from './envelope.ts';

/** What was found of one version of a state file. */
export type Version =
  | { readonly kind: 'data'; readonly data: unknown }
  | { readonly kind: 'missing' }
  /** What it holds is not known, and may be as it was written: nothing may take its place. */
  | { readonly kind: 'closed'; readonly message: string; readonly wayOut: string }
  | EnvelopeProblem;

/** Why a file below the state folder cannot be written. */
export interface WriteProblem {
  readonly file: string;
  /** `no space left on device`. */
  readonly why: string;
  /** `make room on the disk of /home/deploy/.stateward/state`. */
  readonly wayOut: string;
}

/** Errors of the system in words, each with what to do about it; the words are those of strerror. */
const KNOWN: Readonly<Record<string, readonly [why: string, wayOut: (folder: string) => string]>> = {
  ENOSPC: ['no space left on device', (folder) => `make room on the disk of ${folder}`],
  EDQUOT: ['disk quota exceeded', (folder) => `make room in your quota on the disk of ${folder}`],
  EROFS: ['read-only file system', (folder) => `mount the disk of ${folder} for writing`],
  EIO: ['input/output error', (folder) => `look at the disk of ${folder}: dmesg says more`],
  EMFILE: [
    'too many open files',
    () => 'raise the limit of open files (ulimit -n) and start the daemon again',
  ],
  ENFILE: ['too many open files in the system', () => 'raise fs.file-max'],
  EEXIST: [
    'there is something else in its place',
    (folder) => `move away what is not a folder below ${folder}`,
  ],
  ENOTDIR: ['not a folder', (folder) => `move away what is not a folder below ${folder}`],
  EACCES: ['permission denied', (folder) => `make ${folder} writable for the user of the daemon`],
  EPERM: ['operation not permitted', (folder) => `make ${folder} writable for the user of the daemon`],
};

/** Of these nothing follows for the file itself: it is as it was. */
const PASSING = ['EMFILE', 'ENFILE', 'ENOMEM', 'EACCES', 'EPERM'];

/** Says of an error that a write met what it is about. */
export function writeProblem(file: string, error: unknown): WriteProblem {
  const folder = dirname(file);
  const [why, wayOut] = KNOWN[errorCode(error) ?? ''] ?? [errorMessage(error), () => `mend ${folder}`];
  return { file, why, wayOut: wayOut(folder) };
}

/** A failure to write, as people read it. */
export function writeFailure({ file, why, wayOut }: WriteProblem): Failure {
  return {
    code: 'STATE_WRITE',
    message: `cannot save the state: ${file}: ${why}`,
    hint: `nothing was changed; ${wayOut}, then run the command again. stateward stop works all the same`,
  };
}

/** The state folder cannot be used at all. */
export function openFailure(root: string, error: unknown): Failure {
  const path = (error as NodeJS.ErrnoException | null)?.path;
  const { file, why, wayOut } = writeProblem(path ?? root, error);
  return {
    code: 'STATE_UNREADABLE',
    message: `cannot open the state: ${file}: ${why}`,
    hint: `${wayOut}, then run the command again; running apps are left alone`,
  };
}

/** What an error says about a file that could not be read. */
export function unreadVersion(path: string, error: unknown): Version {
  const code = errorCode(error) ?? '';
  if (code === 'ENOENT') return { kind: 'missing' };
  const [why, wayOut] = KNOWN[code] ?? [errorMessage(error), () => `mend ${path}`];
  const message = `it cannot be read (${code === '' ? why : code})`;
  if (!PASSING.includes(code)) return { kind: 'corrupt', message };
  const way = code === 'EACCES' || code === 'EPERM' ? `make ${path} readable again` : wayOut(dirname(path));
  return { kind: 'closed', message: `it cannot be read (${code}: ${why})`, wayOut: way };
}

/** A file that may be whole cannot be looked at, so nothing is done at all. */
export function closedFailure(
  path: string,
  { message, wayOut }: Extract<Version, { kind: 'closed' }>,
): Failure {
  return {
    code: 'STATE_UNREADABLE',
    message: `cannot read the state: ${path}: ${message}`,
    hint: `${wayOut}, then run the command again; running apps are left alone`,
  };
}

/** Neither the newest nor the previous version of a file can be used. */
export function unreadableFailure(path: string, versions: readonly Version[]): Failure {
  const problems = versions.map((version) =>
    version.kind === 'corrupt' || version.kind === 'closed'
      ? version.message
      : version.kind === 'missing'
        ? 'there is none'
        : version.kind,
  );
  return {
    code: 'STATE_UNREADABLE',
    message: `cannot read the state: ${path}: ${problems[0] ?? 'unknown'}; previous version: ${problems[1] ?? 'unknown'}`,
    hint: `put back a copy of ${path}, or move it and ${path}.prev away: then the last revision of the project is taken, and what was stopped by hand starts again; until then running apps are left alone`,
  };
}

/** A newer stateward wrote the file; `format`: its version, where it says one. */
export function newerFailure(path: string, format: number): Failure {
  return {
    code: 'STATE_NEWER',
    message: `cannot read the state: ${path} was written by a newer stateward (format ${format})`,
    hint: 'install that version again, or start with another STATEWARD_HOME',
  };
}
