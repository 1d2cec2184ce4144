import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { VerbResponse } from '../../../src/api/contract/wire/verbs.ts';
import { eventually } from '../../support/eventually.ts';
import { Host } from '../../support/host.ts';

/** What the system says, and the words of it that a person reads. */
const KINDS = {
  ENOSPC: 'no space left on device',
  EDQUOT: 'disk quota exceeded',
  EROFS: 'read-only file system',
  EIO: 'input/output error',
  EMFILE: 'too many open files',
  EACCES: 'permission denied',
} as const;

const APP = 'setInterval(() => {}, 1e6);\n';

/** A daemon with an app for each kind of error, whose state can be made unwritable. */
async function daemon(host: Host): Promise<{ readonly fail: (code: string | null) => void }> {
  const fault = join(host.folder, 'fault');
  host.write('app.js', APP);
  host.declare(
    ...Object.keys(KINDS).map((code) => ({
      ...{ name: code.toLowerCase(), script: './app.js', min_uptime: 50, instances: 2 },
      exec_mode: 'fork',
    })),
  );
  const applied = await host.run(['apply'], { env: { STATEWARD_FAILPOINT: `@${fault}` } });
  expect(applied.code, applied.text).toBe(0);
  return {
    fail: (code) => {
      if (code === null) rmSync(fault);
      else writeFileSync(fault, `state.write:error=${code}`);
    },
  };
}

async function problemsOf(host: Host): Promise<Readonly<Record<string, readonly string[]>>> {
  const { items } = await host.apps();
  return Object.fromEntries(
    items.map(({ name, status }) => [name, (status.problems ?? []).map(({ message }) => message)]),
  );
}

describe('a state that cannot be written', () => {
  test('keeps nobody from stopping, says what a restart would bring, and is written when that works again', async () => {
    await using host = new Host();
    const { fail } = await daemon(host);
    for (const [code, words] of Object.entries(KINDS)) {
      fail(code);
      const name = code.toLowerCase();
      const stopped = await host.run(['stop', name, '-o', 'json']);
      expect(stopped.code, stopped.text).toBe(0);
      expect(stopped.stderr).toContain(`after a restart of the controller shop/${name} would start again`);
      const { unwritten } = JSON.parse(stopped.stdout) as VerbResponse;
      expect(unwritten).toMatchObject({ apps: [{ app: `shop/${name}`, instances: 0 }] });
      expect((await host.apps()).items.find((app) => app.name === name)?.status.health).toBe('Stopped');
      const problems = await problemsOf(host);
      expect(problems[name]?.[0]).toContain('after a restart of the controller the app would start again');
      fail(null);
      await eventually(async () =>
        Object.values(await problemsOf(host)).every((found) => found.length === 0),
      );
      fail(code);
      const refused = await host.run(['start', name]);
      expect(refused.code).toBe(1);
      expect(refused.stderr).toContain(words);
      expect(refused.stderr).toContain(join(host.home, 'state', 'projects', 'shop.json'));
      expect(refused.stderr).toContain('nothing was changed');
      fail(null);
    }
    const { controller } = await host.daemon();
    process.kill(controller?.pid ?? 0, 'SIGKILL');
    await eventually(async () => (await host.run(['get'])).code === 0);
    const { items } = await host.apps();
    expect(new Set(items.map(({ status }) => status.health))).toEqual(new Set(['Stopped']));
  }, 180_000);

  test('takes a scale down, stops what it cannot delete, refuses what would start, and shows it to doctor', async () => {
    await using host = new Host();
    const { fail } = await daemon(host);
    fail('ENOSPC');
    expect((await host.run(['scale', 'eio', '1'])).text).toContain('shop/eio would have 2 instances again');
    const deleted = await host.run(['delete', 'erofs']);
    expect(deleted.code).toBe(1);
    expect(deleted.stderr).toContain('stopped shop/erofs, and cannot delete it');
    for (const refused of [['scale', 'emfile', '3'], ['start', 'erofs'], ['apply']]) {
      const ran = await host.run(refused);
      expect(ran.code, refused.join(' ')).toBe(1);
      expect(ran.stderr).toContain('nothing was changed');
    }
    // What runs is restarted all the same, also where no history can be written.
    const before = (await host.pids())['emfile'];
    expect((await host.run(['restart', 'emfile'])).code).toBe(0);
    const [was] = before ?? [];
    expect((await host.pids())['emfile']).not.toContain(was);
    const { unwritten } = await host.daemon();
    expect(unwritten?.reason).toBe('no space left on device');
    const doctor = await host.run(['doctor']);
    expect(doctor.code).toBe(1);
    expect(doctor.stdout).toMatch(/fail +state +not on disk yet/);
    // One line when it began, however often it was tried.
    const lines = readFileSync(join(host.home, 'daemon.log'), 'utf8').split('\n');
    expect(lines.filter((line) => line.includes('the state cannot be written'))).toHaveLength(1);
    const ended = await host.run(['daemon', 'stop', '--all']);
    expect(ended.code, ended.text).toBe(0);
    expect(ended.stderr).toContain('could not be written before the daemon ended');
  }, 120_000);
});
