import { chmodSync, copyFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { createConnection } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { allAnswer, answerAt, ClusterRig } from '../../support/runner/cluster-rig.ts';
import { freePort } from '../../support/free-port.ts';
import { nodes } from '../../support/nodes.ts';

let rig: ClusterRig;
beforeEach(async () => {
  rig = await ClusterRig.start();
  // To the scripts, and not into the home.
  chmodSync(rig.runner.folder, 0o755);
});
afterEach(() => rig.close());

const user = 'nobody';
const STAY = `setInterval(() => undefined, 1e6);`;
const ECHO = `process.on('message', (message) => say({ message }));`;
const uid = 65_534;

/** A Node that others may run, too: those of a test run may be in a folder that is closed to them. */
function forOthers(node: string): string {
  const copy = join(rig.runner.folder, 'node');
  if (node === process.execPath) return node;
  copyFileSync(node, copy);
  chmodSync(copy, 0o755);
  return copy;
}

describe.runIf(process.getuid?.() === 0 && process.platform === 'linux')('an app of another user', () => {
  test.each(nodes)('has its channel and its sockets back from the next runner, on %s', async (path) => {
    const node = forOthers(path);
    const port = await freePort();
    const source = `${ECHO} require('node:net').createServer((socket) => socket.end(ID)).listen(${port}, '127.0.0.1');`;
    const instances = [];
    for (const slot of [0, 1]) instances.push(await rig.app(source, { user, node, slot }));
    for (const instance of instances) await rig.listening(instance);
    for (const times of [1, 2]) {
      await rig.replaceRunner();
      await rig.cameBack(...instances);
      for (const instance of instances) {
        await rig.tell(instance, times);
        expect(await rig.said(instance)).toEqual({ message: times });
      }
    }
    const late = await rig.app(source, { user, node, slot: 2 });
    await allAnswer({ port }, [...instances, late]);
    for (const instance of instances) await rig.stop(instance);
    expect(await answerAt({ port })).toBe(late.nonce);
  });

  test('has its channel back in fork mode, started by a shell', async () => {
    const shell = join(rig.runner.folder, 'node-by-shell');
    writeFileSync(shell, `#!/bin/sh\n"${process.execPath}" "$@"\n`, { mode: 0o755 });
    const app = await rig.app(`${ECHO} ${STAY}`, { user, node: shell, shared: false });
    await rig.replaceRunner();
    await rig.line(app, ({ connected }) => connected);
    await rig.tell(app, 'again');
    expect(await rig.said(app)).toEqual({ message: 'again' });
  });

  test('gets to nothing else of the home by way of the folder, and does not pass it on', async () => {
    const app = await rig.app(
      `const { readdirSync, writeFileSync, readFileSync, chmodSync } = require('node:fs');
       const { execFileSync } = require('node:child_process');
       const codeOf = (run) => { try { run(); return 'done'; } catch ({ code }) { return code; } };
       const way = '/proc/self/fd/4';
       say({
         list: codeOf(() => readdirSync(way)),
         plant: codeOf(() => writeFileSync(way + '/x', '')),
         widen: codeOf(() => chmodSync(way, 0o777)),
         above: codeOf(() => readdirSync(way + '/..')),
         beside: codeOf(() => readdirSync(way + '/../0')),
         ledger: codeOf(() => readFileSync(way + '/../../ledger.ndjson')),
         child: execFileSync('ls', ['-l', '/proc/self/fd']).toString().includes('agents'),
         told: Object.keys(process.env).filter((name) => name.includes('AGENTS')),
       }); ${STAY}`,
      { user, shared: false },
    );
    expect(await rig.said(app)).toEqual({
      list: 'EACCES',
      plant: 'EACCES',
      widen: 'EPERM',
      above: 'EACCES',
      beside: 'EACCES',
      ledger: 'EACCES',
      child: false,
      told: [],
    });
  });

  test('costs the runner no descriptor, and its socket is for its user alone', async () => {
    const open = (): number => readdirSync(`/proc/${rig.runner.runner.pid}/fd`).length;
    const app = await rig.app(STAY, { user, shared: false });
    const before = open();
    for (let times = 0; times < 5; times++) await rig.stop(await rig.app(STAY, { user, shared: false }));
    expect(open()).toBeLessThanOrEqual(before);
    await rig.replaceRunner();
    await rig.line(app, ({ connected }) => connected);
    const folder = join(rig.runner.home, 'run/agents');
    expect(statSync(folder)).toMatchObject({ uid: 0, mode: 0o40_700 });
    expect(statSync(join(folder, String(uid)))).toMatchObject({ uid: 0, mode: 0o40_711 });
    expect(statSync(join(folder, String(uid), 'agents.sock'))).toMatchObject({ uid, mode: 0o140_600 });
  });

  test('is not taken for one of ours, whatever it knows', async () => {
    const ours = await rig.app(`say('up'); ${STAY}`, { shared: false });
    const theirs = await rig.app(`say('up'); ${STAY}`, { user, shared: false });
    for (const app of [ours, theirs]) await rig.said(app);
    // Frozen, neither comes by itself.
    for (const { pid } of [ours, theirs]) process.kill(pid ?? 0, 'SIGSTOP');
    await rig.replaceRunner();
    const path = join(rig.runner.home, 'run/agents', String(uid), 'agents.sock');
    expect(await answerTo(path, ours.nonce)).toBe('');
    expect(await answerTo(path, theirs.nonce)).toContain('WELCOME');
    for (const { pid } of [ours, theirs]) process.kill(pid ?? 0, 'SIGCONT');
  });
});

/** What a stranger who knows a nonce is told first; empty: the connection was closed. */
function answerTo(path: string, nonce: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = createConnection(path);
    socket.write(`${JSON.stringify({ cmd: 'NODE_STATEWARD_HELLO', nonce })}\n`);
    socket.on('data', (bytes) => {
      socket.destroy();
      resolve(bytes.toString());
    });
    socket.on('error', reject);
    socket.on('end', () => resolve(''));
  });
}
