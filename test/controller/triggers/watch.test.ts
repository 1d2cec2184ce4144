import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { eventually } from '../../support/eventually.ts';
import { Host } from '../../support/host.ts';

describe('on a real host', () => {
  it('a file that is edited restarts the apps that watch it, and a stopped one stays stopped', async () => {
    await using host = new Host();
    const source = 'setInterval(() => {}, 1e6);\n';
    host.write('src/app.cjs', source);
    const app = { script: './src/app.cjs', watch: ['src'], min_uptime: 0 };
    host.declare({ name: 'api', ...app }, { name: 'idle', ...app });
    await host.ok('apply');
    await eventually(async () => (await host.ok('describe', 'api')).stdout.includes('watching src'));
    await host.ok('stop', 'idle');
    const [before] = (await host.pids()).api ?? [];
    host.write('src/app.cjs', `${source}// edited\n`);
    const pids = await eventually(async () => {
      const now = await host.pids();
      const [pid] = now.api ?? [];
      return pid !== null && pid !== undefined && pid !== before && now;
    });
    expect(pids.idle?.filter((pid) => pid !== null)).toEqual([]);
    const { stdout } = await host.ok('events');
    expect(stdout.match(/FileChanged: src\/app\.cjs changed/g)).toHaveLength(1);
  }, 60_000);

  it('a file that is edited is read again by an app that is reloaded by a signal, and its process stays', async () => {
    await using host = new Host();
    host.write('settings/web.conf', 'one');
    host.write(
      'web.cjs',
      `const { appendFileSync, readFileSync } = require('node:fs');
const read = () => appendFileSync('read', readFileSync('settings/web.conf', 'utf8') + ' ');
process.on('SIGHUP', read);
read();
setInterval(() => {}, 1e6);
`,
    );
    host.declare({
      name: 'web',
      script: './web.cjs',
      watch: ['settings'],
      reload: { signal: 'HUP' },
    });
    await host.ok('apply');
    await eventually(async () => (await host.ok('describe', 'web')).stdout.includes('watching settings'));
    const before = await host.pids();
    host.write('settings/web.conf', 'two');
    await eventually(async () => (await host.ok('events')).stdout.includes('ReloadSucceeded'));
    expect(readFileSync(join(host.folder, 'read'), 'utf8')).toBe('one two ');
    expect(await host.pids()).toEqual(before);
    expect((await host.ok('events')).stdout).toContain(
      'FileChanged: HUP to slot 0: settings/web.conf changed',
    );
  }, 60_000);

  it('an instance whose child leaks is replaced, and its memory is that of its tree', async () => {
    await using host = new Host();
    host.write(
      'leak.cjs',
      'globalThis.kept = Buffer.alloc(150 * 1024 * 1024, 1); setInterval(() => {}, 1e6);\n',
    );
    host.write(
      'app.cjs',
      "require('node:child_process').spawn(process.execPath, ['leak.cjs']); setInterval(() => {}, 1e6);\n",
    );
    host.declare({ name: 'api', script: './app.cjs', max_memory_restart: '150M' });
    await host.ok('apply');
    const [before] = (await host.pids()).api ?? [];
    await eventually(async () => (await host.ok('events')).stdout.includes('MemoryLimit'));
    await eventually(async () => {
      const [pid] = (await host.pids()).api ?? [];
      return pid !== null && pid !== undefined && pid !== before;
    });
    expect((await host.ok('events')).stdout).toMatch(/MemoryLimit.*slot 0 \(pid \d+\) used \d+\.\dM, above/);
  }, 60_000);
});
