import type { Failure } from '../../lib/failure.ts';
import type { AppSpec } from '../../spec/types.ts';
import { cronProblem } from './cron.ts';
import { appFailure, type DeclaredApp } from '../shape/declared-app.ts';

/** Bytes: room for the suffixes of log files within the 255 that a file name has. */
const NAME_BYTES = 200;
const NAME = /^(?![.\-\s])[^/\\\p{Cc}]*[^/\\\s\p{Cc}]$/u;

/** What the schema cannot see in one app: its name, schedule and patterns. */
export function checkApp(declared: DeclaredApp, spec: AppSpec): readonly Failure[] {
  return [...checkName(declared, spec), ...checkCron(declared, spec), ...checkPatterns(declared, spec)];
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

function checkCron(declared: DeclaredApp, spec: AppSpec): Failure[] {
  const hint = 'for example "0 2 * * *" for every night at 2, or @hourly';
  const expressions = (['cron_restart', 'schedule'] as const).flatMap((field) => {
    const problem = spec[field] === null ? null : cronProblem(spec[field]);
    if (problem === null) return [];
    return [appFailure(declared, { path: [field] }, { code: 'CONFIG_BAD_VALUE', message: problem, hint })];
  });
  const { cron_timezone: zone } = spec;
  if (zone === null || isTimeZone(zone)) return expressions;
  const message = `${JSON.stringify(zone)} is not a time zone`;
  const what = { code: 'CONFIG_BAD_VALUE', message, hint: 'for example Europe/Berlin, or UTC' } as const;
  return [...expressions, appFailure(declared, { path: ['cron_timezone'] }, what)];
}

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

function checkPatterns(declared: DeclaredApp, spec: AppSpec): Failure[] {
  const probes = (['readiness', 'liveness', 'startup'] as const).filter(
    (probe) => spec[probe]?.log !== undefined && !isPattern(spec[probe].log),
  );
  return probes.map((probe) => {
    const message = 'this is not a regular expression';
    return appFailure(declared, { path: [probe, 'log'] }, { code: 'CONFIG_BAD_VALUE', message });
  });
}

function isPattern(text: string): boolean {
  try {
    new RegExp(text);
    return true;
  } catch {
    return false;
  }
}
