import { APP_FIELDS } from './generated/fields.ts';
import { portChangeClass, portFields } from './ports/port-template.ts';
import { isToldByPort } from './ports/slot-ports.ts';
import { impliedMerge } from './normalise/denormalise.ts';
import { normaliseRollout } from './normalise/normalise-rollout.ts';
import { redactSpec } from './secrets/redact.ts';
import { sameValue } from '../lib/values/same-value.ts';
import type { AppSpec, ChangeClass, FieldChange } from './types.ts';

/** Fields whose keys are data: a change of one entry is a change of its own. */
const MAPS: ReadonlySet<string> = new Set(['env', 'labels', 'depends_on']);

/**
 * What differs between two specs of one app, in the order of the fields: env, labels and depends_on by their keys,
 * other objects by their leaves, lists as one value. `null` in a spec is "not set" and becomes undefined. Secrets are
 * compared, and shown redacted. What follows from the mode and the number of instances, and that no file says, is left out.
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
    .filter((path) => !(isImplied(before, path) && isImplied(after, path)))
    .filter((path) => !isTold(path, before, after))
    .map((path) => ({
      path,
      before: shown.before.get(path),
      after: shown.after.get(path),
      class: isPort(path) ? portChangeClass(before, after, path) : classOf(path),
      redacted: isRedacted('before', path) || isRedacted('after', path),
    }));
}

/** Whether the field has the value that it has when it is not declared, where that depends on what is. */
function isImplied(spec: AppSpec, path: string): boolean {
  if (path === 'merge_logs') return spec.merge_logs === impliedMerge(spec);
  if (path !== 'rollout.max_surge' && path !== 'rollout.max_unavailable') return false;
  const usual = normaliseRollout(undefined, spec);
  const { max_surge, max_unavailable } = spec.rollout;
  return max_surge === usual.max_surge && max_unavailable === usual.max_unavailable;
}

/** A variable that says what a port says on both sides, as far as it is there: the port is shown. */
function isTold(path: string, before: AppSpec, after: AppSpec): boolean {
  const variable = /^env\.(.*)$/s.exec(path)?.[1];
  if (variable === undefined) return false;
  return [before, after].every((spec) => !hasVariable(spec, variable) || isToldByPort(spec, variable));
}

function hasVariable({ env, env_from }: AppSpec, name: string): boolean {
  return Object.hasOwn(env, name) || Object.hasOwn(env_from, name);
}

function isPort(path: string): boolean {
  return path === 'port' || path.startsWith('ports.');
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
  for (const [field, value] of Object.entries(spec)) {
    if (field === 'ports') for (const [path, port] of portFields(spec)) found.set(path, port);
    // A variable is one field, whether the file has its value or says where that is read.
    else if (field === 'env_from')
      for (const [name, source] of Object.entries(spec.env_from)) found.set(`env.${name}`, source);
    else collect(found, field, value);
  }
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
