import { createHash } from 'node:crypto';
import { appKey } from '../../lib/app-key.ts';
import { canonicalJson } from '../../lib/values/canonical-json.ts';
import { sameValue } from '../../lib/values/same-value.ts';
import type { AppSpec, ProjectSpec } from '../../spec/types.ts';
import type { Projects } from '../../state/desired/reducer.ts';

/** Of specs that are kept: to write one out and to hash it takes ten times as long as to compare it. */
const digests = new WeakMap<AppSpec, string>();

/** Hash over declared apps, independent of the file that they were read from and of their order. */
export function desiredHash(projects: readonly ProjectSpec[], records: Projects): string {
  const declared = projects.map(({ project, apps }) => {
    const kept = records.get(project)?.apps ?? {};
    const specs = apps.map((app) => [appKey(project, app.name), digestOf(app, kept[app.name]?.spec)]);
    return { project, apps: Object.fromEntries(specs) as unknown };
  });
  return digest(canonicalJson(declared));
}

/** What is declared again as it is kept has the digest of that. */
function digestOf(app: AppSpec, kept: AppSpec | undefined): string {
  if (kept === undefined || !sameValue(app, kept)) return digest(canonicalJson(app));
  const found = digests.get(kept) ?? digest(canonicalJson(kept));
  digests.set(kept, found);
  return found;
}

/** The first half of SHA-256, in hex. */
export function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 32);
}
