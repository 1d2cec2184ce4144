import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { eventually } from '../../support/eventually.ts';
import { freePort } from '../../support/free-port.ts';
import { Host } from '../../support/host.ts';

/** Pids of the processes that run `sleep <seconds>`; nobody else's sleep is so long. */
function sleepers(seconds: string): readonly number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && commandOf(name) === `sleep ${seconds}`)
    .map(Number);
}

function commandOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'latin1').split('\0').join(' ').trim();
  } catch {
    return '';
  }
}

async function restartsOf(host: Host, app: string): Promise<number> {
  const { items } = await host.apps();
  return items.find(({ name }) => name === app)?.status.instances[0]?.restarts ?? 0;
}

const answer = async (port: number): Promise<number> =>
  Number(await (await fetch(`http://127.0.0.1:${port}/`)).text());

describe.runIf(process.platform === 'linux')('what an app leaves behind', () => {
  it('never piles up while it keeps ending, and is gone after stop, delete and daemon stop --all', async () => {
    await using host = new Host();
    const seconds = `1${await freePort()}`;
    host.declare({
      name: 'pair',
      script: `sleep ${seconds} & sleep 0.1; exit 1`,
      restart_delay: 50,
      min_uptime: 10,
    });
    await host.run(['apply', '--no-wait']);
    await eventually(async () => (await restartsOf(host, 'pair')) >= 4);
    expect(sleepers(seconds).length).toBeLessThanOrEqual(1);
    await host.ok('stop', 'pair');
    expect(sleepers(seconds)).toEqual([]);
    await host.run(['start', 'pair', '--no-wait']);
    await eventually(() => sleepers(seconds).length > 0);
    await host.ok('delete', 'pair', '--allow-wipe');
    expect(sleepers(seconds)).toEqual([]);
    await host.run(['apply', '--no-wait']);
    await eventually(() => sleepers(seconds).length > 0);
    await host.ok('daemon', 'stop', '--all');
    expect(sleepers(seconds)).toEqual([]);
  });

  it('does not keep the port when the wrapper of a server is killed, and never passes for its successor', async () => {
    await using host = new Host();
    const port = await freePort();
    host.write(
      's.cjs',
      `require('http').createServer((_, answer) => answer.end(String(process.pid))).listen(${port}, '127.0.0.1');`,
    );
    host.write('wrap.sh', 'node s.cjs & echo; wait\n');
    host.declare({
      name: 'wrap',
      script: './wrap.sh',
      readiness: { http: { port }, period: '100ms' },
      restart_delay: 10,
    });
    await host.ok('apply');
    const before = await answer(port);
    const [wrapper] = (await host.pids()).wrap ?? [];
    process.kill(wrapper ?? 0, 'SIGKILL');
    const after = await eventually(async () => {
      const pid = await answer(port).catch(() => before);
      return pid === before ? undefined : pid;
    });
    expect(commandOf(String(before))).toBe('');
    expect(after).toBeGreaterThan(0);
    await eventually(async () => (await host.apps()).items[0]?.status.health === 'Healthy');
  });

  it('is ended also when it ended while no daemon ran', async () => {
    await using host = new Host();
    const seconds = `2${await freePort()}`;
    host.declare({ name: 'app', script: `sleep ${seconds} & wait`, autorestart: false, min_uptime: 10 });
    await host.ok('apply');
    await eventually(() => sleepers(seconds).length === 1);
    const [main] = (await host.pids()).app ?? [];
    const { controller, runner } = await host.daemon();
    // Stopped first, so that none sees another end.
    for (const signal of ['SIGSTOP', 'SIGKILL'] as const)
      for (const pid of [controller?.pid, runner?.pid, main]) process.kill(pid ?? 0, signal);
    expect(sleepers(seconds).length).toBe(1);
    await host.ok('daemon', 'stop', '--all');
    expect(sleepers(seconds)).toEqual([]);
  });

  it('is followed where the app says that it goes to the background, and else told how to', async () => {
    await using host = new Host();
    const seconds = `3${await freePort()}`;
    const daemon = { name: 'app', script: `setsid sleep ${seconds} & exit 0`, restart_delay: 60_000 };
    host.declare(daemon);
    await host.run(['apply', '--no-wait']);
    await eventually(async () => /daemonize: true/.test((await host.run(['why', 'app'])).stdout));
    expect(sleepers(seconds)).toEqual([]);
    host.declare({ ...daemon, daemonize: true });
    await host.ok('apply');
    expect((await host.pids()).app).toEqual(sleepers(seconds));
    await host.ok('stop', 'app');
    expect(sleepers(seconds)).toEqual([]);
  });

  it('is not ready before it is there: apply waits for it, and gives one up that never goes', async () => {
    await using host = new Host();
    const seconds = `4${await freePort()}`;
    host.write('launch.sh', `while [ ! -e go ]; do sleep 0.05; done\nsetsid sleep ${seconds} & exit 0`);
    const app = { name: 'app', script: 'exec sh launch.sh', shell: true, daemonize: true, min_uptime: 50 };
    host.declare({ ...app, listen_timeout: 300, max_restarts: 0 });
    const waited = await host.run(['apply']);
    expect(waited.text).toContain('listen_timeout is over: has not gone into the background yet');
    expect(waited.code).toBe(1);
    host.declare(app);
    const applied = host.ok('apply');
    await eventually(async () =>
      (await host.ok('why', 'app')).stdout.includes('not gone into the background'),
    );
    host.write('go', '');
    await applied;
    expect((await host.pids()).app).toEqual(sleepers(seconds));
  });
});
