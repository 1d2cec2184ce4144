import { sameValue } from '../../../lib/values/same-value.ts';
import { redactArgs, redactText, redactVariable } from '../../../spec/secrets/redact.ts';
import type { ChangeClass, FieldChange } from '../../../spec/types.ts';
import { at, isFields, listAt, textAt, type Fields } from './fields.ts';
import { wanted, type LiveObject } from './live-object.ts';

/** One value that two forms of an object do not have in common. Elements of lists are named where they have names. */
export interface Difference {
  readonly path: readonly string[];
  readonly before: unknown;
  readonly after: unknown;
}

/** How two forms of an object differ, but for what the server itself writes. Null: it is not there. */
export function differences(before: LiveObject | null, after: LiveObject | null): readonly Difference[] {
  return compare(
    [],
    before === null ? undefined : wanted(before),
    after === null ? undefined : wanted(after),
  );
}

function compare(path: readonly string[], before: unknown, after: unknown): readonly Difference[] {
  if (sameValue(before, after)) return [];
  const [one, other] = [byKey(before), byKey(after)];
  if (one === null || other === null) return [{ path, before, after }];
  const keys = [...new Set([...Object.keys(one), ...Object.keys(other)])].sort();
  return keys.flatMap((key) => compare([...path, key], one[key], other[key]));
}

/** Fields by name, and the elements of a list by the names that all of them have. null: it has no parts. */
function byKey(value: unknown): Fields | null {
  if (isFields(value)) return value;
  if (!Array.isArray(value) || value.length === 0) return null;
  const names = value.map((item: unknown) => textAt(item, 'name'));
  if (names.some((name) => name === undefined) || new Set(names).size < names.length) return null;
  return Object.fromEntries(value.map((item: unknown, index) => [names[index] ?? '', item]));
}

/** Words of the ecosystem file for what an object calls otherwise. */
const WORDS: Readonly<Record<string, string>> = {
  replicas: 'instances',
  parallelism: 'instances',
  workingDir: 'cwd',
  readinessProbe: 'readiness',
  livenessProbe: 'liveness',
  startupProbe: 'startup',
  timeZone: 'cron_timezone',
};

/** A difference as a plan shows it: in the words of the ecosystem file where they mean the same, and without secrets. */
export function fieldChange(kind: string, { path, before, after }: Difference): FieldChange {
  const shown = shownPath(kind, path);
  const [from, to] = [withoutSecrets(path, before), withoutSecrets(path, after)];
  return {
    path: shown,
    before: from,
    after: to,
    class: classOf(kind, path),
    redacted: !sameValue(from, before) || !sameValue(to, after),
  };
}

/** Where the template of the pods is in an object of a kind. */
const TEMPLATE: Readonly<Record<string, readonly string[]>> = {
  CronJob: ['spec', 'jobTemplate', 'spec', 'template'],
};

/** What the pods of an object are made from. */
export function templateOf(object: LiveObject): Fields {
  const template = at(object, ...(TEMPLATE[object.kind] ?? ['spec', 'template']));
  return isFields(template) ? template : {};
}

function classOf(kind: string, path: readonly string[]): ChangeClass {
  const place = path.join('.');
  if (kind !== 'Deployment' && kind !== 'StatefulSet') return 'live';
  if (place === 'spec.replicas') return 'scale';
  return place === 'spec.template' || place.startsWith('spec.template.') ? 'template' : 'live';
}

function shownPath(kind: string, path: readonly string[]): string {
  const place = path.join('.');
  const template = `${(TEMPLATE[kind] ?? ['spec', 'template']).join('.')}.`;
  const isWorkload = ['Deployment', 'StatefulSet', 'CronJob', 'Job'].includes(kind);
  const own = isWorkload
    ? place
        .replace(template, '')
        .replace(/^spec\.containers\.[^.]+\./, '')
        .replace(/^spec\.(?:jobTemplate\.spec\.)?/, '')
        .replace(/^metadata\.labels\.app\.kubernetes\.io\/version$/, 'version')
        .replace(/^metadata\.(labels|annotations)/, '$1')
    : `${kind}.${place.replace(/^spec\./, '')}`;
  const [first = '', ...rest] = own.split('.');
  return [WORDS[first] ?? first, ...rest].join('.');
}

/** Live objects may have a secret where the file has a reference: whoever has put it there. */
export function withoutSecrets(path: readonly string[], value: unknown): unknown {
  if (typeof value === 'string')
    return redactVariable(path.at(-1) === 'value' ? (path.at(-2) ?? '') : '', value);
  if (Array.isArray(value)) {
    if (value.every((item) => typeof item === 'string')) return redactArgs(value);
    return value.map((item: unknown) => withoutSecrets(path, item));
  }
  if (!isFields(value)) return value;
  const name = textAt(value, 'name');
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [
      key,
      key === 'value' && name !== undefined && typeof inner === 'string'
        ? redactVariable(name, inner)
        : withoutSecrets([...path, key], inner),
    ]),
  );
}

/** Variables that the ConfigMaps of one app have, as fields: a new one takes the place of the one before. */
export function variableChanges(
  before: readonly LiveObject[],
  after: readonly LiveObject[],
): readonly FieldChange[] {
  const [one, other] = [variablesOf(before), variablesOf(after)];
  const names = [...new Set([...Object.keys(one), ...Object.keys(other)])].sort();
  return names
    .filter((name) => one[name] !== other[name])
    .map((name) => variable(name, one[name], other[name]));
}

function variable(name: string, before: unknown, after: unknown): FieldChange {
  const shown = (value: unknown): unknown => (typeof value === 'string' ? redactText(value) : value);
  const [from, to] = [shown(before), shown(after)];
  return {
    path: `env.${name}`,
    before: from,
    after: to,
    class: 'template',
    redacted: from !== before || to !== after,
  };
}

function variablesOf(maps: readonly LiveObject[]): Fields {
  return Object.assign({}, ...maps.map((map) => at(map, 'data') ?? {})) as Fields;
}

/** ConfigMaps that a template reads its variables from. */
export function configMapsOf(template: unknown): readonly string[] {
  return listAt(template, 'spec', 'containers').flatMap((container) =>
    listAt(container, 'envFrom').flatMap((source) => textAt(source, 'configMapRef', 'name') ?? []),
  );
}
