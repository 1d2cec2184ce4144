import type { ProjectSource } from '../../spec/types.ts';
import { baseName, folderOf, pathsOf, sharesFile, type OwnedProject } from './origin.ts';

/** Folders that hold checked-out versions side by side. */
const FOLDERS_OF_RELEASES: ReadonlySet<string> = new Set([
  'releases',
  'release',
  'versions',
  'deploys',
  'deployments',
  'revisions',
]);
/** 42, 20261128T1010, 2026-11-28, v1.4.2-rc.1, build-17, 20261128-0a1b2c3, and what git shows of a commit. */
const RELEASE =
  /^(?:(?:v|r|rel|release|build)?[-_.]?\d[\dT:._+-]*Z?(?:[-.]?(?:rc|alpha|beta)[\d.-]*|[-_][0-9a-f]{6,40})?|[0-9a-f]{7,40})$/i;

/**
 * The project whose next version a new one, named after its folder, most likely is: declared by the same file under
 * another path or from a release folder beside this one, and with an app of the same name.
 */
export function findTwin(
  source: ProjectSource,
  apps: readonly string[],
  others: readonly OwnedProject[],
): OwnedProject | null {
  const names = new Set(apps);
  const twins = others.filter((other) => other.apps.some((name) => names.has(name)));
  return (
    twins.find((other) => sharesFile(other.source, source)) ??
    twins.find((other) => isNextRelease(other.source, source)) ??
    null
  );
}

function isNextRelease(before: ProjectSource, after: ProjectSource): boolean {
  return pathsOf(before).some((one) => pathsOf(after).some((other) => areReleases(one, other)));
}

/** `/srv/shop/releases/41/ecosystem.yaml` and `/srv/shop/releases/42/ecosystem.yaml`. */
function areReleases(one: string, other: string): boolean {
  const [folder, otherFolder] = [folderOf(one), folderOf(other)];
  const parent = folderOf(folder);
  if (folder === otherFolder || parent !== folderOf(otherFolder) || baseName(one) !== baseName(other)) {
    return false;
  }
  return (
    FOLDERS_OF_RELEASES.has(baseName(parent).toLowerCase()) ||
    [folder, otherFolder].every((path) => RELEASE.test(baseName(path)))
  );
}
