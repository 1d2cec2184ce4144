import { basename, dirname, join, sep } from 'node:path';
import type { DiskView } from './disk-view.ts';
import { LOCK_FILES, MANIFESTS } from './rules.ts';

export interface FolderContext {
  /** The folder that the app runs in, without links. */
  readonly cwd: string;
  /** The app says so itself; else it is the folder of the ecosystem file, which others run in too. */
  readonly ownCwd: boolean;
  /** Of the work tree that the file lies in; null: in none. */
  readonly root: string | null;
  readonly disk: DiskView;
}

/** Folders that a program keeps its sources or its build in: the program itself is one level up. */
const INNER =
  /^(?:src|lib|bin|dist|build|out|output|app|server|source|sources|scripts?|cmd|esm|cjs|compiled|release|target|main|js|ts|code)$/i;
/** Folders of a repository that hold a program in each of theirs. */
const CONTAINER =
  /^(?:apps|packages|services|modules|projects|workspaces|functions|workers|components|microservices)$/i;
/** Folders that hold many programs and much else. */
const SHARED = /^\/(?:(?:usr|bin|sbin|lib|lib64|etc|opt|var|proc|sys|dev|run|boot|nix|snap)(?:\/|$).*)?$/;
/** Below the shared ones, where programs of one's own are kept. */
const OWN = /^\/(?:opt|var|usr\/(?:src|local\/src|share)|nix)\/[^/]+(?:\/|$)/;
const CROWDED =
  /^\/(?:home|root|tmp|Users|srv|mnt|media|var\/(?:www|lib|tmp)|private\/tmp)$|^\/(?:home|Users)\/[^/]+$/;

/**
 * The folder of the program that a file belongs to: the nearest one up that declares dependencies; without one the
 * folder that the app says it runs in, else the part of the repository that the file lies in. null: it lies among all
 * kinds of things, which are not looked through.
 */
export function folderOf(file: string, context: FolderContext): string | null {
  const start = ownerOfModules(dirname(file));
  const folder = declaringFolder(start, context) ?? undeclaredFolder(start, context);
  return isCrowded(folder) && folder !== context.root ? null : folder;
}

/** Nearest up to where the app runs, and no higher than that: a repository declares for all its programs at its top. */
function declaringFolder(start: string, { cwd, ownCwd, root, disk }: FolderContext): string | null {
  const top = isWithin(start, cwd) ? cwd : root;
  for (const folder of upwards(start, top)) {
    if (folder === cwd && !ownCwd) return null;
    const names = disk.namesIn(folder);
    if (MANIFESTS.some((name) => names.has(name))) return folder;
  }
  return null;
}

function undeclaredFolder(start: string, { cwd, ownCwd, root }: FolderContext): string {
  if (isWithin(start, cwd)) return ownCwd ? cwd : partOf(cwd, start);
  let folder = start;
  while (INNER.test(basename(folder)) && folder !== root && !isCrowded(dirname(folder)))
    folder = dirname(folder);
  return folder;
}

/** `api` of `api/src/server.js`, and everything where the file lies at the top or in a `src` there. */
function partOf(top: string, start: string): string {
  const names = start.slice(top.length).split(sep).filter(Boolean);
  const length = CONTAINER.test(names[0] ?? '') ? 2 : 1;
  const part = names.slice(0, length);
  return part.some((name) => INNER.test(name)) ? top : join(top, ...part);
}

/** The nearest files up that declare dependencies, and that hold their versions. */
export function manifestsOf(folder: string, top: string, disk: DiskView): readonly string[] {
  return [MANIFESTS, LOCK_FILES].flatMap((names) => {
    for (const at of upwards(folder, isWithin(folder, top) ? top : folder)) {
      const there = disk.namesIn(at);
      const found = names.filter((name) => there.has(name)).map((name) => join(at, name));
      if (found.length > 0) return found;
    }
    return [];
  });
}

/** A folder and those that it lies in, up to `top`; null: as long as these are folders of one's own. */
function* upwards(start: string, top: string | null): Generator<string> {
  for (let folder = start; ; folder = dirname(folder)) {
    if (top === null && isCrowded(folder)) return;
    yield folder;
    if (folder === top || dirname(folder) === folder) return;
  }
}

/** The folder that has installed the package that a file is of. */
function ownerOfModules(folder: string): string {
  const at = `${folder}/`.indexOf('/node_modules/');
  return at === -1 ? folder : folder.slice(0, at) || '/';
}

export function isCrowded(folder: string): boolean {
  if (folder === process.env['HOME'] || CROWDED.test(folder)) return true;
  return SHARED.test(folder) && !OWN.test(folder);
}

export function isWithin(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder.endsWith(sep) ? folder : folder + sep);
}
