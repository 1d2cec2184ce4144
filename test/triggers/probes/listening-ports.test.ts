import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import { eventually } from '../../support/eventually.ts';
import { listeningPorts } from '../../../src/triggers/probes/listening-ports.ts';

describe.runIf(process.platform === 'linux')('the ports that processes listen on', () => {
  it('are those of a process and of what it has started, and no closed ones', async () => {
    const listen = `const server = require('node:net').createServer().listen(0, '127.0.0.1', () => console.log(server.address().port))`;
    const parent = `require('node:child_process').spawn(process.execPath, ['-e', ${JSON.stringify(listen)}], { stdio: 'inherit' }); setInterval(() => {}, 1e6)`;
    const child = spawn(process.execPath, ['-e', parent], {
      detached: true,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const { pid, stdout } = child;
    if (pid === undefined) throw new Error('not started');
    try {
      const [line] = (await once(stdout, 'data')) as [Buffer];
      expect((await listeningPorts([pid])).get(pid)).toEqual([Number(line.toString())]);
    } finally {
      process.kill(-pid, 'SIGKILL');
      await once(child, 'close');
    }
    // The child of the child is in its session until the kernel has taken it apart.
    await eventually(async () => (await listeningPorts([pid])).size === 0);
  });

  it('are in ascending order, once each, also where the table of the kernel has many pages', async () => {
    const servers = Array.from({ length: 120 }, () => createServer());
    for (const server of servers) await once(server.listen(0, '127.0.0.1'), 'listening');
    const ports = servers.map((server) => (server.address() as { port: number }).port);
    const found = (await listeningPorts([process.pid])).get(process.pid) ?? [];
    expect(found).toEqual([...new Set(found)].sort((a, b) => a - b));
    expect(found).toEqual(expect.arrayContaining(ports));
    for (const server of servers) server.close();
    expect(await listeningPorts([])).toEqual(new Map());
  });
});
