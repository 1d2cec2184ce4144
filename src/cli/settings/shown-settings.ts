import type { SettingsInfo } from '../../api/contract/wire/settings/settings.ts';
import { SETTING_FIELDS, type SettingValues } from '../../home/settings/generated/setting-fields.ts';
import { settingsOf, type Settings } from '../../home/settings/settings.ts';
import { SETTING_KEYS, settingText } from '../../home/settings/setting-changes.ts';

/** One key, and what holds. */
export interface ShownSetting {
  readonly key: string;
  /** null: nothing that a value says. */
  readonly value: unknown;
  /** For people. */
  readonly text: string;
  readonly from: 'default' | 'file';
  /** Where it stands; absent: it is a default, or nobody knows. */
  readonly line?: number;
  readonly column?: number;
}

/** What holds of each key. */
export function shownSettings(
  { values }: Pick<SettingsInfo, 'values'>,
  keys: readonly (keyof SettingValues)[] = SETTING_KEYS,
): readonly ShownSetting[] {
  return keys.map((key) => {
    const said = values[key];
    const value = said?.value ?? SETTING_FIELDS[key]?.default;
    return {
      ...{ key, value: value ?? null, text: settingText(value, key) },
      ...(said === undefined
        ? { from: 'default' }
        : {
            from: 'file',
            ...(said.line !== undefined && { line: said.line }),
            ...(said.column !== undefined && { column: said.column }),
          }),
    };
  });
}

/** What the values that hold come to. */
export function settingsShown({ values }: Pick<SettingsInfo, 'values'>, home: string): Settings {
  return settingsOf(Object.fromEntries(Object.entries(values).map(([key, { value }]) => [key, value])), home);
}
