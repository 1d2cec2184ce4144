import { extname } from 'node:path';
import type { AppSpec } from '../types.ts';

/** The stream of `daemon run` that a declared path means; `-` means the one of the same name. */
export function streamOf(path: string, own: 'out' | 'error'): 'stdout' | 'stderr' | null {
  switch (path) {
    case '-':
      return own === 'out' ? 'stdout' : 'stderr';
    case '/dev/stdout':
    case '/dev/fd/1':
    case '/proc/self/fd/1':
      return 'stdout';
    case '/dev/stderr':
    case '/dev/fd/2':
    case '/proc/self/fd/2':
      return 'stderr';
    default:
      return null;
  }
}

/** The file that a slot writes to, of a declared path; null: nowhere. */
export function logFile(path: string, spec: Pick<AppSpec, 'merge_logs'>, slot: number): string | null {
  if (path === '/dev/null') return null;
  // A device has no numbered twins.
  if (spec.merge_logs || /^\/(?:dev|proc)\//.test(path)) return path;
  const extension = extname(path);
  return `${path.slice(0, path.length - extension.length)}-${slot}${extension}`;
}
