import { SETTING_FIELDS } from '../../home/settings/generated/setting-fields.ts';
import { SETTING_KEYS } from '../../home/settings/setting-changes.ts';

export const SIGNALS = [
  'SIGHUP',
  'SIGINT',
  'SIGQUIT',
  'SIGTERM',
  'SIGKILL',
  'SIGUSR1',
  'SIGUSR2',
  'SIGCONT',
  'SIGSTOP',
];
export const INIT_SYSTEMS = ['systemd', 'openrc', 'launchd'];
export const SHELLS = ['bash', 'zsh', 'fish', 'install'];

/** Keys of the settings of a home, each with what it is. */
export function settingKeys(): readonly { readonly value: string; readonly about: string }[] {
  return SETTING_KEYS.map((value) => ({ value, about: SETTING_FIELDS[value]?.description ?? '' }));
}
