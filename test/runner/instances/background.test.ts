import { readFile, writeFile } from 'node:fs/promises';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { procProcesses } from '../../../src/runner/processes/proc-processes.ts';
import type { SpawnSpec } from '../../../src/runner/protocol/orders.ts';
import type { RunnerInstance } from '../../../src/runner/protocol/reports.ts';
import { eventually } from '../../support/eventually.ts';
import { fileText } from '../../support/files.ts';
import { RunnerRig } from '../../support/runner/runner-rig.ts';

let rig: RunnerRig;
beforeEach(async () => {
  rig = await RunnerRig.start();
});
afterEach(() => rig.close());

const hasPerl = process.platform === 'linux' && spawnSync('perl', ['-v']).status === 0;
const leftovers = { mode: 'end', graceMs: 10_000 } as const;
const pidFile = (): string => join(rig.folder, 'd.pid');
const processes = procProcesses();
const isAlive = (pid: number | null): boolean => pid !== null && processes.stat(pid)?.zombie === false;

/** Starts a shell line that puts something into the background and ends with 0. */
function start(line: string, overrides: Partial<SpawnSpec> = {}): Promise<RunnerInstance> {
  return rig.client.spawn(rig.spec({ file: '/bin/sh', args: ['-c', line], leftovers, ...overrides }));
}

/** The line of the instance as it is when another process than `pid` has become it. */
async function inBackground({ nonce, pid }: RunnerInstance): Promise<RunnerInstance> {
  for (;;) {
    const line = await rig.client.nextState(nonce, 'running');
    if (line.pid !== pid) return line;
  }
}

const exited = ({ nonce }: RunnerInstance): Promise<RunnerInstance> => rig.client.nextState(nonce, 'exited');

async function stop({ nonce }: RunnerInstance): Promise<void> {
  const spec = { nonce, signal: 'SIGINT', tree: true, graceMs: 10_000 };
  await rig.client.call({ kind: 'stop', spec });
}

describe('a program that puts itself into the background', () => {
  test('is the process that its pid file names, and ends when that does', async () => {
    const instance = await start(`setsid sh -c 'echo $$ > d.pid; exec sleep 4742' & exit 0`, {
      background: { expected: true, pidFile: pidFile() },
    });
    const line = await inBackground(instance);
    expect(String(line.pid)).toBe((await readFile(pidFile(), 'utf8')).trim());
    expect([instance.launching, line.launching]).toEqual([true, undefined]);
    process.kill(line.pid ?? 0, 'SIGKILL');
    expect((await exited(instance)).exit).toMatchObject({ code: null, requested: false });
  });

  test('is found without a pid file, and stopped with all that belongs to it', async () => {
    const instance = await start(`(setsid sh -c 'sleep 4743 & exec sleep 4742' &) ; exit 0`, {
      background: { expected: true, pidFile: null },
    });
    const line = await inBackground(instance);
    expect(isAlive(line.pid)).toBe(true);
    await stop(instance);
    expect((await exited(instance)).exit).toMatchObject({ requested: true, killed: false });
    const left = (await processes.scan()).filter(({ nonce }) => nonce === instance.nonce);
    expect(left).toEqual([]);
  });

  test('is taken at its pid file’s word when it has cleared its environment, also by a later runner', async () => {
    const instance = await start(`env -i setsid /bin/sh -c 'echo $$ > d.pid; exec sleep 4742' & exit 0`, {
      background: { expected: true, pidFile: pidFile() },
    });
    const line = await inBackground(instance);
    await rig.client.list();
    await rig.killRunner();
    await rig.startRunner();
    expect(await rig.client.list()).toMatchObject([
      { nonce: instance.nonce, state: 'running', pid: line.pid, adopted: true },
    ]);
    await stop(instance);
    await exited(instance);
    expect(isAlive(line.pid)).toBe(false);
  });

  test.runIf(hasPerl)('keeps what it has of the host, and is heard, also by a later runner', async () => {
    const says = String.raw`use Socket; $| = 1; socket(my $s, PF_UNIX, SOCK_DGRAM, 0); my $to = pack_sockaddr_un($ENV{NOTIFY_SOCKET});
      send($s, 'READY=1'."\nMAINPID=$$", 0, $to); while (1) { send($s, 'STATUS=up ' . ++$n, 0, $to); select undef, undef, undef, 0.1 }`;
    const instance = await rig.client.spawn(
      rig.spec({
        ...{
          file: '/bin/sh',
          args: ['-c', `setsid perl -e '${says.replaceAll("'", '"')}' & exit 0`],
          leftovers,
        },
        ...{ background: { expected: true, pidFile: null }, notify: { watchdogMs: null } },
        tuning: { oomScoreAdj: 321, rlimits: { nofile: { soft: 200, hard: 300 } } },
      }),
    );
    const line = await inBackground(instance);
    const told = async (runner: string): Promise<void> => {
      const now = await eventually(async () => {
        const [one] = await rig.client.list();
        return one?.notify?.status !== undefined && one.ready === true ? one : undefined;
      });
      expect([runner, now.pid, now.tuning]).toEqual([
        runner,
        line.pid,
        { state: 'set', message: 'oom_score_adj 321, rlimits.nofile 200:300' },
      ]);
    };
    await told('first');
    await rig.killRunner();
    await rig.startRunner();
    await told('later');
    const { nonce, labels } = instance;
    const tuning = { oomScoreAdj: 322, rlimits: { nofile: { soft: 150, hard: 300 } } };
    await rig.client.call({ kind: 'update', nonce, labels, logs: rig.spec({}).logs, tuning });
    await eventually(
      async () => (await readFile(`/proc/${line.pid}/oom_score_adj`, 'utf8')).trim() === '322',
    );
    await eventually(async () =>
      /^Max open files +150 +300/m.test(await readFile(`/proc/${line.pid}/limits`, 'utf8')),
    );
    await stop(instance);
    await exited(instance);
    expect(isAlive(line.pid)).toBe(false);
  });

  test.runIf(hasPerl)('may take as long to say which it is as to be there', async () => {
    const says = String.raw`use Socket; sleep 1; socket(my $s, PF_UNIX, SOCK_DGRAM, 0);
      send($s, "MAINPID=$$", 0, pack_sockaddr_un($ENV{NOTIFY_SOCKET})); sleep 4742`;
    const instance = await start(`setsid perl -e '${says}' & exit 0`, {
      background: { expected: true, pidFile: null },
      notify: { watchdogMs: null },
    });
    const line = await inBackground(instance);
    expect(isAlive(line.pid)).toBe(true);
    await stop(instance);
    await exited(instance);
  });

  test('is told how to name what goes on when it says nothing, though it notifies', async () => {
    const instance = await start(`setsid sleep 4742 & exit 0`, {
      background: { expected: true, pidFile: null },
      notify: { watchdogMs: null },
    });
    expect((await exited(instance)).exit?.note).toContain('says MAINPID= itself, or `pid_file` names it');
  });

  test('is not what an old pid file names', async () => {
    await writeFile(pidFile(), `${process.pid}\n`);
    const instance = await start('exit 0', { background: { expected: false, pidFile: pidFile() } });
    expect((await exited(instance)).exit).toMatchObject({ code: 0 });
    expect(isAlive(process.pid)).toBe(true);
  });

  test('can be stopped while it is looked for', async () => {
    const instance = await start('echo begun; sleep 4742 & exit 0', {
      background: { expected: true, pidFile: pidFile() },
    });
    await fileText(rig.logOf(instance), 'begun');
    await stop(instance);
    expect((await exited(instance)).exit).toMatchObject({ code: 0, requested: true });
    const left = (await processes.scan()).filter(({ nonce }) => nonce === instance.nonce);
    expect(left).toEqual([]);
  });

  test('is ended, with a word on how to have it followed, when nobody has said that it would', async () => {
    const instance = await start(`setsid sleep 4742 & exit 0`);
    const { exit } = await exited(instance);
    expect(exit?.note).toMatch(
      /^it has left process \d+ in the background: `daemonize: true` follows it there/,
    );
    const left = (await processes.scan()).filter(({ nonce }) => nonce === instance.nonce);
    expect(left).toEqual([]);
  });

  test('that is not there after all is told', async () => {
    const instance = await start('exit 0', { background: { expected: true, pidFile: null } });
    expect((await exited(instance)).exit?.note).toContain('nothing of it was left in the background');
  });
});
