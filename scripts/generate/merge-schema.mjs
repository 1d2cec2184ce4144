const TITLE = 'File that is laid over an ecosystem file of stateward';
const DESCRIPTION =
  'For a file that is given after another one with `--merge`: the keys of an ecosystem file, of which it needs none. `null` ' +
  'takes away what a file below says, and `!append [..]` adds to its list.';

/**
 * The schema of a file that is laid over another (`--merge`), for editors: an app needs no script, because the file below
 * has it, and everything may be `null`. Keys and values are those of the schema that it is made from.
 */
export function mergeSchema(schema) {
  const made = JSON.parse(JSON.stringify(schema));
  made.$id = made.$id.replace('ecosystem.schema.json', 'merge.schema.json');
  made.title = TITLE;
  made.description = DESCRIPTION;
  for (const [name, definition] of Object.entries(made.definitions)) {
    allowNull(definition);
    if (name !== 'ecosystem') made.definitions[name] = nullable(definition);
  }
  return made;
}

/** Of everything that is there by a name: the properties of a map, and all others that it may have. */
function allowNull(node) {
  if (typeof node !== 'object' || node === null) return;
  for (const key of ['properties', 'patternProperties']) {
    for (const [name, property] of Object.entries(node[key] ?? {})) {
      allowNull(property);
      node[key][name] = nullable(property);
    }
  }
  if (typeof node.additionalProperties === 'object') {
    allowNull(node.additionalProperties);
    node.additionalProperties = nullable(node.additionalProperties);
  }
  // What has to be there may be in the file below.
  delete node.required;
  for (const key of ['anyOf', 'oneOf']) if (node[key]?.every(onlyRequires)) delete node[key];
  for (const key of ['anyOf', 'oneOf', 'allOf']) for (const inner of node[key] ?? []) allowNull(inner);
  for (const key of ['then', 'else']) allowNull(node[key]);
}

function onlyRequires(node) {
  return Object.keys(node).every((key) => key === 'required');
}

/** The same, or nothing. What only refers to something is what that is. */
function nullable(property) {
  if (property.type !== undefined) {
    return {
      ...property,
      type: [...new Set([property.type, 'null'].flat())],
      ...(property.enum !== undefined && { enum: [...property.enum, null] }),
    };
  }
  if (property.enum !== undefined) return { ...property, enum: [...property.enum, null] };
  for (const key of ['anyOf', 'oneOf']) {
    if (property[key] !== undefined) return { ...property, [key]: [...property[key], { type: 'null' }] };
  }
  return property;
}
