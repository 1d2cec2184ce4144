import { DEFAULTS_BELOW, SPEC_DEFAULTS } from './generated/spec-defaults.ts';
import type { AppSpec, ProjectSpec } from './types.ts';

type Values = Readonly<Record<string, unknown>>;

const DEFAULTS: Readonly<Partial<AppSpec>> = SPEC_DEFAULTS;

/**
 * The value that a field of a spec has when nothing is declared; undefined where that depends on the app (`script`,
 * `cwd`, `interpreter`, `rollout` ...).
 */
export function specDefault(field: keyof AppSpec): unknown {
  return DEFAULTS[field];
}

/** The defaults of the fields inside an object field, by its dotted path: `log_rotate`, `heartbeat`, a probe. */
export function defaultsBelow(path: string): Values {
  return DEFAULTS_BELOW[path] ?? {};
}

/**
 * A spec that another version has written, stored or sent: every field that it does not know has its default. Nothing
 * that runs changes by that, because a default takes no part in the template hash. A spec that lacks nothing is given
 * back as it is.
 */
export function completeSpec(spec: AppSpec): AppSpec {
  return completed(spec as unknown as Values, DEFAULTS, '') as unknown as AppSpec;
}

/** `completeSpec` for every app of a project. */
export function completeProject(project: ProjectSpec): ProjectSpec {
  return { ...project, apps: project.apps.map(completeSpec) };
}

function completed(value: Values, defaults: Values, prefix: string): Values {
  const missing = Object.keys(defaults).filter((name) => value[name] === undefined);
  const inner = Object.entries(value).flatMap(([name, before]) => {
    const below = DEFAULTS_BELOW[prefix + name];
    if (below === undefined || !isObject(before)) return [];
    const after = completed(before, below, `${prefix}${name}.`);
    return after === before ? [] : [[name, after] as const];
  });
  if (missing.length === 0 && inner.length === 0) return value;
  return {
    ...value,
    ...Object.fromEntries(missing.map((name) => [name, defaults[name]])),
    ...Object.fromEntries(inner),
  };
}

/**
 * A project without what it says by its defaults, as it is sent: a daemon that is older than the command knows no field that
 * is new, and nobody has declared one of those. `completeProject` undoes it.
 */
export function sparseProject(project: ProjectSpec): ProjectSpec {
  return { ...project, apps: project.apps.map(sparseSpec) };
}

/** The same for one app. */
export function sparseSpec(spec: AppSpec): AppSpec {
  return sparse(spec as unknown as Values, DEFAULTS, '') as unknown as AppSpec;
}

function sparse(value: Values, defaults: Values, prefix: string): Values {
  const told = Object.entries(value).filter(
    ([name, field]) => !(name in defaults) || JSON.stringify(field) !== JSON.stringify(defaults[name]),
  );
  return Object.fromEntries(
    told.map(([name, field]) => {
      const below = DEFAULTS_BELOW[prefix + name];
      const isSparse = below !== undefined && isObject(field);
      return [name, isSparse ? sparse(field, below, `${prefix}${name}.`) : field];
    }),
  );
}

function isObject(value: unknown): value is Values {
  return typeof value === 'object' && value !== null;
}
