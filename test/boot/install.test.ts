import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { install, uninstall } from '../../src/boot/install.ts';
import { runCommand, type Ran } from '../../src/boot/run-command.ts';
import type { BootPlan, Command } from '../../src/boot/service.ts';
import { systemdPlan } from '../../src/boot/systemd.ts';

let folder: string;
let ran: string[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'stw-boot-'));
  ran = [];
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function plan(home = '/root/.stateward'): BootPlan {
  const command = ['/usr/bin/node', '/opt/bin.cjs', 'daemon', 'run', '--stop-apps'];
  const service = { name: 'stateward', scope: 'host', user: 'root', home, command, env: {} } as const;
  return systemdPlan(service, join(folder, 'units'));
}

function answering(result: Partial<Ran> = {}): (command: Command) => Promise<Ran> {
  return (command) => {
    ran.push(command.join(' '));
    return Promise.resolve({ code: 0, output: '', ...result });
  };
}

describe('setting a service up', () => {
  it('writes the file, in a folder that it makes, and takes it into use', async () => {
    const { file } = plan();
    expect(await install(plan(), answering())).toEqual({ ok: true, value: 'written' });
    expect(readFileSync(file.path, 'utf8')).toBe(file.text);
    expect(statSync(file.path).mode & 0o777).toBe(0o644);
    expect(ran).toEqual(['systemctl daemon-reload', 'systemctl enable stateward.service']);
  });

  it('done again changes nothing, and replaces what it has written itself', async () => {
    await install(plan(), answering());
    expect(await install(plan(), answering())).toEqual({ ok: true, value: 'unchanged' });
    expect(await install(plan('/srv/other'), answering())).toEqual({ ok: true, value: 'replaced' });
  });

  it('leaves a file that was edited as it is, and runs nothing', async () => {
    await install(plan(), answering());
    const { path } = plan().file;
    writeFileSync(path, `${readFileSync(path, 'utf8')}Nice=5\n`);
    ran = [];
    for (const outcome of [
      await install(plan('/srv/x'), answering()),
      await uninstall(plan(), answering()),
    ]) {
      expect(outcome).toMatchObject({ ok: false, error: { code: 'CONFLICT' } });
    }
    expect(readFileSync(path, 'utf8')).toMatch(/Nice=5\n$/);
    expect(ran).toEqual([]);
  });

  it('says which command failed and with what', async () => {
    const failed = await install(plan(), answering({ code: 1, output: 'Failed to connect to bus' }));
    expect(failed).toMatchObject({
      ok: false,
      error: {
        code: 'BOOT_FAILED',
        message: `${plan().file.path} is written, but systemctl daemon-reload ended with 1`,
        details: ['Failed to connect to bus'],
      },
    });
  });

  it('is undone: the file goes, and what is not enabled goes too', async () => {
    await install(plan(), answering());
    ran = [];
    expect(await uninstall(plan(), answering())).toEqual({ ok: true, value: true });
    expect(existsSync(plan().file.path)).toBe(false);
    expect(ran).toEqual(['systemctl disable stateward.service', 'systemctl daemon-reload']);
    expect(await uninstall(plan(), answering())).toEqual({ ok: true, value: false });
  });
});

describe('a command of the host', () => {
  it('tells its code and what it printed', async () => {
    expect(await runCommand(['sh', '-c', 'echo one; echo two >&2; exit 3'])).toEqual({
      code: 3,
      output: 'one\ntwo',
    });
  });

  it('that is not there has no code', async () => {
    expect(await runCommand(['/nowhere/systemctl'])).toMatchObject({ code: null });
  });
});
