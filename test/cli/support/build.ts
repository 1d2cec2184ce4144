import { mkdir, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { build, type BuildOptions } from 'esbuild';
import { lazyRequires, OCLIF } from '../../../scripts/bundling/lazy-requires.mjs';
import { plainReads, plainVerbs } from '../../../scripts/bundling/plain-commands.mjs';

const ROOT = resolve(import.meta.dirname, '../../..');

/** A build of the command line in a folder of its own, with a daemon program out of test/cli/support beside it. */
export interface BuiltCli extends AsyncDisposable {
  readonly bin: string;
}

/** Bundles as the release does, but for the daemon, which is a fake that serves canned answers. */
export async function buildCli(): Promise<BuiltCli> {
  const folder = await mkdtemp(join(tmpdir(), 'swcli-'));
  const dist = join(folder, 'dist');
  await mkdir(dist);
  for (const shipped of ['schema', 'docs']) await symlink(join(ROOT, shipped), join(folder, shipped));
  const options: BuildOptions = {
    absWorkingDir: ROOT,
    outdir: dist,
    outExtension: { '.js': '.cjs' },
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    supported: { 'dynamic-import': false },
    // oclif would load it to read the tsconfig of a plugin in TypeScript.
    external: ['typescript'],
    // The UMD form of jsonc-parser, its `main`, cannot be bundled.
    mainFields: ['module', 'main'],
    define: { 'process.env.STATEWARD_VERSION': '"1.2.3"' },
    logLevel: 'error',
  };
  await build({
    ...options,
    entryPoints: {
      bin: 'src/bin.ts',
      cli: 'src/cli/main.ts',
      evaluate: 'src/config/evaluate/main.ts',
      daemon: 'test/cli/support/fake-daemon.ts',
    },
    plugins: [lazyRequires(OCLIF)],
  });
  await build({
    ...options,
    entryPoints: {
      reads: 'src/cli/fast/plain/reads.ts',
      unchanged: 'src/cli/fast/unchanged/unchanged.ts',
    },
    plugins: [plainReads()],
  });
  await build({
    ...options,
    entryPoints: { verbs: 'src/cli/fast/verbs/verbs.ts' },
    plugins: [plainVerbs()],
  });
  return {
    bin: join(dist, 'bin.cjs'),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}
