/** Tries to take the lock at argv[2] (with flock(1), or by a file if argv[3] says so), says how it went, and stays. */
import { acquireLock } from '../../src/runner/lock.ts';

const [, , path = '', kind] = process.argv;
process.stdin.resume().on('close', () => process.exit(0));
void acquireLock(path, kind === 'file' ? { flockPath: null } : {}).then((outcome) => {
  console.log(outcome.held ? 'held' : `by ${outcome.by ?? 'null'}`);
});
