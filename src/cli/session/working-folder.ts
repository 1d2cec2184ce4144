import { statSync } from 'node:fs';
import { isAbsolute, normalize } from 'node:path';

/**
 * The working folder as the person knows it: `PWD` keeps the links that a shell went over (`current`), where the system
 * only knows where they lead to (`releases/42`). It is used only when it is that very folder.
 */
export function logicalFolder(physical: string, pwd: string | undefined): string {
  if (pwd === undefined || pwd === physical || !isAbsolute(pwd) || normalize(pwd) !== pwd) return physical;
  return isSameFolder(pwd, physical) ? pwd : physical;
}

function isSameFolder(one: string, other: string): boolean {
  try {
    const [first, second] = [statSync(one), statSync(other)];
    return first.isDirectory() && first.dev === second.dev && first.ino === second.ino;
  } catch {
    return false;
  }
}
