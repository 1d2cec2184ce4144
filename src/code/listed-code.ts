import { lstatSync } from 'node:fs';
import { join, resolve } from 'node:path';
import picomatch from 'picomatch';
import { kindOf } from './app-code.ts';
import type { DiskView } from './disk-view.ts';
import type { CodeRules } from './rules.ts';
import { walkSources } from './source-walk.ts';

/** The files that `code: [...]` names. */
export interface Listed {
  /** Absolute. */
  readonly files: readonly string[];
  readonly leftOut: string | null;
}

/** Files as they are, folders with all that is in them and may count, globs with what they match. */
export function listedCode(
  paths: readonly string[],
  cwd: string,
  { rules, disk }: { readonly rules: CodeRules; readonly disk: DiskView },
): Listed {
  const found = new Set<string>();
  let leftOut: string | null = null;
  const walk = (folder: string, isMatch: (path: string) => boolean): void => {
    const walked = walkSources(folder, { rules, extensions: null, disk });
    leftOut ??= walked.leftOut;
    for (const file of walked.files) if (isMatch(file)) found.add(join(folder, file));
  };
  for (const path of paths) {
    const { base, glob, isGlob } = picomatch.scan(path);
    const start = resolve(cwd, isGlob ? base : path);
    if (isGlob) {
      walk(start, picomatch(glob, { dot: true }));
      continue;
    }
    const kind = kindOf(start);
    if (kind === 'file') found.add(start);
    else if (kind === 'folder') walk(start, () => true);
    else if (!exists(start)) leftOut ??= `${start} is not there`;
  }
  return { files: [...found].sort(), leftOut };
}

function exists(path: string): boolean {
  try {
    return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
  } catch {
    return false;
  }
}
