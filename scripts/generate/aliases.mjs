const VARIABLE = '|.*\\$\\{.*)$';

export function camelCase(name) {
  return name.replace(/_+([a-z])/g, (_, letter) => letter.toUpperCase());
}

/** Every other name of a property: those of `x-aliases`, and the camelCase of all of them, as PM2 takes them. */
export function aliasesOf(name, property) {
  const named = property['x-aliases'] ?? [];
  const camel = [name, ...named].map(camelCase);
  return [...new Set([...named, ...camel])].filter((alias) => alias !== name);
}

/**
 * Writes the aliases into the schema as properties of their own, so that editors know them. People edit the canonical
 * properties only; the entries with `x-alias-of` are remade here.
 */
export function completeAliases(schema) {
  for (const definition of ['ecosystem', 'app']) {
    const { properties } = schema.definitions[definition];
    for (const [name, property] of Object.entries(properties)) {
      if (property['x-alias-of'] !== undefined) delete properties[name];
    }
    for (const [name, property] of Object.entries(properties)) {
      for (const alias of aliasesOf(name, property)) {
        if (alias in properties)
          throw new Error(`${alias}: alias of ${name}, and a property or another alias`);
        properties[alias] = {
          description: `Same as \`${name}\`.`,
          'x-alias-of': name,
          allOf: [{ $ref: `#/definitions/${definition}/properties/${name}` }],
        };
      }
    }
  }
  completeTemplates(schema.definitions);
  return schema;
}

/** Keys that an app cannot have from a template or from `defaults`. */
const OWN = ['name', 'moved'];

/** What a base of apps may say, for editors: the keys of an app, of which it needs none. */
function completeTemplates(definitions) {
  const { properties, patternProperties } = definitions.app;
  const keys = Object.keys(properties).filter((name) => !OWN.includes(name));
  const refs = keys.map((name) => [name, { $ref: `#/definitions/app/properties/${name}` }]);
  const base = { type: 'object', additionalProperties: false, patternProperties };
  definitions.defaults = {
    ...base,
    properties: Object.fromEntries(refs.filter(([name]) => name !== 'extends')),
  };
  definitions.template = { ...base, properties: Object.fromEntries(refs) };
  const root = definitions.ecosystem.properties;
  root.defaults.allOf = [{ $ref: '#/definitions/defaults' }];
  root.templates.additionalProperties = { $ref: '#/definitions/template' };
}

/**
 * The schema of a file as the loader checks it: the root form is `{ apps: [..] }`, keys are canonical, and `${VAR}`
 * is expanded already (an editor must accept it where a number or a duration is wanted; the loader must not).
 */
export function canonicalSchema(schema) {
  const definitions = JSON.parse(JSON.stringify(schema.definitions));
  for (const definition of [definitions.ecosystem, definitions.app]) {
    for (const [name, property] of Object.entries(definition.properties)) {
      if (property['x-alias-of'] !== undefined) delete definition.properties[name];
    }
  }
  delete definitions.app.anyOf;
  delete definitions.defaults;
  delete definitions.template;
  delete definitions.specOnly;
  delete definitions.ecosystem.properties.defaults.allOf;
  delete definitions.ecosystem.properties.templates.additionalProperties;
  definitions.app.required = ['script'];
  const { apps } = definitions.ecosystem.properties;
  delete apps.if;
  delete apps.then;
  apps.type = 'array';
  definitions.ecosystem.required = ['apps'];
  withoutVariables(definitions);
  const { ecosystem, ...rest } = definitions;
  return { $schema: schema.$schema, ...ecosystem, definitions: rest };
}

function withoutVariables(node) {
  if (typeof node !== 'object' || node === null) return;
  if (typeof node.pattern === 'string') node.pattern = node.pattern.replace(VARIABLE, ')$');
  for (const child of Object.values(node)) withoutVariables(child);
}

/** The canonical schema as specs have it: with the fields that no file has under their own name, each behind its kin. */
export function specSchema(canonical, { definitions: { specOnly } }) {
  const { app } = canonical.definitions;
  const properties = Object.entries(app.properties).flatMap(([name, property]) => {
    const more = Object.entries(specOnly.properties).filter(([one]) => one.startsWith(`${name}_`));
    return [[name, property], ...more];
  });
  const definitions = {
    ...canonical.definitions,
    app: { ...app, properties: Object.fromEntries(properties) },
  };
  return { ...canonical, definitions };
}

/** The canonical schema with its scalar definitions put in place, which reads better as types. */
export function typeSchema(canonical) {
  const { definitions } = canonical;
  const inline = (node) => {
    if (Array.isArray(node)) return node.map(inline);
    if (typeof node !== 'object' || node === null) return node;
    const { $ref, ...rest } = node;
    delete rest.oneOf;
    if (rest['x-inert'] !== undefined) return { ...rest, tsType: 'unknown' };
    if (rest.if !== undefined && rest.else === undefined) {
      delete rest.if;
      delete rest.then;
    }
    if (rest.if !== undefined) return { anyOf: [inline(rest.then), inline(rest.else)] };
    if (typeof $ref !== 'string') return mapValues(rest, inline);
    const name = $ref.split('/').at(-1);
    const target = definitions[name];
    if (target.properties !== undefined || name === 'variables') return { $ref };
    return { type: target.type, ...rest };
  };
  return inline(canonical);
}

export function mapValues(object, change) {
  return Object.fromEntries(Object.entries(object).map(([key, value]) => [key, change(value)]));
}
