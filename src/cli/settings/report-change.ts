import { effectiveValue, settingChanges, settingText } from '../../home/settings/setting-changes.ts';
import type { Api } from '../session/api.ts';
import { changeSettings } from './change-file.ts';
import type { SettingEdit } from './edited-text.ts';
import { takenOver } from './take-over.ts';

/** Changes the settings of a home, waits for the daemon, and says what has changed and what holds; throws what does not. */
export async function reportChange(
  home: string,
  edits: readonly SettingEdit[],
  api: Pick<Api, 'takeSettings'>,
): Promise<string> {
  const { file, before, after, isWritten } = await changeSettings(home, edits);
  // What a file said that could not be used, nobody went by.
  const changes =
    before === null
      ? edits.map(({ key }) => `${key}: ${settingText(effectiveValue(after, key), key)}`)
      : settingChanges(before, after);
  const what =
    changes.length > 0 ? changes : [isWritten ? `${file} is written anew` : `${file} says so already`];
  // Also of what the file said already: it may not have been taken over.
  const state = await takenOver(
    api,
    edits.map(({ key }) => key),
  );
  return `${[...what, state].join('\n')}\n`;
}
