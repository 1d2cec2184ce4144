import { SETTING_FIELDS, type SettingValues } from '../../home/settings/generated/setting-fields.ts';
import { SETTING_KEYS } from '../../home/settings/setting-changes.ts';
import { FailureError } from '../../lib/failure.ts';
import { nearest } from '../../lib/nearest.ts';

/** The key that a word of the command line names; throws what says which was probably meant. */
export function knownKey(word: string): keyof SettingValues {
  const found = SETTING_KEYS.find((key) => key === word);
  if (found !== undefined) return found;
  const below = keysBelow(word);
  if (below.length > 0) {
    throw new FailureError({
      code: 'CONFIG_UNKNOWN_KEY',
      message: `${word} holds several keys`,
      hint: `name one of them: ${below.join(', ')}`,
    });
  }
  throw unknownKey(word);
}

/** Keys that a word names: one, or all of a map; throws for what is none. */
export function keysNamed(word: string): readonly (keyof SettingValues)[] {
  const below = keysBelow(word);
  return below.length > 0 ? below : [knownKey(word)];
}

function keysBelow(word: string): readonly (keyof SettingValues)[] {
  return SETTING_FIELDS[word]?.type === 'map' ? SETTING_KEYS.filter((key) => key.startsWith(`${word}.`)) : [];
}

function unknownKey(word: string): FailureError {
  // Somebody may know the last part alone: `builds`.
  const byEnd = SETTING_KEYS.filter((key) => key.endsWith(`.${word}`));
  const [only, ...others] = byEnd;
  const meant =
    only !== undefined && others.length === 0
      ? only
      : nearest(word, word.includes('.') ? SETTING_KEYS : Object.keys(SETTING_FIELDS));
  const hint = meant === null ? 'stateward config show lists the keys' : `did you mean ${meant}?`;
  return new FailureError({
    code: 'CONFIG_UNKNOWN_KEY',
    message: `there is no setting ${JSON.stringify(word)}`,
    hint,
  });
}
