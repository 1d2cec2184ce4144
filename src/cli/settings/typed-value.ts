import { SETTING_FIELDS, type SettingValues } from '../../home/settings/generated/setting-fields.ts';

/**
 * A word of the command line as the value of a key. A word that cannot be one stays a text: that the schema then says what
 * is wrong with it is the same message as for the file.
 */
export function typedValue(key: keyof SettingValues, word: string): unknown {
  switch (SETTING_FIELDS[key]?.type) {
    case 'integer':
    case 'duration':
      return /^-?\d{1,15}$/.test(word) ? Number(word) : word;
    case 'boolean':
      return word === 'true' ? true : word === 'false' ? false : word;
    case 'list of text':
      return word
        .split(',')
        .map((item) => item.trim())
        .filter((item) => item !== '');
    default:
      return word;
  }
}
