import type { AppKey } from '../../lib/app-key.ts';
import { splitAppKey } from '../../lib/app-key.ts';
import { didYouMean } from '../../lib/nearest.ts';
import { usageError } from '../session/failures.ts';

/** The declared app that a flag names, as `name` or `project/name`. Throws USAGE: there is none, or several. */
export function appMeant(flag: string, word: string, keys: readonly AppKey[]): AppKey {
  const found = keys.filter((key) => key === word || splitAppKey(key).name === word);
  const [app, other] = found;
  if (app === undefined) {
    const names = keys.map((key) => (word.includes('/') ? key : splitAppKey(key).name));
    throw usageError(`${flag}: no app ${word} is declared here`, didYouMean(word, names));
  }
  if (other === undefined) return app;
  throw usageError(`${flag}: ${word} is in several projects`, `name it in full: ${found.join(', ')}`);
}
