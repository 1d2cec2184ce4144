import type { AppSpec, DependencyCondition } from './types.ts';

/** One line of `depends_on`, whatever form it has in the spec. */
export interface DependencyEdge {
  readonly name: string;
  readonly condition: DependencyCondition;
  /** Whether the app is restarted when this dependency has got a new process. */
  readonly restart: boolean;
}

/** The jobs whose completion an app waits for. */
export function completionsOf(spec: Pick<AppSpec, 'depends_on'>): readonly string[] {
  return dependencyEdges(spec).flatMap(({ name, condition }) => (condition === 'completed' ? [name] : []));
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
