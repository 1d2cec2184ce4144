import type { SemVer } from 'semver';

/** What ranges and versions mean, from the library that npm itself uses; loaded when a source follows a range. */
const library = () => import('semver');

/** Why a text is not a range of versions, or null. */
export async function rangeProblem(range: string): Promise<string | null> {
  const { validRange } = await library();
  return validRange(range) === null
    ? `${JSON.stringify(range)} is not a range of versions, such as ">=1.2 <2" or "^3"`
    : null;
}

/**
 * The tag with the highest version of a range: `1.4.0` and `v1.4.0` are versions, anything else is left alone. Previews
 * (`2.0.0-rc.1`) count only where the range names one. null: none is in it.
 */
export async function highestTag(range: string, tags: readonly string[]): Promise<string | null> {
  const { Range, SemVer } = await library();
  const wanted = new Range(range);
  let best: { readonly tag: string; readonly version: SemVer } | null = null;
  for (const tag of [...tags].sort()) {
    if (!VERSION.test(tag)) continue;
    const version = new SemVer(tag.replace(/^v/, ''));
    // Of equal versions (v1.0.0 and 1.0.0) the one with the later name wins on every host.
    if (wanted.test(version) && (best === null || compareVersions(version, best.version) >= 0))
      best = { tag, version };
  }
  return best?.tag ?? null;
}

/** Whether `tag` is a lower version than `other`; both are tags that `highestTag` gave. */
export async function isLower(tag: string, other: string): Promise<boolean> {
  const { SemVer } = await library();
  if (!VERSION.test(other)) return false;
  return compareVersions(new SemVer(tag.replace(/^v/, '')), new SemVer(other.replace(/^v/, ''))) < 0;
}

/** What is built otherwise comes after what is not: hosts are to agree on one. */
function compareVersions(one: SemVer, other: SemVer): number {
  return one.compare(other) || one.compareBuild(other);
}

const VERSION = /^v?\d{1,9}\.\d{1,9}\.\d{1,9}(?:-[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?(?:\+[0-9A-Za-z.-]+)?$/;
