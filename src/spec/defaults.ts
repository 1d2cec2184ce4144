import { DEFAULTS_BELOW, SPEC_DEFAULTS, SPEC_FIELDS } from './generated/spec-defaults.ts';
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
  let result = value;
  if (names.some((name) => value[name] === undefined)) {
    result = prefix === '' ? filledSpec(value) : { ...value, ...defaults, ...declaredIn(value) };
  }
  for (const [name, inner] of below) {
    const before = value[name];
    if (!isObject(before)) continue;
    const after = completed(before, inner, `${prefix}${name}.`);
    if (after === before) continue;
    if (result === value) result = { ...value };
    (result as Record<string, unknown>)[name] = after;
  }
  return result;
}

function declaredIn(value: Values): Values {
  return Object.fromEntries(Object.entries(value).filter(([, field]) => field !== undefined));
}

/** A whole spec to copy, with null where there is no default. */
let template: Values | undefined;

/**
 * A spec has so many fields that V8 turns an object to which they are added into a hash table: four times as large, and
 * a thousand times slower to make. A copy of one that has them all, as it was read from JSON, has not, and all specs
 * share the description of what is where.
 */
function filledSpec(value: Values): Values {
  template ??= specTemplate();
  const result: Record<string, unknown> = { ...template };
  for (const [name, field] of Object.entries(value)) if (field !== undefined) result[name] = field;
  return result;
}

function specTemplate(): Values {
  const names = Object.fromEntries(SPEC_FIELDS.map((name) => [name, null]));
  const made = JSON.parse(JSON.stringify(names)) as Record<string, unknown>;
  for (const [name, value] of Object.entries(DEFAULTS)) made[name] = value;
  return made;
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
