import { homeLayout } from '../../home/layout.ts';
import { settingsBytes } from '../../home/settings/settings-file.ts';
import type { SettingsAnswer } from '../../home/settings/settings-answer.ts';

/** What the config.yaml of a home says, or everything that is wrong in it; null: there is none. */
export async function readSettingsFile(home: string): Promise<SettingsAnswer | null> {
  const { settings: shown } = homeLayout(home);
  const bytes = await settingsBytes(shown);
  if (!bytes.ok) return { ok: false, failures: [bytes.error] };
  if (bytes.value === null) return null;
  const { readSettings } = await import('../../config/settings/read-settings.ts');
  return readSettings(bytes.value, { shown, home });
}
