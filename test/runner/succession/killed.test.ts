import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import type { FailpointName } from '../../../src/lib/failpoints/names.ts';
import { hostProcesses } from '../../../src/runner/processes/host-processes.ts';
import { answerAt, ClusterRig } from '../../support/runner/cluster-rig.ts';
import { eventually } from '../../support/eventually.ts';

/** Counts aloud, answers, and echoes. */
const APP = `let count = 0;
setInterval(() => console.log('line ' + count++), 2);
process.on('message', (message) => say({ message }));
require('node:net').createServer((socket) => socket.end(ID)).listen(0, '127.0.0.1');`;

/** Where one of the two runners is killed, and whether the old one is the one that goes on. */
const STEPS: readonly (readonly [FailpointName, 'old' | 'new'])[] = [
  ['upgrade.loaded', 'old'],
  ['upgrade.prepared', 'new'],
  ['upgrade.frozen', 'new'],
  ['upgrade.found', 'old'],
  ['upgrade.restored', 'new'],
  ['upgrade.released', 'new'],
  ['upgrade.begun', 'old'],
  ['upgrade.served', 'new'],
];

test.each(STEPS)('a kill at %s leaves the %s runner, and every app as it was', async (step, left) => {
  const fault = join(mkdtempSync('/tmp/stw-fault-'), 'fault');
  const rig = await ClusterRig.start({ env: { STATEWARD_FAILPOINT: `@${fault}` } });
  try {
    const [app, other] = await rig.apps(2, APP);
    if (app === undefined || other === undefined) throw new Error('two expected');
    const port = await rig.port(app);
    await rig.listening(other);
    const before = rig.client.runnerPid;
    writeFileSync(fault, `${step}:kill`);
    const asked = rig.client.request({ kind: 'hand-over', command: rig.runner.command });
    await eventually(() => existsSync(`${fault}.fired`));
    if (left === 'old') expect(await asked).toMatchObject({ ok: false, error: { code: 'not-handed-over' } });
    else await rig.client.closed;
    await rig.runner.reconnect();
    expect(rig.client.runnerPid === before).toBe(left === 'old');
    await rig.cameBack(app, other);
    const list = await rig.client.list();
    const living = list.filter(({ state }) => state === 'running').map(({ pid }) => pid);
    expect(new Set(living)).toEqual(new Set([app.pid, other.pid]));
    expect(list).toHaveLength(2);
    expect([app.nonce, other.nonce]).toContain(await answerAt({ port }));
    await rig.tell(app, 'still there');
    expect(await rig.said(app)).toMatchObject({ message: 'still there' });
    const late = await rig.app(APP, { slot: 2 });
    expect(await rig.port(late)).toBe(port);
    const runners = (await hostProcesses().scan()).filter(({ pid }) => isRunnerOf(pid, fault));
    expect(runners.map(({ pid }) => pid)).toEqual([rig.client.runnerPid]);
    await rig.stop(late);
  } finally {
    await rig.close();
    rmSync(dirname(fault), { recursive: true });
  }
});

/** Only runners have it in their environment, and in no other test. */
function isRunnerOf(pid: number, fault: string): boolean {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'utf8').includes(`@${fault}`);
  } catch {
    return false;
  }
}
