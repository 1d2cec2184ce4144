/**
 * The runner's program: `node runner.cjs <home> [<flags of Node for the controller>...]`. It restarts the controller
 * that is built beside it.
 */
import { join, resolve } from 'node:path';
import { runRunner } from './run-runner.ts';
import { USUAL_UMASK } from './spawn/launch-command.ts';
import { say } from './say.ts';
import { errorMessage } from '../lib/system-error.ts';

const [home, ...controllerFlags] = process.argv.slice(2);
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
