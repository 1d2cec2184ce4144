import { once } from 'node:events';
import { connect } from 'node:net';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { API_VERSION, VERSION_HEADER } from '../../../src/api/contract/version.ts';
import { DEADLINE_HEADER, deadlineIn } from '../../../src/api/contract/deadline.ts';
import { eventually } from '../../support/eventually.ts';
import { Host } from '../../support/host.ts';

const WAIT = 'setInterval(() => {}, 1e6);';

async function host(): Promise<Host> {
  const made = new Host();
  made.write('app.js', WAIT);
  made.declare(
    { name: 'web', script: './app.js', min_uptime: 50 },
    { name: 'job', script: './app.js', min_uptime: 50, instances: 2 },
  );
  await made.ok('apply');
  return made;
}

/** Stops a process for the time of a test, and never longer: what is stopped cannot be put away. */
function stopped(pid: number): Disposable & { wake(): void } {
  const wake = (): void => void process.kill(pid, 'SIGCONT');
  process.kill(pid, 'SIGSTOP');
  return {
    wake,
    [Symbol.dispose]: () => {
      try {
        wake();
      } catch {
        // It has ended.
      }
    },
  };
}

describe('a runner that hangs', () => {
  test('is said of every app, refuses every verb at once, and carries out none of them when it wakes', async () => {
    await using shop = await host();
    const { runner } = await shop.daemon();
    const before = await shop.pids();
    using hung = stopped(runner?.pid ?? 0);
    // Not known to hang yet: the doctor looks, and a verb asks.
    const doctor = await shop.run(['doctor']);
    expect([doctor.code, doctor.stdout]).toEqual([
      1,
      expect.stringMatching(/fail +runner .*it is stopped/) as string,
    ]);
    const first = await shop.run(['restart', 'web']);
    expect(first).toMatchObject({ code: 69, stdout: '' });
    expect(first.stderr).toContain(`RUNNER_SILENT]: the runner (pid ${runner?.pid}) has not answered since`);
    expect(first.stderr).toContain(`kill -CONT ${runner?.pid}`);
    await eventually(async () =>
      (await shop.apps()).items.every(({ status }) => status.health === 'Degraded'),
    );
    for (const { status } of (await shop.apps()).items) {
      expect(status.sync).toBe('Unknown');
      expect(status.problems).toMatchObject([{ type: 'Supervised', reason: 'RunnerSilent' }]);
      expect(status.instances.every(({ pid }) => pid !== null)).toBe(true);
    }
    expect((await shop.ok('why', 'web')).stdout).toContain('it is stopped');
    expect((await shop.ok('describe', 'web')).stdout).toContain('RunnerSilent');
    expect(await shop.daemon()).toMatchObject({
      problem: { code: 'RUNNER_SILENT' },
      runner: { pid: runner?.pid },
    });
    shop.declare({ name: 'web', script: './app.js', env: { NEW: '1' } });
    const verbs = [
      ['apply'],
      ['reload', 'web'],
      ['stop', 'web'],
      ['scale', 'job', '1'],
      ['delete', 'job'],
      ['send', 'web', 'hello'],
      ['daemon', 'stop', '--all'],
    ];
    for (const verb of verbs) {
      expect([verb, (await shop.run(verb)).text]).toEqual([verb, expect.stringContaining('RUNNER_SILENT')]);
    }
    hung.wake();
    await eventually(async () =>
      (await shop.apps()).items.every(({ status }) => status.health === 'Healthy'),
    );
    expect(await shop.pids()).toEqual(before);
    expect((await shop.apps()).items.flatMap(({ status }) => status.problems ?? [])).toEqual([]);
    const told = (await shop.ok('events')).stdout;
    expect(told.match(/RunnerSilent:/g)).toHaveLength(1);
    expect(told).toContain('RunnerAnswers:');
  }, 120_000);

  test('does not keep the daemon from being stopped, and starts no other when it wakes', async () => {
    await using shop = await host();
    const before = await shop.pids();
    const { runner } = await shop.daemon();
    using hung = stopped(runner?.pid ?? 0);
    expect((await shop.run(['daemon', 'stop'])).code).toBe(0);
    const all = await shop.run(['daemon', 'stop', '--all']);
    expect([all.code, all.text]).toEqual([69, expect.stringContaining('RUNNER_SILENT') as string]);
    // A controller that the runner has never answered shows what the host shows.
    await shop.ok('daemon', 'start');
    await eventually(async () =>
      (await shop.apps()).items.every(({ status }) => status.health === 'Degraded'),
    );
    expect(await shop.pids()).toEqual(before);
    await shop.ok('daemon', 'stop');
    hung.wake();
    const status = await shop.run(['daemon', 'status', '-o', 'json']);
    expect(JSON.parse(status.stdout)).toMatchObject({ controller: null, apps: { count: 2, processes: 3 } });
  }, 120_000);

  test('is taken over from by another one when it is ended, without touching an app', async () => {
    await using shop = await host();
    const before = await shop.pids();
    const { runner } = await shop.daemon();
    using _hung = stopped(runner?.pid ?? 0);
    await eventually(async () => (await shop.daemon()).problem !== undefined);
    process.kill(runner?.pid ?? 0, 'SIGKILL');
    await eventually(async () =>
      (await shop.apps()).items.every(({ status }) => status.health === 'Healthy'),
    );
    expect(await shop.pids()).toEqual(before);
  }, 120_000);
});

describe('a controller that hangs', () => {
  test('is named by every command, and carries out nothing of what has failed when it wakes', async () => {
    await using shop = await host();
    const { controller } = await shop.daemon();
    const pid = controller?.pid ?? 0;
    const before = await shop.pids();
    using hung = stopped(pid);
    const commands = [
      ['restart', 'all'],
      ['stop', 'web'],
      ['get'],
      ['why', 'web'],
      ['daemon', 'stop', '--all'],
    ];
    const doctor = await shop.run(['doctor']);
    expect([doctor.code, doctor.stdout]).toEqual([
      1,
      expect.stringMatching(/fail +daemon .*it is stopped/) as string,
    ]);
    const ran = await Promise.all(commands.map((args) => shop.run(args)));
    for (const { code, text } of ran) {
      expect([code, text]).toEqual([69, expect.stringContaining(`the daemon (pid ${pid}) does not answer`)]);
    }
    hung.wake();
    await eventually(async () => (await shop.run(['get'])).code === 0);
    expect(await shop.pids()).toEqual(before);
    expect((await shop.ok('events')).stdout).not.toMatch(/Requested|StoppedByOperator/);
  }, 120_000);

  test('does not carry out what its sender has no time left for, though the connection is there', async () => {
    await using shop = await host();
    const { controller } = await shop.daemon();
    const before = await shop.pids();
    using hung = stopped(controller?.pid ?? 0);
    const body = JSON.stringify({ verb: 'restart', selectors: ['all'], by: 'test', command: 'test' });
    const socket = connect(join(shop.home, 'run', 'api.sock'));
    await once(socket, 'connect');
    const head = [
      'POST /v1/verbs HTTP/1.1',
      'host: x',
      `${VERSION_HEADER}: ${API_VERSION}`,
      `${DEADLINE_HEADER}: ${deadlineIn(0)}`,
      'content-type: application/json',
      `content-length: ${body.length}`,
    ];
    socket.write(`${head.join('\r\n')}\r\n\r\n${body}`);
    hung.wake();
    const [answer] = (await once(socket, 'data')) as [Buffer];
    socket.destroy();
    expect(answer.toString()).toContain('WAIT_TIMEOUT');
    expect(await shop.pids()).toEqual(before);
  }, 60_000);
});
