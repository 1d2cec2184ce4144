import type { ApiBackend } from '../../api/contract/endpoints/backend.ts';
import type { DaemonStatus } from '../../api/contract/wire/daemon.ts';
import type { SettingInfo, SettingsInfo } from '../../api/contract/wire/settings/settings.ts';
import { ok } from '../../lib/result.ts';
import { toRfc3339 } from '../views/wire-values.ts';
import type { HomeSettings } from './open.ts';
import type { SettingsBook } from './settings-book.ts';

/** What is asked of the settings of a home. */
export function settingsRequests(
  { book, look }: Pick<HomeSettings, 'book' | 'look'>,
  file: string,
): Pick<ApiBackend, 'settings' | 'takeSettings'> {
  return {
    settings: () => Promise.resolve(ok(viewSettings(book, file))),
    async takeSettings() {
      await look();
      return ok(viewSettings(book, file));
    },
  };
}

function viewSettings(book: SettingsBook, file: string): SettingsInfo {
  const { values, places, takenAt } = book.kept;
  const said = Object.entries(values).map(([key, value]) => [
    key,
    { value: value as SettingInfo['value'], ...places[key] },
  ]);
  return {
    ...{ apiVersion: 'v1', kind: 'Settings', file },
    takenAt: toRfc3339(takenAt),
    values: Object.fromEntries(said) as SettingsInfo['values'],
    ...viewTrouble(book),
  };
}

function viewTrouble({ trouble }: Pick<SettingsBook, 'trouble'>): Pick<SettingsInfo, 'trouble'> {
  return trouble.broken.length + trouble.unfollowed.length === 0 ? {} : { trouble };
}

/** Settings that do not hold as they are written. */
export function settingsTrouble(book: Pick<SettingsBook, 'trouble'>): Pick<DaemonStatus, 'settings'> {
  const { trouble } = viewTrouble(book);
  return trouble === undefined ? {} : { settings: trouble };
}
