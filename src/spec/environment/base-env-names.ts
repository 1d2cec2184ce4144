const BASE_NAMES: ReadonlySet<string> = new Set([
  'PATH',
  'HOME',
  'USER',
  'LOGNAME',
  'SHELL',
  'LANG',
  'TZ',
  'TMPDIR',
]);
const BASE_PREFIX = 'LC_';

/** Whether every app gets this variable from the daemon: what a program needs to run at all, and no secrets. */
export function isBaseName(name: string): boolean {
  return BASE_NAMES.has(name) || name.startsWith(BASE_PREFIX);
}
