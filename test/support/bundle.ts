import { mkdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, type BuildOptions } from 'esbuild';
import { withRest } from '../../scripts/bundling/agent-rest.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Its file holds most of it as a text. */
const AGENT = 'src/agent/main.ts';

/**
 * Bundles a source file (`src/runner/main.ts`) as the package's build does and gives the path of the program. Test
 * files that do so at once do not disturb each other.
 */
export async function bundle(entry: string): Promise<string> {
  const folder = join(root, 'node_modules/.cache/stateward-test');
  const name = `${entry.replaceAll(/[^a-z0-9]+/gi, '-')}.cjs`;
  const temporary = join(folder, `${process.pid}-${name}`);
  await mkdir(folder, { recursive: true });
  const options: BuildOptions = {
    absWorkingDir: root,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    define: { 'process.env.STATEWARD_VERSION': '"0.0.0-test"' },
    logLevel: 'warning',
  };
  const define = entry === AGENT ? await withRest(options) : (options.define ?? {});
  await build({ ...options, define, entryPoints: [entry], outfile: temporary });
  const file = join(folder, name);
  await rename(temporary, file);
  return file;
}
