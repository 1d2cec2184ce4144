import type { Failure } from '../../lib/failure.ts';
import { LIMITS } from './limits.ts';
import { failureAt, placeText, type Place, type SourceFile, type Span } from './source.ts';

/** A key that a map has twice: points at the second and names the place of the first. */
export function duplicateKey(
  source: SourceFile,
  name: string,
  [first, second]: readonly [Place, Span],
): Failure {
  return failureAt(source, second, {
    code: 'CONFIG_DUPLICATE_KEY',
    message: `the key ${JSON.stringify(name)} is there twice`,
    details: [`first at ${placeText(source, first)}`],
  });
}

export function tooDeep(source: SourceFile, place: Place): Failure {
  const message = `the file is nested more than ${LIMITS.depth} levels deep`;
  return failureAt(source, place, { code: 'CONFIG_TOO_LARGE', message });
}

export function tooMuch(source: SourceFile): Failure {
  const message = 'the file holds too many values; those that aliases repeat count every time';
  return failureAt(source, null, { code: 'CONFIG_TOO_LARGE', message });
}

export function tooManyApps(source: SourceFile): Failure {
  const message = `the file has more than ${LIMITS.apps} apps`;
  return failureAt(source, null, { code: 'CONFIG_TOO_LARGE', message });
}

export function forbiddenKey(source: SourceFile, place: Span, name: string): Failure {
  const message = `the key ${JSON.stringify(name)} is not allowed`;
  return failureAt(source, place, { code: 'CONFIG_UNKNOWN_KEY', message });
}

export function emptyFile(source: SourceFile): Failure {
  const hint = 'write `apps:` with a list of apps';
  return failureAt(source, null, { code: 'CONFIG_MISSING_KEY', message: 'the file is empty', hint });
}
