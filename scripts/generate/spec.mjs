import { loadTable } from './load-table.mjs';

/**
 * What each field of an app is in a spec, from the schema. A field without `x-spec` is there as it is declared, in
 * numbers for durations and sizes, with its default or null where it is left out. `x-spec` is
 * - false: the field is not in a spec;
 * - "optional": it is there only when it is declared, and is not its default;
 * - a schema: `normalise` gives the value. What the schema does not say is as for a field without `x-spec`.
 */
const SCALARS = {
  boolean: { type: 'boolean' },
  integer: { type: 'integer', minimum: 0 },
  count: { type: 'integer', minimum: 1 },
  port: { type: 'integer', minimum: 1, maximum: 65_535 },
  // 0: that of the name, or the first one of the app.
  probePort: { type: 'integer', minimum: 0, maximum: 65_535, default: 0 },
  duration: { type: 'number' },
  bytes: { type: 'number' },
  processors: { type: 'number' },
};

/** How a value that is declared is read: the function of `normalise/values.ts`, by the definition in the schema. */
const READERS = {
  boolean: 'readBoolean',
  integer: 'readNumber',
  count: 'readNumber',
  port: 'readNumber',
  probePort: 'readProbePort',
  processors: 'readNumber',
  duration: 'readDuration',
  bytes: 'readBytes',
};

/** The model of a spec: the app and, by name, the objects inside it. */
export async function specModel({ definitions }, unitsFile) {
  const { parseBytes, parseDuration } = await loadTable(unitsFile);
  const inUnit = { duration: parseDuration, bytes: parseBytes };
  const objects = new Map();
  const app = objectOf('AppSpec', definitions.app);
  return { app, objects: [...objects.values()] };

  function objectOf(title, { properties, required = [] }) {
    const fields = Object.entries(properties)
      .filter(([, { 'x-spec': spec, 'x-inert': inert }]) => spec !== false && inert === undefined)
      .map(([name, property]) => fieldOf(name, property, required.includes(name) && title !== 'AppSpec'));
    return { title, fields };
  }

  function fieldOf(name, property, required) {
    const spec = property['x-spec'];
    const isComputed = typeof spec === 'object';
    const optional = spec === 'optional';
    const own = isComputed ? spec : {};
    const { properties: inside, required: needed, ...outside } = derived(name, property);
    // Whatever is declared: a text, or a map of anything, has no fields of its own.
    const isFlat =
      own.additionalProperties !== undefined ||
      (own.type !== undefined && ![own.type].flat().includes('object'));
    const schema = { ...outside, ...(!isFlat && { properties: inside, required: needed }), ...own };
    const isExact = required || ['type', 'enum', 'anyOf'].some((key) => key in own);
    const isList = Array.isArray(schema.type) && schema.type.includes('null');
    const object = schema.properties === undefined ? null : nested(name, property, schema);
    let preset = defaultOf(property, own);
    if (object !== null && preset !== undefined) preset = defaultsOf(object);
    const nullable = isList || (!isExact && !optional && preset === undefined);
    if (nullable && preset === undefined) preset = null;
    const { $ref: ref = '' } = property;
    return {
      ...{ name, property, schema, object, optional, required, nullable, isComputed, preset },
      description: own.description ?? property.description,
      reader: READERS[ref.split('/').at(-1)],
    };
  }

  function derived(name, property) {
    const ref = property.$ref?.split('/').at(-1);
    if (ref !== undefined && ref in SCALARS) return SCALARS[ref];
    if (property.enum !== undefined) return { enum: property.enum };
    const { properties, required } = definitions[ref] ?? property;
    if (properties !== undefined) return { type: 'object', properties, required };
    const types = [property.type].flat();
    if (types.includes('object') && isTexts(property)) return TEXTS;
    if (types.includes('array')) return { type: 'array', items: itemOf(property.items.type) };
    if (types.length === 1 && types[0] === 'string') return { type: 'string' };
    if (types.length === 1 && types[0] === 'integer') {
      const { minimum = 0, maximum } = property;
      return { type: 'integer', minimum, maximum };
    }
    if (typeof property['x-spec'] === 'object') return {};
    throw new Error(`${name}: say with x-spec what it is in a spec`);
  }

  function itemOf(type) {
    return type === 'integer' ? { type, minimum: 0 } : { type: 'string' };
  }

  /** Objects of the same definition are one; what is inside comes first. */
  function nested(name, property, schema) {
    const title = `${pascalCase(property.$ref?.split('/').at(-1) ?? name)}Spec`;
    const object = objects.get(title) ?? objectOf(title, schema);
    return objects.set(title, object).get(title);
  }

  function defaultOf(property, own) {
    const value = own.default ?? property.default ?? SCALARS[property.$ref?.split('/').at(-1)]?.default;
    return typeof value === 'string' ? (inUnit[property['x-unit']]?.(value) ?? value) : value;
  }
}

/** A map of texts, numbers and booleans, which are texts in a spec. */
const TEXTS = { type: 'object', additionalProperties: { type: 'string' } };

function isTexts({ type, additionalProperties }) {
  return type === 'object' && [additionalProperties?.type ?? []].flat().includes('string');
}

/** The defaults of the fields of an object; those that depend on other fields are missing. */
export function defaultsOf({ fields }) {
  const given = fields.filter(({ preset, optional }) => preset !== undefined && !optional);
  return Object.fromEntries(given.map(({ name, preset }) => [name, preset]));
}

export function pascalCase(name) {
  return name.replace(/(?:^|_)([a-z])/g, (_, letter) => letter.toUpperCase());
}

/** Every object below the app, with the dotted paths that lead to it. */
function* placesOf({ fields }, prefix = '') {
  for (const { name, object } of fields) {
    if (object === null) continue;
    yield [prefix + name, object];
    yield* placesOf(object, `${prefix}${name}.`);
  }
}

export function specTypes({ app, objects }) {
  const named = new Map();
  const interfaces = [...objects, app].map(
    (object) =>
      `${comment(INTERFACES[object.title])}export interface ${object.title} {\n${object.fields.map(member).join('')}}\n`,
  );
  return [...named.values(), ...interfaces].join('\n');

  function member(field) {
    const { name, optional, description } = field;
    return `${comment(description)}readonly ${name}${optional ? '?' : ''}: ${fieldType(field)};\n`;
  }

  function fieldType({ object, schema, nullable }) {
    const type = object?.title ?? typeOf(schema);
    return nullable && !/\bnull$/.test(type) ? `${type} | null` : type;
  }

  function typeOf(schema) {
    const { title, description, ...rest } = schema;
    if (title !== undefined && !named.has(title)) {
      named.set(title, '');
      named.set(title, `${comment(description)}export type ${title} = ${typeOf(rest)};\n`);
    }
    if (title !== undefined) return title;
    if (schema.enum !== undefined) return schema.enum.map((value) => JSON.stringify(value)).join(' | ');
    if (schema.anyOf !== undefined) return schema.anyOf.map(typeOf).join(' | ');
    if (Array.isArray(schema.type)) return schema.type.map((type) => typeOf({ ...schema, type })).join(' | ');
    if (schema.type === 'array') return `readonly ${typeOf(schema.items)}[]`;
    if (schema.type !== 'object') return schema.type === 'integer' ? 'number' : schema.type;
    if (schema.properties === undefined) {
      return `Readonly<Record<string, ${typeOf(schema.additionalProperties)}>>`;
    }
    const members = Object.entries(schema.properties);
    return `{ ${members
      .map(([name, inner]) => `readonly ${name}${isOptional(inner) ? '?' : ''}: ${typeOf(inner)}`)
      .join('; ')} }`;
  }
}

/** A member of an object that `x-spec` writes out, which may be absent. */
function isOptional(schema) {
  return schema['x-spec'] === 'optional';
}

const INTERFACES = {
  AppSpec:
    'One app, normalised: aliases resolved, defaults filled in, paths absolute, durations in milliseconds, sizes in bytes, environment merged. Keys are those of the ecosystem file. `null`: not set.',
};

function comment(text) {
  return text === undefined ? '' : `/** ${text} */\n`;
}

export function specDefaults(model) {
  const bounded = model.app.fields.filter(({ schema }) => schema.maximum !== undefined);
  const maxima = Object.fromEntries(bounded.map(({ name, schema }) => [name, schema.maximum]));
  const everyField = model.app.fields.filter(({ optional }) => !optional).map(({ name }) => name);
  const below = Object.fromEntries(
    [...placesOf(model.app)].map(([path, object]) => [path, defaultsOf(object)]),
  );
  return [
    "import type { AppSpec } from './spec.ts';",
    '',
    '/** What each field of a spec is when nothing is declared; a field that then depends on others is missing. */',
    `export const SPEC_DEFAULTS = ${json(defaultsOf(model.app))} satisfies Partial<AppSpec>;`,
    '',
    '/** The fields that every spec has, in their order. */',
    `export const SPEC_FIELDS: readonly (keyof AppSpec)[] = ${json(everyField)};`,
    '',
    '/** What the fields of the objects inside a spec are when nothing is declared, by the dotted path of the object. */',
    `export const DEFAULTS_BELOW: Readonly<Record<string, Readonly<Record<string, unknown>>>> = ${json(below)};`,
    '',
    '/** The greatest value that each field with a bound can have. */',
    `export const SPEC_MAXIMA = ${json(maxima)} satisfies Partial<AppSpec>;`,
    '',
  ].join('\n');
}

export function specCheck({ app, objects }) {
  const checks = objects.map((object) => `const is${object.title} = ${shapeOf(object)};\n`);
  const text = `${APP_CHECK}export const isAppSpec = lazily(() => {\n${checks.join('\n')}\nreturn ${shapeOf(app)};\n});\n`;
  const used = CHECKS.filter((name) => new RegExp(`\\b${name}\\b`).test(text));
  return [
    `import { ${used.join(', ')} } from '../../lib/checks.ts';`,
    `import type { ${[...objects, app].map(({ title }) => title).join(', ')} } from './spec.ts';`,
    '',
    text,
  ].join('\n');

  function shapeOf({ title, fields }) {
    return `objectOf<${title}>({\n${fields.map((field) => `${field.name}: ${fieldCheck(field)},`).join('\n')}\n})`;
  }

  function fieldCheck({ object, schema, nullable, optional, preset }) {
    const inner = object === null ? checkOf(schema) : `is${object.title}`;
    const check = nullable && !inner.startsWith('nullable(') ? `nullable(${inner})` : inner;
    return optional || preset !== undefined ? `optional(${check})` : check;
  }
}

const APP_CHECK = '/** A spec from elsewhere. What has a default may be missing: see `completeSpec`. */\n';

const CHECKS = [
  ...['anyOf', 'isAmount', 'isFlag', 'isInteger', 'isName', 'isOneOf', 'isText', 'lazily', 'listOf'],
  ...['mapOf', 'nullable', 'objectOf', 'optional'],
];

function checkOf(schema) {
  if (schema.enum !== undefined)
    return `isOneOf(${schema.enum.map((value) => JSON.stringify(value)).join(', ')})`;
  if (schema.anyOf !== undefined) return `anyOf(${schema.anyOf.map(checkOf).join(', ')})`;
  if (Array.isArray(schema.type)) {
    const types = schema.type.filter((type) => type !== 'null').map((type) => checkOf({ ...schema, type }));
    const check = types.length === 1 ? types[0] : `anyOf(${types.join(', ')})`;
    return schema.type.includes('null') ? `nullable(${check})` : check;
  }
  switch (schema.type) {
    case 'boolean':
      return 'isFlag';
    case 'integer':
      return `isInteger(${[schema.minimum ?? 0, schema.maximum].filter((bound) => bound !== undefined).join(', ')})`;
    case 'number':
      return 'isAmount';
    case 'string':
      return schema.format === 'name' ? 'isName' : 'isText';
    case 'array':
      return `listOf(${checkOf(schema.items)})`;
    default: {
      if (schema.properties === undefined) return `mapOf(${checkOf(schema.additionalProperties)})`;
      const fields = Object.entries(schema.properties).map(([name, inner]) =>
        isOptional(inner) ? `${name}: optional(${checkOf(inner)})` : `${name}: ${checkOf(inner)}`,
      );
      return `objectOf({ ${fields.join(', ')} })`;
    }
  }
}

/** Functions that read the fields that depend on no other. */
export function specReaders({ app, objects }) {
  const computed = app.fields.filter(({ isComputed }) => isComputed).map(({ name }) => name);
  const fields = [app, ...objects].flatMap((object) => object.fields);
  const isOfComputed = (object) => fields.some((field) => field.object === object && field.isComputed);
  const text = [
    '/** The fields that `normalise` gives, because they depend on others or on the host. */',
    `export type ComputedFields = Pick<AppSpec, ${union(computed)}>;`,
    '',
    '/** An app as the schema accepts it becomes a spec. */',
    'export function readApp(app: App, computed: ComputedFields): AppSpec {',
    `  return ${body(app, 'app')};`,
    '}',
    '',
    ...objects.map((object) => objectReader(object, isOfComputed(object))),
  ].join('\n');
  const readers = [...new Set([...Object.values(READERS), 'readList', 'readTexts'])].filter((name) =>
    text.includes(name),
  );
  return [
    `import { ${readers.sort().join(', ')} } from '../normalise/values.ts';`,
    "import type { App } from './ecosystem.ts';",
    `import type { AppSpec, ${objects.map(({ title }) => title).join(', ')} } from './spec.ts';`,
    '',
    text,
  ].join('\n');

  function objectReader(object, isExported) {
    const names = object.fields.filter(({ isComputed }) => isComputed).map(({ name }) => name);
    const more = names.length === 0 ? '' : `, computed: Pick<${object.title}, ${union(names)}>`;
    const signature = `${readerOf(object)}(given: ${declaredType(object)}${more}): ${object.title}`;
    return `${isExported ? 'export ' : ''}function ${signature} {\n  return ${body(object, 'given')};\n}\n`;
  }

  /** The type of what is declared, by the first place where it can be. */
  function declaredType(object) {
    const [path] = [...placesOf(app)].find(([, other]) => other === object);
    const [top, ...rest] = path.split('.');
    const base = `Extract<App['${top}'], object>`;
    return rest.reduce((type, name) => `NonNullable<${type}['${name}']>`, base);
  }

  function body(object, from) {
    return `{\n${object.fields.map((field) => `${line(field, from)},`).join('\n')}\n}`;
  }

  function line(field, from) {
    const { name, isComputed, optional, preset } = field;
    if (isComputed) return `${name}: computed.${name}`;
    const declared = `${from}.${name}`;
    if (optional && field.reader === 'readBoolean')
      return `...(readBoolean(${declared}) === ${!preset} && { ${name}: ${!preset} })`;
    if (!optional) return `${name}: ${read(field, declared)}`;
    const isMeant = preset === undefined ? '' : ` && ${declared} !== ${JSON.stringify(preset)}`;
    return `...(${declared} !== undefined${isMeant} && { ${name}: ${read(field, declared)} })`;
  }

  function read({ object, schema, reader, preset, optional, required, property }, from) {
    const isGiven = optional || required;
    const otherwise = JSON.stringify(preset ?? null);
    if (object !== null) {
      const value = `${readerOf(object)}(${from})`;
      return isGiven ? value : `${from} === undefined ? ${otherwise} : ${value}`;
    }
    if (schema.additionalProperties === TEXTS.additionalProperties) return `readTexts(${from})`;
    if (schema.type === 'array' && property.items.type !== schema.items.type) return `${from}.map(String)`;
    if (schema.type === 'array' && property.type === 'array')
      return isGiven ? from : `${from} ?? ${otherwise}`;
    if (schema.type === 'array') {
      return otherwise === '[]' || isGiven
        ? `readList(${from})`
        : `${from} === undefined ? ${otherwise} : readList(${from})`;
    }
    if (isGiven) return reader === undefined ? from : `Number(${from})`;
    return `${reader === undefined ? from : `${reader}(${from})`} ?? ${otherwise}`;
  }
}

function readerOf({ title }) {
  return `read${title.replace(/Spec$/, '')}`;
}

function union(names) {
  return names.map((name) => JSON.stringify(name)).join(' | ');
}

function json(value) {
  return JSON.stringify(value, null, 2);
}
