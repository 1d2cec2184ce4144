import type { App } from '../../api/contract/wire/apps.ts';
import type { SettingLines } from '../../spec/read-from/read-from.ts';

/** Where the settings of an app stood in the files that it was read from. */
export function viewOrigins(lines: SettingLines[string] | undefined): Pick<App, 'origins'> {
  if (lines === undefined) return {};
  const settings = Object.entries(lines).flatMap(([file, ofFile]) =>
    Object.entries(ofFile).map(
      ([setting, line]) => [setting, { file, line: line === 0 ? null : line }] as const,
    ),
  );
  return settings.length === 0 ? {} : { origins: Object.fromEntries(settings) };
}
