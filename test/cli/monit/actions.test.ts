import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { RolloutInfo } from '../../../src/api/contract/wire/apps.ts';
import { eventually } from '../../support/eventually.ts';
import { BIN, Host } from '../../support/host.ts';

/** Ready when its file says so: a rollout stands where a test wants it to. */
const SERVER = `const { existsSync } = require('node:fs');
const wait = setInterval(() => {
  if (process.env.V === '2' && !existsSync('go')) return;
  clearInterval(wait);
  process.send('ready');
}, 20);
setInterval(() => {}, 1e6);
`;

/** monit of the built package on a terminal of its own, with a real daemon behind it. */
function monit(host: Host, ...flags: readonly string[]) {
  const line = `stty cols 120 rows 30; exec ${process.execPath} ${BIN} monit ${flags.join(' ')}`;
  const child = spawn('script', ['-qec', line, '/dev/null'], {
    cwd: host.folder,
    env: { ...process.env, NO_COLOR: '1', TERM: 'xterm-256color', STATEWARD_HOME: host.home },
  });
  let seen = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => (seen += chunk));
  const ended = once(child, 'close');
  return {
    /** Presses keys, and waits for what they bring onto the screen. */
    async press(keys: string, text: string): Promise<void> {
      seen = '';
      child.stdin.write(keys);
      await eventually(() => seen.includes(text));
    },
    async sees(text: string): Promise<void> {
      await eventually(() => seen.includes(text));
    },
    async [Symbol.asyncDispose](): Promise<void> {
      child.stdin.write('\u0003');
      await ended;
    },
  };
}

function declare(host: Host, version: string): void {
  host.declare({
    ...{ name: 'web', script: './server.js', instances: 2, exec_mode: 'cluster', wait_ready: true },
    env: { V: version },
  });
}

async function up(): Promise<Host> {
  const host = new Host();
  host.write('server.js', SERVER);
  declare(host, '1');
  await host.ok('apply', '-f', 'ecosystem.yaml');
  return host;
}

async function rollout(host: Host): Promise<RolloutInfo | null | undefined> {
  return (await host.apps()).items[0]?.status.rollout;
}

describe('a rollout that is under way', () => {
  it('is paused, resumed and rolled back from its screen, each after y', async () => {
    await using host = await up();
    const pids = await host.pids();
    declare(host, '2');
    await host.ok('apply', '-f', 'ecosystem.yaml', '--no-wait');
    await eventually(async () => (await rollout(host))?.state === 'progressing');
    await using screen = monit(host);
    await screen.sees('web');
    await screen.press('o', 'rollout of shop/web');
    await screen.press(' ', 'pause shop/web? [y/N]');
    await screen.press('n', 'pause: not done');
    expect((await rollout(host))?.state).toBe('progressing');
    await screen.press(' ', 'pause shop/web? [y/N]');
    await screen.press('y', 'paused');
    await eventually(async () => (await rollout(host))?.state === 'paused');
    await screen.sees('resume');
    await screen.press(' ', 'resume shop/web? [y/N]');
    await screen.press('y', 'progressing');
    await eventually(async () => (await rollout(host))?.state === 'progressing');
    await screen.press('u', 'rollback shop/web? [y/N]');
    await screen.press('y', 'goes back to what revision 1 declared');
    await eventually(async () => {
      const [web] = (await host.apps()).items;
      return web?.status.sync === 'Synced' && web.status.readyInstances === 2;
    });
    // Nothing of the new version had become ready: the old processes are still the ones that serve.
    expect(await host.pids()).toEqual(pids);
  });

  it('is not touched with --read-only', async () => {
    await using host = await up();
    declare(host, '2');
    await host.ok('apply', '-f', 'ecosystem.yaml', '--no-wait');
    await eventually(async () => (await rollout(host))?.state === 'progressing');
    await using screen = monit(host, '--read-only');
    await screen.sees('web');
    await screen.press('r', 'restart: not with --read-only');
    await screen.press('R', 'reload: not with --read-only');
    await screen.press('s', 'stop: not with --read-only');
    await screen.press('o', 'rollout of shop/web');
    await screen.press(' ', 'pause: not with --read-only');
    await screen.press('u', 'rollback: not with --read-only');
    await screen.press(':restart web\r', 'restart: not with --read-only');
    expect((await rollout(host))?.state).toBe('progressing');
  });
});

describe('the plan screen', () => {
  it('shows what the recorded file would change now, and says where it is gone', async () => {
    await using host = await up();
    await using screen = monit(host);
    await screen.sees('web');
    await screen.press('p', 'No changes');
    declare(host, '2');
    await screen.press('\u001b', 'detail');
    await screen.press('p', 'env.V');
    rmSync(join(host.folder, 'ecosystem.yaml'));
    await screen.press('\u001b', 'detail');
    await screen.press('p', 'ecosystem.yaml');
    await screen.sees('no such file');
  });
});

describe('the detail screen', () => {
  it('shows what each instance uses and does', async () => {
    await using host = await up();
    const { web = [] } = await host.pids();
    await using screen = monit(host);
    await screen.sees('web');
    await screen.press('d', 'SLOT  PID');
    await screen.sees('REQ/M  LAG');
    for (const pid of web) await screen.sees(`${pid}`);
  });
});
