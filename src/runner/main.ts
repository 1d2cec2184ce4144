/**
 * The runner's program: `node runner.cjs <home> [<flags of Node for the controller>...] [--succeed=...]`. It restarts the
 * controller that is built beside it. `--succeed`: it is started by a runner whose place it is to take.
 */
import { join, resolve } from 'node:path';
import { runRunner } from './run-runner.ts';
import { USUAL_UMASK } from './spawn/launch-command.ts';
import { say } from './say.ts';
import { successionOf } from './succession/succeed.ts';
import { compileLate } from '../lib/memory/compile-late.ts';
import { errorMessage } from '../lib/system-error.ts';

compileLate();

const [home, ...flags] = process.argv.slice(2);
const { lockFds, rest: controllerFlags } = successionOf(flags);
if (home === undefined) {
  process.stderr.write('usage: runner.cjs <home>\n');
  process.exit(64);
}
const absolute = resolve(home);
process.title = 'stateward runner';
// What it makes says by its mode who may have it; whoever started it may have any umask.
process.umask(USUAL_UMASK);
// Not to pin the folder of whoever started it.
process.chdir('/');
runRunner({
  home: absolute,
  version: process.env.STATEWARD_VERSION ?? '0.0.0',
  lockFds,
  holderProgram: join(__dirname, 'holder.cjs'),
  controllerCommand: [process.execPath, ...controllerFlags, join(__dirname, 'daemon.cjs'), absolute],
}).then(
  (started) => {
    if (!started) process.exit(0);
  },
  (error: unknown) => {
    say(`cannot start: ${errorMessage(error)}`);
    process.exit(1);
  },
);
