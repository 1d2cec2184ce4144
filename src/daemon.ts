import { join } from 'node:path';
import { compileLate } from './lib/memory/compile-late.ts';
import { BUILD } from './lib/programs/build.ts';
import { loadCached } from './lib/programs/load-cached.ts';

declare const __dirname: string;

const FILE = join(__dirname, 'controller.cjs');

/** Late enough for what the start of many apps needs, and soon enough for a controller that is killed now and then. */
const KEEP_AFTER_MS = 15_000;

/** What answers once, and ends; it runs without the flags of V8 that a controller has. */
const ONCE = /^--(one-shot$|against=)/;

/**
 * `daemon.cjs HOME [...]`: the controller (`src/controller/main.ts` says what it takes), with the code that V8 has compiled
 * for the last one: compiling it takes a fifth of a start, and a fifth of the memory, which is not given back.
 */
function run(flags: readonly string[]): void {
  const isOnce = flags.some((flag) => ONCE.test(flag));
  if (!isOnce) compileLate();
  loadCached({
    file: FILE,
    version: BUILD,
    env: process.env,
    require,
    ...(isOnce ? { slot: 'one-shot' } : { slot: 'controller', keepAfterMs: KEEP_AFTER_MS }),
  });
}

run(process.argv.slice(3));
