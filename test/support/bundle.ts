import { mkdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('../..', import.meta.url));

/**
 * Bundles a source file (`src/runner/main.ts`) as the package's build does and gives the path of the program. Test
 * files that do so at once do not disturb each other.
 */
export async function bundle(entry: string): Promise<string> {
  const folder = join(root, 'node_modules/.cache/stateward-test');
  const name = `${entry.replaceAll(/[^a-z0-9]+/gi, '-')}.cjs`;
  const temporary = join(folder, `${process.pid}-${name}`);
  await mkdir(folder, { recursive: true });
  await build({
    absWorkingDir: root,
    entryPoints: [entry],
    outfile: temporary,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    define: { 'process.env.STATEWARD_VERSION': '"0.0.0-test"' },
    logLevel: 'warning',
  });
  const file = join(folder, name);
  await rename(temporary, file);
  return file;
}
