import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { HELPERS } from '../../../src/runner/notify/helper-program.ts';
import { nameOf } from '../../../src/runner/notify/notify-place.ts';
import { readNotify } from '../../../src/runner/notify/notify-message.ts';
import type { SpawnSpec } from '../../../src/runner/protocol/orders.ts';
import type { RunnerInstance } from '../../../src/runner/protocol/reports.ts';
import { eventually } from '../../support/eventually.ts';
import { RunnerRig } from '../../support/runner/runner-rig.ts';

const read = (text: string) => readNotify(Buffer.from(text));

describe('a message of sd_notify', () => {
  test('says what it says, in any order and with what means nothing', () => {
    expect(read('FDSTORE=1\nSTATUS=up: 3 clients\nREADY=1\nMAINPID=1\nBARRIER=1')).toEqual({
      ready: true,
      status: 'up: 3 clients',
    });
    expect(read('MAINPID=4711\nEXTEND_TIMEOUT_USEC=1500000\nWATCHDOG_USEC=20000')).toEqual({
      ...{ mainPid: 4711, extendMs: 1_500, watchdogMs: 20 },
    });
    expect(read('MAINPID=-1\nEXTEND_TIMEOUT_USEC=1e9\nWATCHDOG_USEC=')).toEqual({});
    expect(read('WATCHDOG=1')).toEqual({ watchdog: 'alive' });
    expect(read('WATCHDOG=trigger\nSTOPPING=1')).toEqual({ watchdog: 'trigger', stopping: true });
    expect(read('ERRNO=5\nEXIT_STATUS=1\nRELOADING=1')).toEqual({
      status: 'ERRNO 5, EXIT_STATUS 1',
      reloading: true,
    });
    expect(read('READY=0\nREADY\n=1\n\nready=1')).toEqual({});
  });

  test('of hostile bytes is one harmless line of bounded length', () => {
    expect(read(`STATUS=a\u001b[31mb\rc\u202ed${'x'.repeat(5_000)}`).status).toMatch(
      /^a \[31mb c dx{1,200}$/,
    );
    expect(readNotify(Buffer.from([0xff, 0xfe, 0, 0x0a, 0x3d])).status).toBeUndefined();
  });
});

const hasSystemdNotify = spawnSync('systemd-notify', ['--version']).status === 0;
const isRoot = process.getuid?.() === 0;
const program = HELPERS.find(({ program: name }) => spawnSync(name, ['-c', '1']).error === undefined);

/** Sends each line of its input to NOTIFY_SOCKET, as the app itself. */
const SENDER = String.raw`use Socket; $| = 1; socket(my $s, PF_UNIX, SOCK_DGRAM, 0);
while (<STDIN>) { chomp; s/\\n/\n/g; print defined(send($s, $_, 0, pack_sockaddr_un($ENV{NOTIFY_SOCKET}))) ? "sent\n" : "refused\n"; }
sleep 1000;`;

describe.runIf(program !== undefined && process.platform === 'linux')('an app that notifies', () => {
  let rig: RunnerRig;
  beforeAll(async () => {
    rig = await RunnerRig.start();
  });
  afterAll(() => rig.close());

  /** Says one message after the other. */
  const launch = (messages: readonly string[], more: Partial<SpawnSpec> = {}): Promise<RunnerInstance> => {
    const quoted = messages.map((message) => `'${message}'`).join(' ');
    const line = `printf '%s\\n' ${quoted} | perl -e "$0"; sleep 1000`;
    return rig.client.spawn(
      rig.spec({
        file: 'sh',
        args: ['-c', line, SENDER],
        notify: { watchdogMs: null },
        env: { PATH: '/usr/bin:/bin' },
        ...more,
      }),
    );
  };
  const lineOf = async ({ nonce }: RunnerInstance): Promise<RunnerInstance | undefined> =>
    (await rig.client.list()).find((other) => other.nonce === nonce);
  const until = (
    instance: RunnerInstance,
    holds: (line: RunnerInstance) => boolean,
  ): Promise<RunnerInstance> =>
    eventually(async () => {
      const line = await lineOf(instance);
      return line !== undefined && holds(line) ? line : undefined;
    });
  const helpers = (): number[] =>
    readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .map(Number)
      .filter((pid) => {
        try {
          const parent = /^PPid:\s*(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
          return (
            Number(parent) === rig.client.runnerPid &&
            readFileSync(`/proc/${pid}/cmdline`, 'latin1').includes('bound')
          );
        } catch {
          return false;
        }
      });

  test('is ready when it says so, and says how it is', async () => {
    const instance = await launch(['STATUS=loading', 'READY=1\\nSTATUS=serves 3']);
    expect((await until(instance, ({ ready }) => ready === true)).notify).toEqual({ status: 'serves 3' });
  });

  test('one program listens for all of them, ends with the last one, and is there again for the next', async () => {
    const [one, two] = await Promise.all([launch(['READY=1']), launch(['READY=1'])]);
    await until(one, ({ ready }) => ready === true);
    await until(two, ({ ready }) => ready === true);
    expect(helpers()).toHaveLength(1);
    const live = (await rig.client.list()).filter(({ state }) => state === 'running');
    for (const { nonce } of live) {
      await rig.client.call({ kind: 'stop', spec: { nonce, signal: 'SIGKILL', tree: true, graceMs: 100 } });
    }
    await Promise.all(live.map(({ nonce }) => rig.client.nextState(nonce, 'exited')));
    await eventually(() => helpers().length === 0);
    expect(existsSync(join(rig.home, 'run/n', nameOf(one.nonce)))).toBe(false);
    const again = await launch(['READY=1']);
    await until(again, ({ ready }) => ready === true);
  });

  test('that is killed while it listens listens again, at the same place', async () => {
    const instance = await rig.client.spawn(
      rig.spec({
        file: 'sh',
        // Says it until somebody hears it.
        args: [
          '-c',
          'while sleep 0.2; do echo STATUS=again | perl -e "$0" >/dev/null & done',
          SENDER.replace('sleep 1000;', ''),
        ],
        notify: { watchdogMs: null },
        env: { PATH: '/usr/bin:/bin' },
      }),
    );
    const [pid = 0] = helpers();
    process.kill(pid, 'SIGKILL');
    await until(instance, ({ notify }) => notify?.status === 'again');
    expect(helpers()).not.toContain(pid);
  });

  test('stays ready over the death of the runner, and an upgrade, and is heard again', async () => {
    const silent = await launch(['READY=1']);
    await until(silent, ({ ready }) => ready === true);
    const talker = await rig.client.spawn(
      rig.spec({
        file: 'sh',
        args: [
          '-c',
          'while sleep 0.2; do echo STATUS=here | perl -e "$0" >/dev/null & done',
          SENDER.replace('sleep 1000;', ''),
        ],
        notify: { watchdogMs: null },
        env: { PATH: '/usr/bin:/bin' },
      }),
    );
    await rig.killRunner();
    await rig.startRunner();
    expect((await lineOf(silent))?.ready).toBe(true);
    await until(talker, ({ notify }) => notify?.status === 'here');
    await rig.upgrade();
    expect((await lineOf(silent))?.ready).toBe(true);
    await until(talker, ({ notify }) => notify?.status === 'here');
  });

  test('asks for more time, says how often it will say that it lives, and both outlive the runner', async () => {
    const instance = await launch(['EXTEND_TIMEOUT_USEC=90000000', 'WATCHDOG_USEC=60000000\\nREADY=1'], {
      notify: { watchdogMs: 300 },
    });
    const { notify } = await until(instance, ({ ready }) => ready === true);
    expect(notify?.waitUntilMs).toBeGreaterThanOrEqual(90_000);
    await rig.killRunner();
    await rig.startRunner();
    // It declares the same watchdog and says nothing else: where that is found silent, the other would have been before it.
    const after = await launch(['READY=1'], { notify: { watchdogMs: 300 } });
    await until(after, (line) => line.notify?.silent !== undefined);
    expect((await lineOf(instance))?.notify).toEqual({});
  });

  /** Leaves one process of its own behind, says which, and ends once that is heard: its end may be known sooner. */
  const hand = async (say: string, code = 0): Promise<RunnerInstance> => {
    const go = join(rig.folder, `heard-${code}`);
    const waits = `until [ -e ${go} ]; do sleep 0.05; done`;
    const instance = await launch([], {
      leftovers: { mode: 'end', graceMs: 500 },
      args: [
        '-c',
        `sleep 1000 & ${say} | perl -e "$0" & wait $!; ${waits}; exit ${code}`,
        SENDER.replace('sleep 1000;', ''),
      ],
    });
    await until(instance, ({ notify }) => notify?.mainPid !== undefined);
    writeFileSync(go, '');
    return instance;
  };

  test('is another of its processes once it has said so and ended, with any code, also for the next runner', async () => {
    const instance = await hand('echo MAINPID=$!', 3);
    const now = await until(instance, ({ pid }) => pid !== instance.pid);
    expect(now).toMatchObject({ state: 'running', notify: {} });
    expect(readFileSync(`/proc/${now.pid}/cmdline`, 'latin1')).toContain('sleep');
    await rig.killRunner();
    await rig.startRunner();
    expect(await lineOf(instance)).toMatchObject({ state: 'running', pid: now.pid });
    process.kill(now.pid ?? 0, 'SIGKILL');
    await until(instance, ({ state }) => state === 'exited');
  });

  test('is not one that is none of its own: it has ended, and what it left behind with it', async () => {
    const instance = await hand(`echo MAINPID=${process.pid}`);
    expect(await until(instance, ({ state }) => state === 'exited')).toMatchObject({
      exit: { code: 0, note: `it said MAINPID=${process.pid}, which is no process of its own, or has ended` },
    });
    expect(process.pid).toBeGreaterThan(1);
  });

  test.runIf(hasSystemdNotify)(
    'is heard by what systemd-notify sends for it, which waits until it is',
    async () => {
      const instance = await launch([], {
        args: ['-c', 'systemd-notify --ready --pid --status=up && systemd-notify STOPPING=1; sleep 1000'],
      });
      const { notify } = await until(instance, ({ notify }) => notify?.state === 'stopping');
      expect(notify).toEqual({ state: 'stopping', status: 'up' });
    },
  );

  test('is silent when it says nothing for longer than it may, or says so itself', async () => {
    const watched = { notify: { watchdogMs: 300 } };
    const quiet = await launch(['READY=1'], watched);
    await until(quiet, ({ notify }) => notify?.silent === true);
    const hung = await launch(['READY=1\\nWATCHDOG=trigger'], { notify: { watchdogMs: 60_000 } });
    await until(hung, ({ notify }) => notify?.silent === true);
    const env = readFileSync(`/proc/${hung.pid}/environ`, 'latin1').split('\0');
    expect(env).toContain('WATCHDOG_USEC=60000000');
    expect(env).toContain(`WATCHDOG_PID=${hung.pid}`);
  });

  test.runIf(isRoot)('as another user comes to its own socket, and to no other', async () => {
    const user = { uid: 'daemon', cwd: '/' };
    const instance = await launch(['READY=1'], user);
    await until(instance, ({ ready }) => ready === true);
    const other = await launch(['X=1']);
    const path = join(rig.home, 'run/n', nameOf(other.nonce));
    const own = join(rig.home, 'run/agents/1', nameOf(instance.nonce));
    const tried = spawnSync(
      'setpriv',
      ['--reuid', '2', '--regid', '2', '--clear-groups', 'perl', '-e', SENDER.replace('sleep 1000;', '')],
      {
        input: 'READY=1\n',
        env: { PATH: '/usr/bin:/bin', NOTIFY_SOCKET: path },
        encoding: 'utf8',
      },
    );
    expect(tried.stdout).toBe('refused\n');
    const asOther = spawnSync(
      'setpriv',
      ['--reuid', '2', '--regid', '2', '--clear-groups', 'perl', '-e', SENDER.replace('sleep 1000;', '')],
      {
        input: 'READY=1\n',
        env: { PATH: '/usr/bin:/bin', NOTIFY_SOCKET: own },
        encoding: 'utf8',
      },
    );
    expect(asOther.stdout).toBe('refused\n');
  });

  test('that says too much too fast neither waits nor grows the runner', async () => {
    const flood = String.raw`use Socket; socket(my $s, PF_UNIX, SOCK_DGRAM, 0); my $to = pack_sockaddr_un($ENV{NOTIFY_SOCKET});
      send($s, 'STATUS=' . ('y' x 60000), 0, $to); send($s, "STATUS=$_", 0, $to) for 1 .. 5000; sleep 1; send($s, "READY=1", 0, $to); sleep 1000;`;
    const instance = await rig.client.spawn(
      rig.spec({
        file: 'perl',
        args: ['-e', flood],
        notify: { watchdogMs: null },
        env: { PATH: '/usr/bin:/bin' },
      }),
    );
    const line = await until(instance, ({ ready }) => ready === true);
    expect(line.notify?.status).toMatch(/^\d+$/);
  });
});

describe.each(HELPERS)('$program listens', ({ program: name, args }) => {
  test.runIf(spawnSync(name, ['--version']).status === 0)('and says what it hears', async () => {
    const { spawn } = await import('node:child_process');
    const { mkdtempSync, rmSync } = await import('node:fs');
    const folder = mkdtempSync('/tmp/stw-n-');
    const child = spawn(name, [...args], { stdio: ['pipe', 'pipe', 'inherit'] });
    let out = '';
    child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
    child.stdin.write(`bind a ${folder}/s\nbind b ${folder}/no/s\n`);
    await eventually(() => out.includes('bound a') && /failed b .+/.test(out));
    spawnSync('perl', ['-e', SENDER.replace('sleep 1000;', '')], {
      input: `READY=1\n${'x'.repeat(2_001)}\n`,
      env: { PATH: '/usr/bin:/bin', NOTIFY_SOCKET: `${folder}/s` },
    });
    await eventually(
      () => out.includes(`m a ${Buffer.from('READY=1').toString('hex')}\n`) && out.includes('d a\n'),
    );
    child.stdin.write(`drop a ${folder}/s\n`);
    await eventually(() => !existsSync(`${folder}/s`));
    child.stdin.end();
    await eventually(() => child.exitCode === 0);
    rmSync(folder, { recursive: true });
  });
});
