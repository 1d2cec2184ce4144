import { shortCommit } from '../../lib/commit-hash.ts';
import type { ProjectSource } from '../../spec/types.ts';

/** A project as it was accepted last. */
export interface OwnedProject {
  readonly project: string;
  readonly source: ProjectSource;
  /** Names of its apps. */
  readonly apps: readonly string[];
}

/** Whether there is such a file; injected, because the planner reads no disk. */
export type FileExists = (path: string) => boolean;

/** What is looked up to compare origins. */
export interface OriginLooks {
  readonly exists: FileExists;
  /** Whether there is a source of this name. */
  readonly isSource: (name: string) => boolean;
}

/**
 * - `same`: declared by a file that declared it before.
 * - `part`: by some of those files, while others of them still exist.
 * - `moved`: by another file, which names its project itself or has taken the place of the file before.
 * - `other`: by another file, which happens to give the same name.
 */
export type OriginChange = 'same' | 'part' | 'moved' | 'other';

/** Compares where a project is declared with where it was declared before. */
export function compareOrigins(
  before: OwnedProject,
  after: ProjectSource,
  { exists, isSource }: OriginLooks,
): OriginChange {
  // A project without apps has nothing to lose.
  if (before.apps.length === 0) return 'same';
  const { source } = before;
  const sources = compareSources(source, after, isSource);
  if (sources !== null) return sources;
  if (source.files.length === 0 && after.files.length === 0) return 'same';
  if (sharesFile(source, after)) return leftOut(source, after, exists).length > 0 ? 'part' : 'same';
  return after.named === true || tookItsPlace(source, after, exists) ? 'moved' : 'other';
}

/**
 * What follows from the sources that declare it; null: nothing. What a source declares is not taken over because a file
 * names the project: it would be put back at the next change.
 */
function compareSources(
  { origin: before, ...source }: ProjectSource,
  { origin: after, ...other }: ProjectSource,
  isSource: (name: string) => boolean,
): OriginChange | null {
  if (before === undefined || !isSource(before.source)) return null;
  if (before.source === after?.source) return 'same';
  const isFile = before.commit === undefined && after === undefined;
  return isFile && sharesFile(source, other) ? null : 'other';
}

/** The files of before that still exist and are not among those of after. */
export function leftOut(before: ProjectSource, after: ProjectSource, exists: FileExists): readonly string[] {
  const known = new Set(pathsOf(after));
  return before.files.filter((file, index) => {
    const real = before.realFiles?.[index] ?? file;
    return file !== '-' && !known.has(file) && !known.has(real) && exists(file);
  });
}

/** Whether both name the same file, possibly through a link. */
export function sharesFile(one: ProjectSource, other: ProjectSource): boolean {
  const known = new Set(pathsOf(one));
  return pathsOf(other).some((path) => known.has(path));
}

/** Every path that leads to its files: as given, and without links. */
export function pathsOf({ files, realFiles = [] }: ProjectSource): readonly string[] {
  return [...files, ...realFiles];
}

export function folderOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/'));
}

export function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/** Whether the file was renamed within its folder, so the folder that names the project is the same. */
function tookItsPlace(before: ProjectSource, after: ProjectSource, exists: FileExists): boolean {
  const folders = new Set(pathsOf(after).map(folderOf));
  return (
    before.files.length > 0 && before.files.every((file) => folders.has(folderOf(file)) && !exists(file))
  );
}

/** Where a project comes from, for people. */
export function describeOrigin({ files, realFiles = [], origin }: ProjectSource): string {
  if (origin !== undefined) {
    const commit = origin.commit === undefined ? files.join(', ') : `commit ${shortCommit(origin.commit)}`;
    return `the source ${origin.source} (${commit})`;
  }
  if (files.length === 0) return 'the command line (stateward start)';
  return files
    .map((file, index) => {
      const real = realFiles[index] ?? file;
      if (file === '-') return 'standard input';
      return real === file ? file : `${file} (${real})`;
    })
    .join(', ');
}
