import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { describe, expect, test } from 'vitest';
import { eventually } from '../../support/eventually.ts';
import { Host, isAlive } from '../../support/host.ts';

interface Item {
  readonly name: string;
  readonly level: string;
  readonly message: string;
  readonly hint?: string;
}

async function doctor(
  host: Host,
  env: Readonly<Record<string, string>> = {},
): Promise<{ readonly code: number | null; item(name: string): Item | undefined }> {
  const { code, stdout } = await host.run(['doctor', '-o', 'json'], { env });
  const { items } = JSON.parse(stdout) as { readonly items: readonly Item[] };
  return { code, item: (name) => items.find((one) => one.name === name) };
}

describe('doctor', () => {
  test('without a daemon looks at what can be looked at', async () => {
    await using host = new Host();
    const seen = await doctor(host);
    expect(seen.item('daemon')).toMatchObject({ level: 'warn', hint: 'stateward daemon start' });
    expect(seen.item('runner')).toMatchObject({ level: 'skip' });
    expect(seen.item('home')).toMatchObject({ level: 'ok' });
  });

  test('names the stranger that holds the port of an app, and ends with 1', async () => {
    await using host = new Host();
    const stranger = createServer().listen(0, '127.0.0.1');
    await once(stranger, 'listening');
    const { port } = stranger.address() as AddressInfo;
    host.write('app.js', 'setInterval(() => {}, 1e6);');
    host.declare({ name: 'web', script: './app.js', min_uptime: 50, env: { PORT: String(port) } });
    await host.ok('apply');
    const taken = await doctor(host);
    stranger.close();
    expect([taken.code, taken.item('ports')?.message]).toEqual([
      1,
      expect.stringContaining(`process ${process.pid} `) as string,
    ]);
    const free = await doctor(host);
    expect(free.item('ports')).toMatchObject({ level: 'ok' });
    expect(free.item('daemon')).toMatchObject({ level: 'ok' });
    expect(free.item('orphans')).toMatchObject({ level: 'ok', message: 'none' });
    // Programs are looked for where the daemon looks, whatever the PATH of the command.
    const elsewhere = await doctor(host, { PATH: '/nowhere' });
    expect(elsewhere.item('mkfifo')).toEqual(free.item('mkfifo'));
  }, 60_000);

  test('finds a process of the home that no instance owns', async () => {
    await using host = new Host();
    // What it leaves in a session of its own, without the nonce of its instance, is nobody's any more.
    host.write(
      'app.js',
      `const { spawn } = require('node:child_process');
       const env = { ...process.env, STATEWARD_INSTANCE: 'stray' };
       const child = spawn('sleep', ['600'], { detached: true, stdio: 'ignore', env });
       console.log(child.pid);
       setInterval(() => {}, 1e6);`,
    );
    host.declare({ name: 'web', script: './app.js', min_uptime: 50 });
    await host.ok('apply');
    const pid = await eventually(async () => {
      const [, said] = /(\d+)\s*$/.exec((await host.ok('logs', 'web', '--lines', '1')).stdout) ?? [];
      return said !== undefined && Number(said);
    });
    try {
      const seen = (await doctor(host)).item('orphans');
      expect(seen).toMatchObject({
        level: 'warn',
        message: expect.stringContaining(`${pid} (sleep`) as string,
      });
    } finally {
      if (isAlive(pid)) process.kill(pid, 'SIGKILL');
    }
  }, 60_000);
});
