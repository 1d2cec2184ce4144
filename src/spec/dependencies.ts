import type { App } from './generated/ecosystem.ts';
import type { AppSpec, Dependency, DependencyCondition } from './types.ts';
import { readBoolean } from './normalise/values.ts';

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

/** One line of `depends_on`, whatever form it has in the spec. */
export interface DependencyEdge {
  readonly name: string;
  readonly condition: DependencyCondition;
  /** Whether the app is restarted when this dependency has got a new process. */
  readonly restart: boolean;
}

/** What an app depends on, sorted by name, so that the order of the file shows nowhere. */
export function dependencyEdges({ depends_on }: Pick<AppSpec, 'depends_on'>): readonly DependencyEdge[] {
  return Object.entries(depends_on)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, dependency]) =>
      typeof dependency === 'string'
        ? { name, condition: dependency, restart: false }
        : { name, ...dependency },
    );
}
