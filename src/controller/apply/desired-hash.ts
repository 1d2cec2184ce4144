import { appKey } from '../../lib/app-key.ts';
import { mapPieces, type Pieces } from '../../lib/turns/pieces.ts';
import { digestOf, digestPieces } from '../../lib/values/digest.ts';
import { sameValue } from '../../lib/values/same-value.ts';
import type { AppSpec, ProjectSpec } from '../../spec/types.ts';
import type { Projects } from '../../state/desired/reducer.ts';

/** Of specs that are kept: to write one out and to hash it takes ten times as long as to compare it. */
const digests = new WeakMap<AppSpec, string>();

/** Hash over declared apps, independent of the file that they were read from and of their order. */
export function* desiredHash(projects: readonly ProjectSpec[], records: Projects): Pieces<string> {
  const declared: unknown[] = [];
  for (const { project, apps } of projects) {
    const kept = records.get(project)?.apps ?? {};
    const specs = yield* mapPieces(apps, (app) => [
      appKey(project, app.name),
      specDigest(app, kept[app.name]?.spec),
    ]);
    declared.push({ project, apps: Object.fromEntries(specs) as unknown });
  }
  return yield* digestPieces(declared, 1);
}

/** What is declared again as it is kept has the digest of that. */
function specDigest(app: AppSpec, kept: AppSpec | undefined): string {
  if (kept === undefined || !sameValue(app, kept)) return digestOf(app);
  const found = digests.get(kept) ?? digestOf(kept);
  digests.set(kept, found);
  return found;
}
