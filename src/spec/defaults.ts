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
  const { names, below } = level(defaults, prefix);
  let result = names.some((name) => value[name] === undefined) ? filled(value, defaults, names) : value;
  for (const [name, inner] of below) {
    const before = value[name];
    if (!isObject(before)) continue;
    const after = completed(before, inner, `${prefix}${name}.`);
    if (after !== before) result = { ...result, [name]: after };
  }
  return result;
}

/** What is there keeps its place, in front of what was not. */
function filled(value: Values, defaults: Values, names: readonly string[]): Values {
  const result: Record<string, unknown> = { ...value, ...defaults, ...value };
  for (const name of names) if (result[name] === undefined) result[name] = defaults[name];
  return result;
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
  const { texts, below } = level(defaults, prefix);
  const inner = new Map(below);
  const told: Record<string, unknown> = {};
  for (const [name, field] of Object.entries(value)) {
    if (name in defaults && isDefault(field, defaults[name], texts.get(name))) continue;
    const belowIt = inner.get(name);
    told[name] =
      belowIt !== undefined && isObject(field) ? sparse(field, belowIt, `${prefix}${name}.`) : field;
  }
  return told;
}

function isDefault(field: unknown, usual: unknown, text: string | undefined): boolean {
  if (field === usual) return true;
  return isObject(field) && isObject(usual) && JSON.stringify(field) === text;
}

/** What is asked of every spec about the defaults of one object in it. */
interface Level {
  readonly names: readonly string[];
  /** Defaults as JSON. */
  readonly texts: ReadonlyMap<string, string>;
  /** The fields that are objects with defaults of their own. */
  readonly below: readonly (readonly [string, Values])[];
}

const LEVELS = new Map<string, Level>();

function level(defaults: Values, prefix: string): Level {
  const known = LEVELS.get(prefix);
  if (known !== undefined) return known;
  const inside = Object.entries(DEFAULTS_BELOW).flatMap(([path, values]) => {
    const name = path.slice(prefix.length);
    return path.startsWith(prefix) && !name.includes('.') ? [[name, values] as const] : [];
  });
  const texts = Object.entries(defaults).map(([name, value]) => [name, JSON.stringify(value)] as const);
  const made = { names: Object.keys(defaults), texts: new Map(texts), below: inside };
  LEVELS.set(prefix, made);
  return made;
}

function isObject(value: unknown): value is Values {
  return typeof value === 'object' && value !== null;
}
