import { dirname } from 'node:path';
import type { Failure } from '../../lib/failure.ts';
import type { EnvelopeProblem } from './envelope.ts';
import { errorMessage } from '../../lib/system-error.ts';

/** What was found of one version of a state file. */
export type Version =
  { readonly kind: 'data'; readonly data: unknown } | { readonly kind: 'missing' } | EnvelopeProblem;

/** A failure to write, as people read it. */
export function writeFailure(path: string, error: unknown): Failure {
  const why = errorMessage(error);
  return {
    code: 'STATE_WRITE',
    message: `cannot save the state: ${why}`,
    hint: `nothing was changed; make room or mend ${dirname(path)}, then run the command again`,
  };
}

/** Neither the newest nor the previous version of a file can be used. */
export function unreadableFailure(path: string, versions: readonly Version[]): Failure {
  const problems = versions.map((version) =>
    version.kind === 'corrupt'
      ? version.message
      : version.kind === 'missing'
        ? 'there is none'
        : version.kind,
  );
  return {
    code: 'STATE_UNREADABLE',
    message: `cannot read the state: ${path}: ${problems[0] ?? 'unknown'}; previous version: ${problems[1] ?? 'unknown'}`,
    hint: `put back a copy of ${path}, or move it and ${path}.prev away and apply the ecosystem file again; running apps are left alone`,
  };
}

/** A newer stateward wrote the file. */
export function newerFailure(path: string, format: number): Failure {
  return {
    code: 'STATE_NEWER',
    message: `cannot read the state: ${path} was written by a newer stateward (format ${format})`,
    hint: 'install that version again, or start with another STATEWARD_HOME',
  };
}
