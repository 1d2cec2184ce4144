import { existsSync } from 'node:fs';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { get } from 'node:http';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { IncomingMessage } from 'node:http';
import { describe, expect, test } from 'vitest';
import { eventually } from '../../support/eventually.ts';
import { freePort } from '../../support/free-port.ts';
import { Host } from '../../support/host.ts';

/** Takes its socket as programs in Go do, and answers what it has before it ends. */
const SERVER = `
if (Number(process.env.LISTEN_PID) !== process.pid) process.exit(9);
const server = require('node:http').createServer((_, answer) => {
  answer.setHeader('connection', 'close');
  answer.end(process.env.VERSION + ' ' + process.pid);
}).listen({ fd: 3 });
process.on('SIGINT', () => server.close(() => process.exit()));
`;

const APP = {
  name: 'api',
  script: './server.js',
  agent: false,
  min_uptime: 100,
  rollout: { min_ready: 0 },
  code: 'off',
};

/** Asks again and again; whoever is refused, or gets no answer, counts. */
function keepAsking(port: number): { readonly stop: () => Promise<readonly string[]> } {
  const failed: string[] = [];
  let isOver = false;
  const ask = async (): Promise<void> => {
    while (!isOver) await answerOf(port).catch((error: unknown) => failed.push(String(error)));
  };
  const all = Promise.all([ask(), ask(), ask(), ask()]);
  return {
    stop: async () => {
      isOver = true;
      await all;
      return failed;
    },
  };
}

async function answerOf(port: number): Promise<string> {
  const request = get({ port, host: '127.0.0.1', agent: false });
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  return text(response);
}

const isRefused = (port: number): Promise<boolean> =>
  answerOf(port).then(
    () => false,
    (error: unknown) => String(error).includes('ECONNREFUSED'),
  );

async function declared(
  more: Record<string, unknown> = {},
): Promise<{ readonly host: Host; readonly port: number }> {
  const host = new Host();
  const port = await freePort();
  host.write('server.js', SERVER);
  host.declare({
    ...APP,
    sockets: [{ name: 'web', listen: `127.0.0.1:${port}` }],
    env: { VERSION: '1' },
    ...more,
  });
  return { host, port };
}

describe('an app with sockets', () => {
  test('refuses nobody while it is restarted, rolled, scaled, and while the daemon is killed and upgraded', async () => {
    const { host, port } = await declared();
    await using _ = host;
    await host.ok('apply');
    const load = keepAsking(port);
    const change = (version: string): Promise<unknown> => {
      const sockets = [{ name: 'web', listen: `127.0.0.1:${port}` }];
      host.declare({ ...APP, sockets, env: { VERSION: version } });
      return host.ok('apply');
    };
    await host.ok('restart', 'api');
    host.declare({ ...APP, sockets: [{ name: 'web', listen: `127.0.0.1:${port}` }], env: { VERSION: '2' } });
    expect((await host.ok('plan')).text).toContain('1 process, start first');
    await change('2');
    expect(await answerOf(port)).toMatch(/^2 /);
    await host.ok('scale', 'api', '3');
    const { controller, runner } = await host.daemon();
    process.kill(runner?.pid ?? 0, 'SIGKILL');
    process.kill(controller?.pid ?? 0, 'SIGKILL');
    await eventually(async () => (await host.run(['daemon', 'start'])).code === 0);
    await change('3');
    await host.ok('daemon', 'upgrade');
    await change('4');
    expect(await load.stop()).toEqual([]);
    expect(await answerOf(port)).toMatch(/^4 /);
    const { items } = await host.apps();
    expect(items[0]?.status.instances[0]?.sockets).toEqual([`127.0.0.1:${port}`]);
    expect(items[0]?.status.conditions.filter(({ type }) => type === 'SocketSharing')).toEqual([]);
  }, 60_000);

  test('has none while it is stopped, and none any more when it is removed', async () => {
    const { host, port } = await declared();
    await using _ = host;
    const file = join(host.folder, 'api.sock');
    host.declare({
      ...APP,
      sockets: [
        { name: 'web', listen: `127.0.0.1:${port}` },
        { name: 'admin', listen: { path: './api.sock', mode: '0600' } },
      ],
    });
    await host.ok('apply');
    expect(existsSync(file)).toBe(true);
    await host.ok('stop', 'api');
    await eventually(() => isRefused(port));
    expect(existsSync(file)).toBe(false);
    await host.ok('start', 'api');
    expect(await answerOf(port)).toMatch(/\d+$/);
    await host.ok('delete', 'all', '--allow-wipe');
    await eventually(() => isRefused(port));
  });

  test('says who has its address', async () => {
    const { host, port } = await declared();
    await using _ = host;
    const other = createServer().listen(port, '127.0.0.1');
    await once(other, 'listening');
    expect((await host.run(['apply', '--timeout', '2s'])).code).not.toBe(0);
    const why = await eventually(async () => {
      const said = (await host.run(['why', 'api'])).stdout;
      return said.includes(`held by process ${process.pid} `) ? said : undefined;
    });
    expect(why).toContain(`cannot listen on 127.0.0.1:${port}`);
    other.close();
    await host.ok('restart', 'api');
    expect(await answerOf(port)).toMatch(/\d+$/);
  });

  test('that lose their keeper and the runner at once are told, and come back with the next restart', async () => {
    const { host, port } = await declared();
    await using _ = host;
    await host.ok('apply');
    const { runner } = await host.daemon();
    const keeper = await eventually(() => keeperOf(host));
    // Stopped first, so that neither sees the other end.
    for (const signal of ['SIGSTOP', 'SIGKILL'] as const)
      for (const pid of [runner?.pid ?? 0, keeper]) process.kill(pid, signal);
    const lost = await eventually(async () => {
      const { items } = await host.apps();
      return items[0]?.status.conditions.find(({ reason }) => reason === 'SocketsLost');
    });
    expect(lost).toMatchObject({ type: 'SocketSharing', status: 'False' });
    await host.ok('restart', 'api');
    expect(await answerOf(port)).toMatch(/\d+$/);
    expect(
      (await host.apps()).items[0]?.status.conditions.some(({ reason }) => reason === 'SocketsLost'),
    ).toBe(false);
  });
});

function keeperOf(host: Host): number | undefined {
  try {
    const { readFileSync } = process.getBuiltinModule('node:fs');
    return (JSON.parse(readFileSync(join(host.home, 'run/sockets.json'), 'utf8')) as { pid: number }).pid;
  } catch {
    return undefined;
  }
}
