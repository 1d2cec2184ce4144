#!/usr/bin/env node
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { main as MainFunction } from './cli/main.ts';
import { BUILD } from './lib/programs/build.ts';
import { pipeRequest } from './api/client/pipe-client.ts';
import type { RawQuestion, RawReply } from './api/client/raw-reply.ts';
import { parseFastHealth, runFastHealth } from './cli/fast/fast-health.ts';
import { askAhead } from './cli/fast/plain/ask-ahead.ts';
import { readNamed } from './cli/fast/plain/names.ts';
import type { answer as AnswerFunction } from './cli/fast/plain/reads.ts';
import { verbNamed } from './cli/fast/verbs/names.ts';
import type { answer as AnswerVerbFunction } from './cli/fast/verbs/verbs.ts';
import type { answer as AnswerUnchangedFunction } from './cli/fast/unchanged/unchanged.ts';
import { loadCached } from './lib/programs/load-cached.ts';
import { fastVersion } from './cli/fast/fast-version.ts';
import type { Streams } from './cli/views/text/terminal.ts';
import { asksForVersion, wordsFirst } from './cli/fast/global-flags.ts';
import { plainStreams } from './cli/fast/plain-streams.ts';

/** The build puts the version of the package here. */
const VERSION = process.env.STATEWARD_VERSION ?? 'unknown';

const FILES = {
  daemon: join(__dirname, 'daemon.cjs'),
  evaluate: join(__dirname, 'evaluate.cjs'),
  schema: join(__dirname, '..', 'schema', 'ecosystem.schema.json'),
  docs: join(__dirname, '..', 'docs'),
};

/** Verbs that read ecosystem files, and so run much code that the others never need. */
const DECLARING: readonly string[] = ['apply', 'plan', 'diff', 'validate', 'start', 'run', 'dev'];

/** The full command asks again a daemon that takes longer, and has the words for one that hangs. */
const FAST_MS = 2_000;
const fetch = (socketPath: string, path: string): Promise<RawReply> => askFor(socketPath, path, FAST_MS);

/** Whoever presses Tab waits no longer. */
const TAB_MS = 500;
const quickly = (socketPath: string, path: string): Promise<RawReply> => askFor(socketPath, path, TAB_MS);

const send = (socketPath: string, path: string, body: string): Promise<RawReply> =>
  request(socketPath, { method: 'POST', path, body }, FAST_MS);

/** One answer, without loading what is not needed for it. */
function askFor(socketPath: string, path: string, timeoutMs: number): Promise<RawReply> {
  return request(socketPath, { method: 'GET', path }, timeoutMs);
}

async function request(socketPath: string, question: RawQuestion, timeoutMs: number): Promise<RawReply> {
  const reply = pipeRequest(socketPath, question, timeoutMs);
  if (reply !== null) return reply;
  const { rawWithin } = await import('./api/client/fast-client.ts');
  return rawWithin(socketPath, question, timeoutMs);
}

/** What every verb takes too: an ecosystem file. */
const FILE = /\.(ya?ml|json|config\.[cm]?[jt]s)$/;

/**
 * The binary. Versions and plain reads are answered here, without loading the command line proper: its cost is several
 * times that of Node itself.
 */
async function run(typed: readonly string[]): Promise<number> {
  const argv = wordsFirst(typed);
  const [first] = argv;
  const streams = plainStreams(nodeStreams);
  const { stdout } = streams;
  if (typed[0] === '__complete') {
    const { complete } = await import('./cli/completion/complete.ts');
    const pagesFile = join(__dirname, 'commands.json');
    const request = { argv: typed.slice(1), env: process.env, pagesFile, fetch: quickly };
    stdout.write(await complete(request));
    return 0;
  }
  if (asksForVersion(argv)) {
    stdout.write(`stateward ${VERSION}\n`);
    return 0;
  }
  if (argv.length === 1 && first === 'version') {
    const options = { version: VERSION, build: BUILD, node: process.version, env: process.env, fetch };
    stdout.write(await fastVersion(options));
    return 0;
  }
  if (first === 'run' || (first === 'daemon' && argv[1] === 'run')) {
    const { becomeInit } = await import('./cli/foreground/become-init.ts');
    becomeInit();
  }
  // Whatever is about another place than this host is for the command line proper.
  const isHere = !argv.some((word) => word === '--target' || word.startsWith('--target='));
  const read = isHere
    ? ((await plainRead(argv, streams)) ??
      (await plainDeclaring(argv, streams)) ??
      (await plainVerb(argv, streams)))
    : null;
  if (read !== null) return read;
  const health = parseFastHealth(argv);
  const check = health === null ? null : await runFastHealth(health, { env: process.env, fetch: askFor });
  if (check !== null) {
    stdout.write(check.line);
    return check.isHealthy ? 0 : 1;
  }
  nodeStreams();
  const file = join(__dirname, 'cli.cjs');
  const declares = DECLARING.includes(first ?? '') || argv.some((word) => FILE.test(word));
  const slot = declares ? 'declare' : 'other';
  const { main } = loadCached({ file, version: `${VERSION}-${BUILD}`, slot, env: process.env, require }) as {
    readonly main: typeof MainFunction;
  };
  return main({
    argv,
    version: VERSION,
    begins: (command) => {
      endsWithReader = command.endsWithReader;
    },
    files: FILES,
  });
}

/** The answer to a read that is plain; null: the command line proper is to answer. */
async function plainRead(argv: readonly string[], streams: Streams): Promise<number | null> {
  const read = readNamed(argv);
  if (read === null) return null;
  const asked = await askAhead(read, process.env, fetch);
  const slot = `read-${read.name.replace(' ', '-')}`;
  const cached = { version: `${VERSION}-${BUILD}`, slot, env: process.env, require };
  const file = join(__dirname, 'reads.cjs');
  if (!existsSync(file)) return null;
  const { answer } = loadCached({ file, ...cached }) as { readonly answer: typeof AnswerFunction };
  const base = { env: process.env, version: VERSION, files: FILES, cwd: '' };
  const exit = await answer({ ...read, streams, fetch: asked, base });
  // All is written where these streams were not needed, and what Node would still look after is given up.
  if (exit !== null && !hasStreams) process.exit(exit);
  return exit;
}

/** The answer of a verb about files that are as they were; null: the command line proper is to answer. */
async function plainDeclaring([verb, ...rest]: readonly string[], streams: Streams): Promise<number | null> {
  if (verb !== 'apply' && verb !== 'plan' && verb !== 'diff' && verb !== 'validate') return null;
  const file = join(__dirname, 'unchanged.cjs');
  if (!existsSync(file)) return null;
  let exit: number | null = null;
  const { env } = process;
  const cached = { version: `${VERSION}-${BUILD}`, slot: `unchanged-${verb}`, env, require };
  const { answer } = loadCached({ file, ...cached, isWhole: () => exit !== null }) as {
    readonly answer: typeof AnswerUnchangedFunction;
  };
  exit = await answer({ verb, argv: rest, streams, env, send });
  if (exit !== null && !hasStreams) process.exit(exit);
  return exit;
}

/** The exit code of a verb about apps by name; null: the command line proper is to carry it out. */
async function plainVerb(argv: readonly string[], streams: Streams): Promise<number | null> {
  const name = verbNamed(argv);
  const file = join(__dirname, 'verbs.cjs');
  if (name === null || !existsSync(file)) return null;
  let exit: number | null = null;
  const { env } = process;
  const cached = { version: `${VERSION}-${BUILD}`, slot: `verb-${name}`, env, require };
  const { answer } = loadCached({ file, ...cached, isWhole: () => exit !== null }) as {
    readonly answer: typeof AnswerVerbFunction;
  };
  exit = await answer({ name, argv, streams, base: { env, version: VERSION, files: FILES } });
  if (exit !== null && !hasStreams) process.exit(exit);
  return exit;
}

/** What may go on for ever ends when nobody reads it any more. */
let endsWithReader = false;

let hasStreams = false;

/** The streams of this process, once with what becomes of them when nobody reads. */
function nodeStreams(): Streams {
  const { stdout, stderr } = process;
  if (hasStreams) return { stdout, stderr };
  hasStreams = true;
  // A reader that has seen enough (`| head`) is not an error, and what is left to write is for nobody. What is being done
  // goes on, and the exit code tells what became of it.
  stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    if (endsWithReader) process.exit(0);
  });
  // Nobody is left to hear what is said beside it; what is being done goes on.
  stderr.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });
  return { stdout, stderr };
}

run(process.argv.slice(2)).then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
    process.exitCode = 1;
  },
);
