#!/usr/bin/env node
import { join } from 'node:path';
import type { main as MainFunction } from './cli/main.ts';
import { BUILD } from './lib/programs/build.ts';
import { rawGet, type RawReply } from './api/client/fast-client.ts';
import { parseFastGet, runFastGet } from './cli/fast/fast-get.ts';
import { parseFastHealth, runFastHealth } from './cli/fast/fast-health.ts';
import { fastVersion } from './cli/fast/fast-version.ts';
import { becomeInit } from './cli/foreground/become-init.ts';
import { asksForVersion, wordsFirst } from './cli/fast/global-flags.ts';

/** The build puts the version of the package here. */
const VERSION = process.env.STATEWARD_VERSION ?? 'unknown';

/** Verbs that read ecosystem files, and so run much code that the others never need. */
const DECLARING: readonly string[] = ['apply', 'plan', 'diff', 'validate', 'start', 'run', 'dev'];

/** The full command asks again a daemon that takes longer, and has the words for one that hangs. */
const FAST_MS = 2_000;
const fetch = (socketPath: string, path: string): Promise<RawReply> => rawGet(socketPath, path, FAST_MS);

/** Whoever presses Tab waits no longer. */
const TAB_MS = 500;
const quickly = (socketPath: string, path: string): Promise<RawReply> => rawGet(socketPath, path, TAB_MS);

/** What every verb takes too: an ecosystem file. */
const FILE = /\.(ya?ml|json|config\.[cm]?[jt]s)$/;

/**
 * The binary. Versions and plain reads are answered here, without loading the command line proper: its cost is several
 * times that of Node itself.
 */
async function run(typed: readonly string[]): Promise<number> {
  const argv = wordsFirst(typed);
  const [first] = argv;
  if (typed[0] === '__complete') {
    const { complete } = await import('./cli/completion/complete.ts');
    const pagesFile = join(__dirname, 'commands.json');
    const request = { argv: typed.slice(1), env: process.env, pagesFile, fetch: quickly };
    process.stdout.write(await complete(request));
    return 0;
  }
  if (asksForVersion(argv)) {
    process.stdout.write(`stateward ${VERSION}\n`);
    return 0;
  }
  if (argv.length === 1 && first === 'version') {
    const options = { version: VERSION, build: BUILD, node: process.version, env: process.env, fetch };
    process.stdout.write(await fastVersion(options));
    return 0;
  }
  if (first === 'run' || (first === 'daemon' && argv[1] === 'run')) becomeInit();
  const get = parseFastGet(argv);
  const { stdout, stderr } = process;
  if (get !== null) {
    const options = { env: process.env, streams: { stdout, stderr }, nowMs: Date.now(), fetch };
    if (await runFastGet(get, options)) return 0;
  }
  const health = parseFastHealth(argv);
  const check = health === null ? null : await runFastHealth(health, { env: process.env, fetch: rawGet });
  if (check !== null) {
    stdout.write(check.line);
    return check.isHealthy ? 0 : 1;
  }
  const file = join(__dirname, 'cli.cjs');
  const declares = DECLARING.includes(first ?? '') || argv.some((word) => FILE.test(word));
  const slot = declares ? 'declare' : 'other';
  const { loadCached } = await import('./cli/fast/code-cache.ts');
  const { main } = loadCached({ file, version: `${VERSION}-${BUILD}`, slot, env: process.env }) as {
    readonly main: typeof MainFunction;
  };
  return main({
    argv,
    version: VERSION,
    begins: (command) => {
      endsWithReader = command.endsWithReader;
    },
    files: {
      daemon: join(__dirname, 'daemon.cjs'),
      evaluate: join(__dirname, 'evaluate.cjs'),
      schema: join(__dirname, '..', 'schema', 'ecosystem.schema.json'),
      docs: join(__dirname, '..', 'docs'),
    },
  });
}

/** What may go on for ever ends when nobody reads it any more. */
let endsWithReader = false;

// A reader that has seen enough (`| head`) is not an error, and what is left to write is for nobody. What is being done goes
// on, and the exit code tells what became of it.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  if (endsWithReader) process.exit(0);
});

// Nobody is left to hear what is said beside it; what is being done goes on.
process.stderr.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
});

run(process.argv.slice(2)).then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
    process.exitCode = 1;
  },
);
