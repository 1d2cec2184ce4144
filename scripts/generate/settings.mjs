// What follows from the schema of the settings of a home, beside its validator: the types of its values and their
// defaults by dotted key, and the table of keys that commands show.
import { maps, typeText } from './declared-list.mjs';

const TYPES = {
  text: 'string',
  duration: 'number | string',
  integer: 'number',
  boolean: 'boolean',
  'list of text': 'readonly string[]',
};

export function settingsModule(schema, banner) {
  const all = [...fieldsOf(schema)];
  const leaves = all.filter(([, { type }]) => type !== 'map');
  const withDefault = leaves.filter(([, field]) => field.default !== undefined);
  const types = (fields, mark) =>
    fields
      .map(([key, { type, description }]) => `/** ${description} */\n'${key}'${mark}: ${typeOf(type)};\n`)
      .join('');
  return `${banner}import type { SettingField } from '../setting-field.ts';

/** What a config.yaml says, by dotted key. */
export interface SettingValues {
${types(leaves, '?')}}

/** What holds where it says nothing. */
export const SETTING_DEFAULTS = ${JSON.stringify(Object.fromEntries(withDefault.map(([key, field]) => [key, field.default])))} satisfies SettingValues;

/** Keys of config.yaml, those of maps too: \`http\`, \`http.listen\`. */
export const SETTING_FIELDS: Readonly<Record<string, SettingField>> = ${JSON.stringify(Object.fromEntries(all))};
`;
}

function typeOf(type) {
  const known = TYPES[type];
  if (known === undefined) throw new Error(`no type for ${type}: add it to scripts/generate/settings.mjs`);
  return known;
}

function* fieldsOf(schema) {
  for (const { path, properties } of maps(schema)) {
    for (const [name, property] of Object.entries(properties)) {
      if (name === '$schema') continue;
      const { description, examples = [], default: value, 'x-default': words } = property;
      const bounds = { least: property['x-least'], most: property['x-most'] };
      yield [
        path === '' ? name : `${path}.${name}`,
        {
          type: typeText(property, schema.definitions),
          description,
          examples,
          ...(value !== undefined && { default: value }),
          ...(words !== undefined && { defaultText: words }),
          ...(bounds.least !== undefined && bounds),
        },
      ];
    }
  }
}
