import { basename, dirname, resolve } from 'node:path';
import { kindOf } from './app-code.ts';
import type { DiskView } from './disk-view.ts';
import { readSmall } from './read-file.ts';

const MAX_FILE_BYTES = 1024 * 1024;
const MAX_FILES = 2_000;
const IMPORT = /(?:\brequire\s*\(|\bimport\s*\(|\bfrom|\bimport)\s*(['"])(\.{1,2}\/[^'"\n]*)\1/g;
const NODE_FILE = /\.[cm]?[jt]sx?$/;
/** What a name without an extension, or that of a folder, stands for. */
const ENDINGS = ['', '.js', '.ts', '.cjs', '.mjs', '.json', '.tsx', '.jsx', '/index.js', '/index.ts'];

/** Which files a Node source names by a relative path. Remembered by what the file held. */
export class Imports {
  readonly #known = new Map<string, readonly string[]>();

  /**
   * Every file that is reached from these by relative imports, without these. `contentOf` is what tells whether a file
   * is the one that was read before.
   */
  reachedFrom(
    files: readonly string[],
    { contentOf, disk }: { readonly contentOf: (file: string) => string | null; readonly disk: DiskView },
  ): readonly string[] {
    const reached = new Set(files);
    const waiting = [...files];
    for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) {
      if (!NODE_FILE.test(file) || file.includes('/node_modules/') || reached.size > MAX_FILES) continue;
      for (const imported of this.#importsOf(file, contentOf(file))) {
        const real = fileOf(imported, disk);
        if (real === undefined || reached.has(real)) continue;
        reached.add(real);
        waiting.push(real);
      }
    }
    for (const file of files) reached.delete(file);
    return [...reached];
  }

  #importsOf(file: string, content: string | null): readonly string[] {
    if (content === null) return [];
    const key = `${file}\0${content}`;
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const text = readSmall(file, MAX_FILE_BYTES)?.toString('utf8') ?? '';
    const found = [...text.matchAll(IMPORT)].map(([, , path = '']) => resolve(dirname(file), path));
    if (this.#known.size > MAX_FILES * 10) this.#known.clear();
    this.#known.set(key, found);
    return found;
  }
}

function fileOf(imported: string, disk: DiskView): string | undefined {
  const names = disk.namesIn(dirname(imported));
  const inFolder = ENDINGS.filter(
    (ending) => ending.startsWith('/') || names.has(basename(imported) + ending),
  );
  return (
    inFolder.map((ending) => imported + ending).find((path) => kindOf(path) === 'file') ??
    typescriptOf(imported)
  );
}

/** TypeScript has `./a.js` stand for `./a.ts`. */
function typescriptOf(path: string): string | undefined {
  const source = path.replace(/\.([cm]?)js(x?)$/, '.$1ts$2');
  return source !== path && kindOf(source) === 'file' ? source : undefined;
}
