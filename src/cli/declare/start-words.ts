import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { namespaceFilter } from '../../api/contract/selector-filters.ts';
import { usageError } from '../session/failures.ts';

/**
 * What `start` is about where nothing is named: `--namespace` alone selects apps, where with a script it is a setting of the
 * new one. Throws for `-l`, which is a log file there, as in PM2.
 */
export function filtersMeant(
  { namespace }: { readonly namespace: string | undefined },
  given: readonly string[],
): readonly string[] {
  if (given.includes('log-file')) {
    throw usageError('-l is the log file of a script here', 'by labels: stateward start --selector tier=web');
  }
  return namespace !== undefined && given.length === 1 ? [namespaceFilter(namespace)] : [];
}

/** Words that never mean a file. */
export function isSelector(target: string): boolean {
  return target === 'all' || isPattern(target);
}

/** `/regex/`, as selectors have it. */
export function isPattern(word: string): boolean {
  return word.length > 1 && word.startsWith('/') && word.endsWith('/');
}

/** A folder with a package.json is a program to run, as for Node. */
export function isDeclared(folder: string): boolean {
  return !existsSync(join(folder, 'package.json'));
}

/** Written as a path: nobody means an app by `./x` or `/x`. `shop/api` is left to be a selector first. */
export function isPath(target: string): boolean {
  return /^(\.{0,2}\/|~|\.{1,2}$)/.test(target);
}
