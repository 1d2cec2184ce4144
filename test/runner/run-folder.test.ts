import { readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { acquireLock } from '../../src/runner/lock/lock.ts';
import { errorCode } from '../../src/lib/system-error.ts';
import { eventually } from '../support/eventually.ts';
import { fileText } from '../support/files.ts';
import { RunnerRig } from '../support/runner/runner-rig.ts';

/** A controller that says that it was started, and stays away. */
const DAEMON = `require('node:fs').appendFileSync(process.argv[2] + '/started', 'x');`;

let rig: RunnerRig;
beforeEach(async () => {
  rig = await RunnerRig.start({ daemon: DAEMON });
});
afterEach(() => rig.close());

const at = (name: string): string => join(rig.home, 'run', name);

/** What is removed may be made again while the rest of it is removed. */
async function removeAll(folder: string): Promise<void> {
  await eventually(() =>
    rm(folder, { recursive: true }).then(
      () => true,
      (error: unknown) => {
        if (errorCode(error) !== 'ENOTEMPTY') throw error;
        return false;
      },
    ),
  );
}

describe('while the runner lives', () => {
  test('run/ that is removed is made again with all that is in it, and no second runner comes up', async () => {
    const { child, instance } = await rig.launch();
    await removeAll(join(rig.home, 'run'));
    // Before anything is there again.
    expect(await acquireLock(join(rig.home, 'other.lock'), { folder: rig.home })).toEqual({
      held: false,
      by: null,
    });
    const { pid } = rig.runner;
    await eventually(async () => (await readFile(at('runner.lock'), 'utf8').catch(() => '')) === `${pid}\n`);
    expect(await acquireLock(at('runner.lock'))).toEqual({ held: false, by: pid });
    await eventually(async () =>
      (await readFile(at('ledger.ndjson'), 'utf8').catch(() => '')).includes(instance.nonce),
    );
    await eventually(async () => (await stat(at('runner.sock')).catch(() => null))?.isSocket() === true);
    const second = await rig.launch();
    await rig.killRunner();
    await child.write('stdout', 'between\n');
    await rig.startRunner();
    const pids = (await rig.client.list()).map((line) => [line.state, line.pid]);
    expect(pids.sort()).toEqual(
      [
        ['running', child.pid],
        ['running', second.child.pid],
      ].sort(),
    );
    expect(await fileText(rig.logOf(instance), 'between')).toBe('between\n');
  });

  test('a set of FIFOs is there for the next start, whatever has become of their folder', async () => {
    await rig.launch();
    await removeAll(at('io'));
    await writeFile(at('io'), 'a file');
    const { child, instance } = await rig.launch();
    await child.write('stdout', 'here\n');
    await fileText(rig.logOf(instance), 'here\n');
  });

  test('a controller that is lost is replaced though the lock file is gone', async () => {
    await rm(at('runner.lock'));
    rig.client.close();
    await fileText(join(rig.home, 'started'), 'x');
  });
});
