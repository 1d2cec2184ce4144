/**
 * Writes the types of the library into dist/: everything that src/library/index.ts names, in one file, which asks for
 * nothing but Node's own types. Not part of `npm run build`, which people run all day and which takes a second.
 */
import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { generateDtsBundle } from 'dts-bundle-generator';

const root = fileURLToPath(new URL('..', import.meta.url));
const entry = {
  filePath: `${root}/src/library/index.ts`,
  output: { noBanner: true, exportReferencedTypes: false },
};
const [types] = generateDtsBundle([entry], { preferredConfigPath: `${root}/tsconfig.library.json` });
await writeFile(`${root}/dist/index.d.cts`, types);
// The module is a view of the CommonJS file, and so are its types.
await writeFile(`${root}/dist/index.d.mts`, "export * from './index.cjs';\n");
