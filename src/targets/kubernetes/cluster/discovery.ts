import type { Failure } from '../../../lib/failure.ts';
import { ok, type Result } from '../../../lib/result.ts';
import { listAt, textAt } from '../live/fields.ts';
import { ALL_KINDS, groupVersions, pluralOf, type Kind } from './kinds.ts';

/** What a server has of what is known here. */
export interface Served {
  /** `policy/v1`, of each kind that both know: the newest. */
  readonly versions: ReadonlyMap<Kind, string>;
  /** Release of Kubernetes: 28 is 1.28. null: it does not say. */
  readonly minor: number | null;
}

/** Asks a server what it has. A version of a group need not have all kinds that a later release has in it. */
export async function discover(
  json: (path: string, subject: string) => Promise<Result<unknown, Failure>>,
): Promise<Result<Served, Failure>> {
  const [groups, release] = await Promise.all([json('/apis', 'the API'), json('/version', 'the version')]);
  if (!groups.ok) return groups;
  const served = new Set(
    listAt(groups.value, 'groups').flatMap((group) =>
      listAt(group, 'versions').map(
        (version) => `${textAt(group, 'name') ?? ''}/${textAt(version, 'version') ?? ''}`,
      ),
    ),
  );
  const asked = new Map<string, Promise<Result<unknown, Failure>>>();
  const resourcesOf = (version: string): Promise<Result<unknown, Failure>> => {
    const known = asked.get(version) ?? json(`/apis/${version}`, `the kinds of ${version}`);
    asked.set(version, known);
    return known;
  };
  const versions = new Map<Kind, string>();
  for (const kind of ALL_KINDS) {
    const candidates = groupVersions(kind).filter((version) => version === 'v1' || served.has(version));
    // The last one is the only one that may have it.
    const fallback = candidates.pop();
    for (const version of candidates) {
      const resources = await resourcesOf(version);
      if (!resources.ok) return resources;
      const isThere = listAt(resources.value, 'resources').some(({ name }) => name === pluralOf(kind));
      if (isThere) {
        versions.set(kind, version);
        break;
      }
    }
    if (!versions.has(kind) && fallback !== undefined) versions.set(kind, fallback);
  }
  return ok({ versions, minor: release.ok ? minorOf(release.value) : null });
}

/** Some providers say `28+`. */
function minorOf(version: unknown): number | null {
  const [, minor] = /^(\d+)/.exec(textAt(version, 'minor') ?? '') ?? [];
  return textAt(version, 'major') === '1' && minor !== undefined ? Number(minor) : null;
}
