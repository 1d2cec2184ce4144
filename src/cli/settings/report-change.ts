import { effectiveValue, settingChanges, settingText } from '../../home/settings/setting-changes.ts';
import type { SettingValues } from '../../home/settings/generated/setting-fields.ts';
import { FailureError } from '../../lib/failure.ts';
import { shellWord } from '../../import/model/command.ts';
import type { Api } from '../session/api.ts';
import { changeSettings } from './change-file.ts';
import type { SettingEdit } from './edited-text.ts';
import { takenOver } from './take-over.ts';

/** The commands that make the file say what it said. */
function wayBack(edits: readonly SettingEdit[], before: SettingValues | null): string {
  const were = edits.map(({ key }) => [key, before?.[key]] as const);
  const set = were.flatMap(([key, value]) => (value === undefined ? [] : [`${key} ${typedText(value)}`]));
  const unset = were.flatMap(([key, value]) => (value === undefined ? [key] : []));
  const commands = [
    ...(set.length > 0 ? [`stateward config set ${set.join(' ')}`] : []),
    ...(unset.length > 0 ? [`stateward config unset ${unset.join(' ')}`] : []),
  ];
  return `to take it back: ${commands.join('; ')}`;
}

/** A value as `config set` takes it. */
function typedText(value: NonNullable<SettingValues[keyof SettingValues]>): string {
  return shellWord(Array.isArray(value) ? value.join(',') : String(value));
}

/** What cannot be followed, and what has become of the file, and can be done about that. */
function withWayBack({ failures: [first, ...rest] }: FailureError, way: string): FailureError {
  const hint = first.hint === undefined ? way : `${first.hint}; ${way}`;
  return new FailureError({ ...first, hint }, ...rest);
}

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
  ).catch((error: unknown) => {
    if (!(error instanceof FailureError)) throw error;
    throw withWayBack(error, isWritten ? `the file keeps it; ${wayBack(edits, before)}` : `${file} says so`);
  });
  return `${[...what, state].join('\n')}\n`;
}
