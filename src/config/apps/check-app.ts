import type { Failure } from '../../lib/failure.ts';
import { meaninglessFields } from '../../spec/meaning.ts';
import type { SpecNote } from '../../spec/normalise/normalise-context.ts';
import type { AppSpec } from '../../spec/types.ts';
import { appFailure, type DeclaredApp } from '../shape/declared-app.ts';

/** Bytes: room for the suffixes of log files within the 255 that a file name has. */
const NAME_BYTES = 200;
const NAME = /^(?![.\-\s])[^/\\\p{Cc}]*[^/\\\s\p{Cc}]$/u;

/**
 * What the schema cannot see in one app: its name, schedule and patterns. `told`: what is known to be wrong with it, and is
 * not told again.
 */
export function checkApp(
  declared: DeclaredApp,
  spec: AppSpec,
  told: readonly SpecNote[] = [],
): readonly Failure[] {
  return [...checkName(declared, spec), ...checkMeaning(declared, spec, told)];
}

function checkName(declared: DeclaredApp, { name }: AppSpec): Failure[] {
  const isGiven = declared.app.name !== undefined;
  if (!isGiven && declared.app.script === '') return [];
  const path = [isGiven ? 'name' : 'script'];
  if (name.length > 100 || Buffer.byteLength(name) > NAME_BYTES) {
    const message = `the name is too long: 100 characters, or ${NAME_BYTES} bytes`;
    return [appFailure(declared, { path }, { code: 'CONFIG_BAD_VALUE', message })];
  }
  if (NAME.test(name)) return [];
  const message = `${JSON.stringify(name)} cannot be a name`;
  const hint = isGiven ? 'use a text without slashes that starts with a letter or a digit' : 'set `name`';
  return [appFailure(declared, { path }, { code: 'CONFIG_BAD_VALUE', message, hint })];
}

function checkMeaning(declared: DeclaredApp, spec: AppSpec, told: readonly SpecNote[]): Failure[] {
  const places = new Set(told.map(({ path }) => path.join('.')));
  const untold = meaninglessFields(spec).filter(({ path }) => !places.has(path.join('.')));
  return untold.map(({ path, message, hint }) =>
    appFailure(
      declared,
      { path },
      { code: 'CONFIG_BAD_VALUE', message, ...(hint !== undefined && { hint }) },
    ),
  );
}
