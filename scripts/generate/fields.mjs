import { aliasesOf } from './aliases.mjs';

const NAMED_TYPES = {
  boolean: 'boolean',
  integer: 'integer',
  count: 'integer, 1 or more',
  port: 'port',
  listenPort: 'port or auto',
  probePort: 'port or name of a port',
  duration: 'duration',
  bytes: 'size',
  variables: 'map of variables',
};

/** Every field of an object definition and of the objects inside it, with its dotted path. */
export function* walkFields(definition, definitions, prefix = '') {
  const properties = { ...definition.properties };
  for (const [pattern, property] of Object.entries(definition.patternProperties ?? {})) {
    properties[pattern === '^x-' ? 'x-<name>' : 'env_<name>'] = property;
  }
  for (const [name, property] of Object.entries(properties)) {
    const path = prefix + name;
    yield { path, name, property };
    const inner = property.$ref === '#/definitions/probe' ? definitions.probe : property;
    if (property.items?.properties !== undefined) yield* walkFields(property.items, definitions, `${path}.`);
    if (inner.properties !== undefined) yield* walkFields(inner, definitions, `${path}.`);
    const entry = inner.additionalProperties?.then;
    if (entry !== undefined) yield* walkFields(entry, definitions, `${path}.<name>.`);
  }
}

export function fieldOf({ name, property }, definitions, withAliases) {
  return {
    type: typeText(property, definitions),
    class: property['x-class'],
    unit: property['x-unit'] ?? null,
    aliases: withAliases ? aliasesOf(name, property) : [],
    inert: property['x-inert'] ?? null,
    default: property.default ?? null,
    values: property.enum ?? null,
  };
}

export function textOf({ property }) {
  return {
    defaultText: property['x-default'] ?? null,
    description: property.description,
    examples: property.examples ?? [],
  };
}

/** `integer`, `text or list of text`, `fork, cluster`: a type in words. */
export function typeText(property, definitions) {
  if (property.enum !== undefined) return property.enum.join(' | ');
  if (property.$ref !== undefined) {
    const name = property.$ref.split('/').at(-1);
    return NAMED_TYPES[name] ?? name;
  }
  const types = [property.type ?? []].flat().map((type) => plainType(type, property, definitions));
  return types.length === 0 ? 'anything' : types.join(' or ');
}

function plainType(type, property, definitions) {
  if (type === 'array' && property.items?.$ref === '#/definitions/app') return 'list of apps';
  if (type === 'array') return `list of ${[property.items?.type ?? 'values'].flat().map(word).join(' or ')}`;
  if (type === 'object' && property.additionalProperties?.enum !== undefined) {
    return `map of name to ${typeText(property.additionalProperties, definitions)}`;
  }
  const { then: long, else: short } = property.additionalProperties ?? {};
  if (type === 'object' && long !== undefined) {
    return `map of name to ${typeText(short, definitions)}, or to a map of ${Object.keys(long.properties).join(' and ')}`;
  }
  return word(type);
}

function word(type) {
  return { string: 'text', object: 'map', array: 'list' }[type] ?? type;
}

export function fieldTables(canonical) {
  const { app } = canonical.definitions;
  return [
    "import { field, type Field } from '../field.ts';",
    '',
    '/** Fields of an app, by their dotted path: `instances`, `readiness.http.port`. */',
    `export const APP_FIELDS: Readonly<Record<string, Field>> = ${table(app, canonical.definitions, fieldOf)};`,
    '',
    '/** Keys at the root of the file. */',
    `export const ROOT_FIELDS: Readonly<Record<string, Field>> = ${table(canonical, canonical.definitions, fieldOf)};`,
    '',
  ].join('\n');
}

export function textTables(canonical) {
  const { app } = canonical.definitions;
  return [
    "import type { FieldText } from '../field.ts';",
    '',
    '/** What people read about the fields of an app, by the same paths. */',
    `export const APP_TEXTS: Readonly<Record<string, FieldText>> = ${table(app, canonical.definitions, textOf)};`,
    '',
    '/** The same of the keys at the root of the file. */',
    `export const ROOT_TEXTS: Readonly<Record<string, FieldText>> = ${table(canonical, canonical.definitions, textOf)};`,
    '',
  ].join('\n');
}

function table(definition, definitions, entryOf) {
  const entries = [];
  for (const field of walkFields(definition, definitions)) {
    const entry = entryOf(field, definitions, !field.path.includes('.'));
    entries.push(
      `  ${JSON.stringify(field.path)}: ${entryOf === fieldOf ? shortForm(entry) : JSON.stringify(entry)},`,
    );
  }
  return ['{', ...entries, '}'].join('\n');
}

/** Without what most fields do not have. */
function shortForm({ type, class: changeClass, ...rest }) {
  const more = Object.entries(rest).filter(
    ([key, value]) => value !== null && !(key === 'aliases' && value.length === 0),
  );
  const last = more.length === 0 ? '' : `, ${JSON.stringify(Object.fromEntries(more))}`;
  return `field(${JSON.stringify(type)}, ${JSON.stringify(changeClass)}${last})`;
}
