const BASE_NAMES = ['PATH', 'HOME', 'USER', 'LOGNAME', 'SHELL', 'LANG', 'TZ', 'TMPDIR'];
const BASE_PREFIX = 'LC_';

/** The base of the environment of every app (DESIGN §5): what a program needs to run at all, and no secrets. */
export function baseEnv(environment: Readonly<NodeJS.ProcessEnv>): Record<string, string> {
  const base: Record<string, string> = {};
  for (const [name, value] of Object.entries(environment)) {
    if (value !== undefined && (BASE_NAMES.includes(name) || name.startsWith(BASE_PREFIX)))
      base[name] = value;
  }
  return base;
}
