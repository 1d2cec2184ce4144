import { homedir } from 'node:os';
import { join } from 'node:path';

/** Where commands keep what only saves time; null: this user has no folder, as one of a container that is a number only. */
export function cacheFolder(env: Readonly<Record<string, string | undefined>>): string | null {
  const base = env['XDG_CACHE_HOME'] ?? '';
  try {
    return join(base === '' ? join(homedir(), '.cache') : base, 'stateward');
  } catch {
    return null;
  }
}
