import { hashOfVariables, type ReadFrom } from '../spec/read-from/read-from.ts';
import type { LoadedDocument } from './load-document.ts';
import { settingLines, type LinesOptions } from './origins/setting-lines.ts';
import type { EnvFileCache } from './apps/env-files.ts';

/** What was read in one load: hashes of files by absolute path, and the env files. */
export interface Read {
  readonly digests: ReadonlyMap<string, string>;
  readonly envFiles: EnvFileCache;
}

/**
 * What the documents of one project were read from. A file that declares another project is none of its own; any other that
 * was read on the way (apps extend apps of it) is.
 */
export function readFrom(
  files: readonly LoadedDocument[],
  all: readonly LoadedDocument[],
  { digests, envFiles, lines }: Read & { readonly lines: LinesOptions },
): ReadFrom {
  const own = pathsOf(files);
  const others = pathsOf(all);
  const declared = [...digests].filter(([path]) => own.has(path) || !others.has(path));
  const apps = files.flatMap(({ loaded }) => loaded.apps);
  const env = apps.flatMap(({ spec, envFiles: paths = [] }) => {
    const hashes = paths.flatMap((path) => {
      const read = envFiles.get(path);
      return read?.ok === true ? [[path, hashOfVariables(read.value)] as const] : [];
    });
    return hashes.length === 0 ? [] : [[spec.name, Object.fromEntries(hashes)] as const];
  });
  return {
    declared: Object.fromEntries(declared),
    ...(env.length > 0 && { env: Object.fromEntries(env) }),
    lines: settingLines(files, lines),
  };
}

function pathsOf(files: readonly LoadedDocument[]): ReadonlySet<string> {
  return new Set(files.flatMap(({ found, over }) => [found.path, ...over.map(({ path }) => path)]));
}
