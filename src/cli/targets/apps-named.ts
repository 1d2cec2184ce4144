import type { App } from '../../api/contract/wire/apps.ts';
import { FailureError } from '../../lib/failure.ts';

/** Those that are named, or all where none is. Throws for a name that none has. */
export function appsNamed(apps: readonly App[], names: readonly string[]): readonly App[] {
  const unknown = names.find((name) => !apps.some((app) => app.name === name));
  if (unknown !== undefined) {
    throw new FailureError({
      code: 'SELECTOR_NOT_FOUND',
      message: `no app is called ${unknown}, in the file or there`,
      hint: `there are ${apps.map(({ name }) => name).join(', ') || 'none'}`,
    });
  }
  return names.length === 0 ? apps : apps.filter(({ name }) => names.includes(name));
}
