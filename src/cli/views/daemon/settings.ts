import type { SettingsTroubleInfo } from '../../../api/contract/wire/settings/settings.ts';
import type { Failure } from '../../../lib/failure.ts';
import { escapeControls } from '../text/text.ts';

/** One line for a file that cannot be used, and one for each setting that cannot be followed. */
export function settingsLines({ broken, unfollowed }: SettingsTroubleInfo): readonly string[] {
  const [first, ...others] = broken;
  const more = others.length === 0 ? '' : ` (and ${others.length} more: stateward config show)`;
  const holds = 'the settings that were taken over before hold';
  const ofFile = first === undefined ? [] : [`${placedText(first)}${more}; ${holds} (HomeSettingsBroken)`];
  return [...ofFile, ...unfollowed.map((failure) => `${placedText(failure)} (HomeSettingFailed)`)].map(
    (line) => escapeControls(line, false),
  );
}

/** `/home/config.yaml:3:11: limits.builds: "x" is not an integer; for example 1` */
export function placedText({ message, hint, position }: Failure): string {
  const { file, line, column } = position ?? {};
  const place = file === undefined || line === undefined ? '' : `${file}:${line}:${column ?? 1}: `;
  return `${place}${message}${hint === undefined ? '' : `; ${hint}`}`;
}
