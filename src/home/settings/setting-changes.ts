import { isDeepStrictEqual } from 'node:util';
import { SETTING_FIELDS, type SettingValues } from './generated/setting-fields.ts';

/** Keys that have a value: all but the maps. */
export const SETTING_KEYS = Object.entries(SETTING_FIELDS).flatMap(([key, { type }]) =>
  type === 'map' ? [] : [key as keyof SettingValues],
);

/** `limits.builds: 4 → 2`, for each key that holds something else. */
export function settingChanges(before: SettingValues, after: SettingValues): readonly string[] {
  return SETTING_KEYS.flatMap((key) => {
    const [from, to] = [effectiveValue(before, key), effectiveValue(after, key)];
    return isDeepStrictEqual(from, to) ? [] : [`${key}: ${settingText(from, key)} → ${settingText(to, key)}`];
  });
}

/** What a file says of a key, or its default; undefined: it has none that a value says. */
export function effectiveValue(values: SettingValues, key: keyof SettingValues): unknown {
  return values[key] ?? SETTING_FIELDS[key]?.default;
}

/** A value in one line, for people. */
export function settingText(value: unknown, key: string): string {
  if (value === undefined) return SETTING_FIELDS[key]?.defaultText ?? 'not set';
  if (Array.isArray(value)) return value.length === 0 ? 'none' : value.join(', ');
  return typeof value === 'string' ? value : JSON.stringify(value);
}
