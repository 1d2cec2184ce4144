import { readFile } from 'node:fs/promises';

/** `const x_1 = require("x");` as TypeScript writes an import, plain or within one of its two wrappers. */
const IMPORT = /^(?:const|var) (\w+) = ((?:__importDefault|__importStar)\()?require\(("[^"]+")\)\)?;$/gm;

/** The modules of @oclif/core. */
export const OCLIF = /[\\/]@oclif[\\/]core[\\/]lib[\\/].*\.js$/;

/**
 * An esbuild plugin that puts off the imports of some CommonJS packages until what they import is used. A command runs
 * a small part of @oclif/core, whose modules all import one another when they are loaded: help, plugins and colours
 * would be set up for a command that needs its flags parsed.
 *
 * @param {RegExp} filter files whose imports are put off; they were written by the TypeScript compiler
 */
export function lazyRequires(filter) {
  return {
    name: 'lazy-requires',
    setup(build) {
      build.onLoad({ filter }, async ({ path }) => ({
        contents: putOff(await readFile(path, 'utf8')),
        loader: 'js',
      }));
    },
  };
}

function putOff(source) {
  let lazy = source;
  for (const [statement, name, wrapper = '', specifier] of source.matchAll(IMPORT)) {
    const use = new RegExp(`(?<![\\w.$'"/])${name}(?=\\.)`, 'g');
    const elsewhere = lazy.replace(statement, '').replace(use, '');
    // Used as a whole as well: it stays as it is.
    if (new RegExp(`(?<![\\w$'"/-]|[^.]\\.)${name}(?![\\w'"/-])`).test(elsewhere)) continue;
    const load = `${wrapper}require(${specifier})${wrapper === '' ? '' : ')'}`;
    lazy = lazy
      .replace(use, () => `${name}$.m`)
      .replace(
        statement,
        () => `const ${name}$ = { value: undefined, get m() { return (this.value ??= ${load}); } };`,
      );
  }
  return lazy;
}
