import type { AppBuilder } from '../model/build-app.ts';
import { systemdWords } from './words.ts';

const HOOKS: Readonly<Record<string, string>> = { ExecStartPost: 'post_start', ExecStopPost: 'post_stop' };

/**
 * Commands of a unit that are hooks here, and mean the same; false: it is none, or says what a hook cannot. ExecStartPre is
 * none: it runs before every start, and pre_start once for each release.
 */
export function hookSetting(app: AppBuilder, key: string, value: string): boolean {
  const name = HOOKS[key];
  const hooks = (app.get('hooks') ?? {}) as Readonly<Record<string, unknown>>;
  // `-` goes without saying; the others are about rights, variables and argv[0].
  if (name === undefined || hooks[name] !== undefined || /^-?[@:+!|]/.test(value) || value.includes('$')) {
    return false;
  }
  const command = systemdWords(value.replace(/^-/, ''));
  if (command.length === 0) return false;
  app.set('hooks', { ...hooks, [name]: { command } });
  return true;
}
