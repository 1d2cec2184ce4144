import { APP_FIELDS } from './generated/fields.ts';
import { redactSpec } from './redact.ts';
import { sameValue } from './same-value.ts';
import type { AppSpec, ChangeClass, FieldChange } from './types.ts';

/** Fields whose keys are data: a change of one entry is a change of its own. */
const MAPS: ReadonlySet<string> = new Set(['env', 'labels', 'depends_on']);

/**
 * What differs between two specs of one app, in the order of the fields: env, labels and depends_on by their keys,
 * other objects by their leaves, lists as one value. `null` in a spec is "not set" and becomes undefined. Secrets are
 * compared, and shown redacted.
 */
export function diffSpecs(before: AppSpec, after: AppSpec): readonly FieldChange[] {
  if (sameValue(before, after)) return [];
  const real = { before: leaves(before), after: leaves(after) };
  const shown = { before: leaves(redactSpec(before)), after: leaves(redactSpec(after)) };
  const paths = new Set([...real.before.keys(), ...real.after.keys()]);
  const isRedacted = (side: 'before' | 'after', path: string): boolean =>
    !sameValue(real[side].get(path), shown[side].get(path));
  return [...paths]
    .filter((path) => !sameValue(real.before.get(path), real.after.get(path)))
    .map((path) => ({
      path,
      before: shown.before.get(path),
      after: shown.after.get(path),
      class: classOf(path),
      redacted: isRedacted('before', path) || isRedacted('after', path),
    }));
}

/** What a change of the field at this dotted path costs; a path inside a map or a list costs what the whole costs. */
export function classOf(path: string): ChangeClass {
  const field = APP_FIELDS[path] ?? APP_FIELDS[topOf(path)];
  if (field === undefined) throw new Error(`internal error: the schema has no field ${path}`);
  return field.class;
}

function topOf(path: string): string {
  const dot = path.indexOf('.');
  return dot === -1 ? path : path.slice(0, dot);
}

function leaves(spec: AppSpec): ReadonlyMap<string, unknown> {
  const found = new Map<string, unknown>();
  for (const [field, value] of Object.entries(spec)) collect(found, field, value);
  return found;
}

function collect(found: Map<string, unknown>, path: string, value: unknown): void {
  if (value === null || value === undefined) return;
  if (typeof value !== 'object' || Array.isArray(value)) {
    found.set(path, value);
    return;
  }
  for (const [key, inner] of Object.entries(value)) {
    if (MAPS.has(path)) found.set(`${path}.${key}`, inner);
    else collect(found, `${path}.${key}`, inner);
  }
}
