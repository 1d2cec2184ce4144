import { readFile } from 'node:fs/promises';
import { NONCE_VARIABLE } from '../../runner/processes/nonce.ts';

/**
 * What a process was started with, by variable; null: nobody can say, as of a process of another user, one that has
 * written over it, and where there is no /proc.
 */
export async function processEnvironment(
  pid: number,
  nonce: string,
): Promise<Readonly<Record<string, string>> | null> {
  const text = await readFile(`/proc/${pid}/environ`, 'utf8').catch(() => '');
  const entries = text.split('\0').flatMap((entry) => {
    const end = entry.indexOf('=');
    return end <= 0 ? [] : [[entry.slice(0, end), entry.slice(end + 1)] as const];
  });
  const environment = Object.fromEntries(entries);
  return environment[NONCE_VARIABLE] === nonce ? environment : null;
}
