import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { AppKey } from '../../lib/app-key.ts';
import { appKey } from '../../lib/app-key.ts';
import type { OfflineApi } from '../session/api.ts';

/** Words of a verb that are scripts, as PM2 takes them: `stop app.js` is about what was started from it. */
export interface ScriptsNamed {
  /** The words, with the apps that run them in place of scripts. */
  readonly selectors: readonly string[];
  /** Scripts that no app runs. */
  readonly idle: readonly string[];
}

/** null where none of the words is a file. */
export async function scriptsNamed(
  words: readonly string[],
  { api, cwd }: { readonly api: Pick<OfflineApi, 'apps'>; readonly cwd: () => string },
): Promise<ScriptsNamed | null> {
  const files = words.filter((word) => /[./]/.test(word) && existsSync(resolve(cwd(), word)));
  if (files.length === 0) return null;
  const found = await api.apps({ selectors: [], spec: 'redacted' });
  if (!found.ok) return null;
  const running = (word: string): readonly AppKey[] => {
    const path = resolve(cwd(), word);
    const apps = found.value.items.filter(
      ({ spec }) => spec !== null && resolve(spec.cwd, spec.script) === path,
    );
    return apps.map(({ project, name }) => appKey(project, name));
  };
  return {
    selectors: words.flatMap((word): readonly string[] => (files.includes(word) ? running(word) : [word])),
    idle: files.filter((word) => running(word).length === 0),
  };
}
