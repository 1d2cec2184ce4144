import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { RunnerClient } from '../support/runner/runner-client.ts';
import { RunnerRig } from '../support/runner/runner-rig.ts';

let rig: RunnerRig;
beforeEach(async () => {
  rig = await RunnerRig.start();
});
afterEach(() => rig.close());

/** Lets the runner have so many files open besides those that it has. */
function leave(count: number): void {
  const { pid = 0 } = rig.runner;
  const limit = readdirSync(`/proc/${pid}/fd`).length + count;
  execFileSync('prlimit', [`--pid=${pid}`, `--nofile=${limit}:`]);
}

test.runIf(process.platform === 'linux')(
  'a runner at its limit of open files starts nothing more, says what to raise, and loses nothing',
  async () => {
    const before = await rig.launch();
    await rig.killRunner();
    await rig.startRunner();
    leave(20);
    const refused = await rig.client.spawn(rig.spec());
    expect(refused.exit?.error).toMatch(/EMFILE: the runner has too many files open: raise its limit/);
    expect(refused.exit?.shortage).toBe(true);
    leave(3);
    // Whoever comes is heard.
    (await RunnerClient.connectSilently(rig.socketPath)).close();
    const { nonce } = before.instance;
    leave(0);
    await rig.client.call({ kind: 'stop', spec: { nonce, signal: 'SIGTERM', tree: true, graceMs: 5_000 } });
    expect((await rig.client.nextState(nonce, 'exited')).exit).toMatchObject({ requested: true });
    leave(200);
    await eventually(async () => (await rig.client.spawn(rig.spec())).exit?.error == null);
  },
);
