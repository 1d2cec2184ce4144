import type { App } from '../generated/ecosystem.ts';
import type { AppSpec, Dependency } from '../types.ts';
import { readBoolean } from './values.ts';

/** A name alone waits until that app is ready; the long form says only what the short one cannot. */
export function normaliseDependencies(declared: App['depends_on']): AppSpec['depends_on'] {
  if (declared === undefined) return {};
  if (Array.isArray(declared)) return Object.fromEntries(declared.map((name) => [name, 'ready' as const]));
  return Object.fromEntries(
    Object.entries(declared).map(([name, dependency]): [string, Dependency] => {
      if (typeof dependency === 'string') return [name, dependency];
      const condition = dependency.condition ?? 'ready';
      return [name, readBoolean(dependency.restart) === true ? { condition, restart: true } : condition];
    }),
  );
}
