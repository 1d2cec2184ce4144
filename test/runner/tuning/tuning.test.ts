import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism, getPriority, setPriority } from 'node:os';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { SpawnSpec, Tuning } from '../../../src/runner/protocol/orders.ts';
import type { RunnerInstance } from '../../../src/runner/protocol/reports.ts';
import { bundle } from '../../support/bundle.ts';
import { eventually } from '../../support/eventually.ts';
import { RunnerRig } from '../../support/runner/runner-rig.ts';

const isRoot = process.getuid?.() === 0;
/** What root may is less in most containers. */
const rights = BigInt(`0x${/^CapEff:\s*(\S+)/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? '0'}`);
const mayLowerNice = (rights & (1n << 23n)) !== 0n;
const mayRaiseLimits = (rights & (1n << 24n)) !== 0n;
const own = getPriority();

function niceOf(pid: number): number[] {
  return readdirSync(`/proc/${pid}/task`).map((tid) => {
    const stat = readFileSync(`/proc/${pid}/task/${tid}/stat`, 'utf8');
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[16]);
  });
}
const ioniceOf = (pid: number): string =>
  execFileSync('ionice', ['-p', String(pid)], { encoding: 'utf8' }).trim();
const oomOf = (pid: number): number => Number(readFileSync(`/proc/${pid}/oom_score_adj`, 'utf8'));
const cpusOf = (pid: number): string =>
  /^Cpus_allowed_list:\s*(\S+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? '';
const limitOf = (pid: number, label: string): string[] =>
  new RegExp(`^${label} +(\\S+) +(\\S+)`, 'm').exec(readFileSync(`/proc/${pid}/limits`, 'utf8'))?.slice(1) ??
  [];
const childOf = (pid: number): number =>
  Number(readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ')[0]);

let rig: RunnerRig;
beforeAll(async () => {
  rig = await RunnerRig.start();
});
afterAll(() => rig.close());

const all: Tuning = {
  nice: own + 3,
  ionice: { class: 'idle', priority: null },
  oomScoreAdj: 321,
  rlimits: { nofile: { soft: 200, hard: 300 }, core: { soft: 0, hard: 0 } },
  cpus: '0',
};

/** A node process with threads of its own, and a child below it. */
async function launch(
  tuning: Tuning,
  more: Partial<SpawnSpec> = {},
): Promise<RunnerInstance & { pid: number }> {
  const spec = rig.spec({
    file: process.execPath,
    args: ['-e', "require('child_process').spawn('sleep', ['1000']); setInterval(() => {}, 1e6)"],
    tuning,
    ...more,
  });
  const instance = await rig.client.spawn(spec);
  const pid = instance.pid ?? 0;
  await eventually(() => childOf(pid) > 0);
  return { ...instance, pid };
}

const change = async (instance: RunnerInstance, tuning: Tuning): Promise<RunnerInstance> => {
  const { nonce, labels } = instance;
  await rig.client.call({ kind: 'update', nonce, labels, logs: rig.spec({}).logs, tuning });
  return eventually(async () => {
    const now = (await rig.client.list()).find((other) => other.nonce === nonce);
    return now !== undefined && now.tuning?.state !== 'changing' ? now : undefined;
  });
};

describe.runIf(process.platform === 'linux')('what a process is to have of the host', () => {
  test('it has from its first moment, and so has all that it starts', async () => {
    const instance = await launch(all);
    expect(instance.tuning).toEqual({
      state: 'set',
      message: `nice ${own + 3}, ionice idle, oom_score_adj 321, cpu_affinity 0, rlimits.core 0, rlimits.nofile 200:300`,
    });
    for (const pid of [instance.pid, childOf(instance.pid)]) {
      expect(new Set(niceOf(pid))).toEqual(new Set([own + 3]));
      expect(ioniceOf(pid)).toBe('idle');
      expect(oomOf(pid)).toBe(321);
      expect(cpusOf(pid)).toBe('0');
      expect(limitOf(pid, 'Max core file size')).toEqual(['0', '0']);
    }
    // Node raises its own soft limit to the hard one.
    expect(limitOf(instance.pid, 'Max open files')[1]).toBe('300');
  });

  test.runIf(isRoot)('changes while it runs, for every thread of every process, and back', async () => {
    const instance = await launch({ nice: own + 1 });
    const sleeper = childOf(instance.pid);
    const changed = await change(instance, all);
    expect(changed).toMatchObject({ pid: instance.pid, tuning: { state: 'set' } });
    for (const pid of [instance.pid, sleeper]) {
      expect(new Set(niceOf(pid))).toEqual(new Set([own + 3]));
      expect(ioniceOf(pid)).toBe('idle');
      expect(oomOf(pid)).toBe(321);
      expect(cpusOf(pid)).toBe('0');
      expect(limitOf(pid, 'Max open files')).toEqual(['200', '300']);
    }
    const back = await change(instance, {});
    if (mayRaiseLimits && mayLowerNice) expect(back.tuning).toBeUndefined();
    // What has been given cannot be taken back: that is said, though nothing is declared any more.
    else expect(back.tuning).toMatchObject({ state: 'partly' });
    expect(new Set(niceOf(sleeper))).toEqual(new Set([mayLowerNice ? own : own + 3]));
    expect(ioniceOf(sleeper)).toMatch(/^none|^best-effort/);
    expect(oomOf(sleeper)).toBe(oomOf(rig.client.runnerPid));
    expect(cpusOf(sleeper)).toBe(cpusOf(rig.client.runnerPid));
    const limits = mayRaiseLimits ? limitOf(rig.client.runnerPid, 'Max open files') : ['200', '300'];
    expect(limitOf(sleeper, 'Max open files')).toEqual(limits);
  });

  describe('that somebody has changed', () => {
    const check = (): Promise<unknown> => rig.client.call({ kind: 'check-limits' });
    const lineOf = async ({ nonce }: RunnerInstance): Promise<RunnerInstance | undefined> =>
      (await rig.client.list()).find((other) => other.nonce === nonce);
    const told = (instance: RunnerInstance): readonly string[] =>
      rig.client.notices
        .filter(({ code, nonce }) => code === 'limits-restored' && nonce === instance.nonce)
        .map(({ message }) => message);

    test('it gets again, for every process that has it otherwise, and nothing is left of that', async () => {
      const instance = await launch({ nice: own + 3, oomScoreAdj: 321, cpus: '0' });
      const sleeper = childOf(instance.pid);
      await check();
      expect(told(instance)).toEqual([]);
      setPriority(instance.pid, own + 7);
      setPriority(sleeper, own + 7);
      writeFileSync(`/proc/${instance.pid}/oom_score_adj`, '900');
      await check();
      const isLower = mayLowerNice ? [`nice was ${own + 7}, and is ${own + 3} again`] : [];
      expect(told(instance)).toEqual([...isLower, 'oom_score_adj was 900, and is 321 again']);
      if (mayLowerNice)
        for (const pid of [instance.pid, sleeper]) expect(new Set(niceOf(pid))).toEqual(new Set([own + 3]));
      expect(oomOf(instance.pid)).toBe(321);
      if (mayLowerNice) expect((await lineOf(instance))?.tuning).toEqual(instance.tuning);
      await check();
      expect(told(instance)).toHaveLength(isLower.length + 1);
    });

    test('again and again it is left with, and that is said until it is right', async () => {
      const instance = await launch({ oomScoreAdj: 321 });
      const spoil = (): void => writeFileSync(`/proc/${instance.pid}/oom_score_adj`, '900');
      for (let times = 1; times <= 4; times++) {
        spoil();
        await check();
      }
      expect(told(instance)).toHaveLength(3);
      const { tuning } = (await lineOf(instance)) ?? {};
      expect(tuning?.state).toBe('partly');
      expect(tuning?.message).toContain('oom_score_adj is 900 and not 321: it was given that 3 times');
      expect(tuning?.message).toMatch(/; declare what it is to have, or stateward restart \S+$/);
      writeFileSync(`/proc/${instance.pid}/oom_score_adj`, '321');
      await check();
      expect((await lineOf(instance))?.tuning).toEqual(instance.tuning);
    });

    test('is not what a program does with its own soft limit', async () => {
      const instance = await launch({ rlimits: { nofile: { soft: 200, hard: 300 } } });
      // Node has raised it to the hard one.
      expect(limitOf(instance.pid, 'Max open files')).toEqual(['300', '300']);
      await check();
      expect([told(instance), (await lineOf(instance))?.tuning]).toEqual([[], instance.tuning]);
    });
  });

  test('a processor that the host lacks is named, and the app runs on those that there are', async () => {
    const instance = await launch({ cpus: `0,${availableParallelism() + 500}` });
    expect(cpusOf(instance.pid)).toBe('0');
    expect(instance.tuning?.state).toBe('partly');
    expect(instance.tuning?.message).toContain('is not all in force: the host gives 0; name processors');
  });

  test('what is not allowed is left out by itself, with what the kernel says and the way out', async () => {
    // No root may open more files than fs.nr_open says.
    const rlimits = { nofile: { soft: 2 ** 40, hard: 2 ** 40 }, core: { soft: 0, hard: 0 } };
    const instance = await launch({ nice: own + 2, rlimits });
    expect(instance.tuning?.state).toBe('partly');
    expect(instance.tuning?.message).toMatch(
      /^rlimits\.nofile 1099511627776 is not in force: prlimit: .*NOFILE.*; raise the hard limit of the daemon \(LimitNOFILE= /,
    );
    expect(niceOf(instance.pid)[0]).toBe(own + 2);
    expect(limitOf(instance.pid, 'Max core file size')).toEqual(['0', '0']);
    expect(existsSync(rig.logOf(instance)) && readFileSync(rig.logOf(instance), 'utf8')).toBeFalsy();
  });

  test('limits that leave no room for a start are left out together', async () => {
    const instance = await rig.client.spawn(
      rig.spec({ file: 'sleep', args: ['1000'], tuning: { rlimits: { as: { soft: 4096, hard: 4096 } } } }),
    );
    expect(instance.tuning?.message).toContain('rlimits.as 4096 is not in force');
    expect(instance.state).toBe('running');
  });

  test('is known to the next runner, whether the one before was killed or gave way', async () => {
    const instance = await launch({ nice: own + 4, cpus: `0,${availableParallelism() + 500}` });
    const line = async (): Promise<RunnerInstance['tuning']> =>
      (await rig.client.list()).find(({ nonce }) => nonce === instance.nonce)?.tuning;
    await rig.killRunner();
    await rig.startRunner();
    expect(await line()).toEqual(instance.tuning);
    await rig.upgrade();
    expect(await line()).toEqual(instance.tuning);
  });

  test.runIf(isRoot)('of a user: our rights give it, and it cannot take more', async () => {
    const wanted = { nice: mayLowerNice ? own - 2 : own + 2, oomScoreAdj: mayRaiseLimits ? -10 : 10 };
    const instance = await launch(wanted, { uid: 'nobody', cwd: '/', env: {} });
    expect(instance.tuning?.state).toBe('set');
    expect(niceOf(instance.pid)[0]).toBe(wanted.nice);
    expect(oomOf(instance.pid)).toBe(wanted.oomScoreAdj);
    expect(readFileSync(`/proc/${instance.pid}/status`, 'utf8')).toMatch(/^Uid:\t65534/m);
  });

  test.runIf(isRoot)(
    'an ordinary user is refused what only root may give, each with its way out',
    async () => {
      const grants = await bundle('src/runner/tuning/grants.ts');
      const program = `
      const { Grants } = require(${JSON.stringify(grants)});
      const tuning = { nice: ${own - 5}, ionice: { class: 'realtime', priority: 0 }, oomScoreAdj: -500,
        rlimits: { nofile: { soft: 10, hard: 20 }, core: { soft: null, hard: null } } };
      new Grants({ monotonic: () => 0 }).of(tuning).then((granted) => console.log(JSON.stringify(granted)));`;
      const user = ['--reuid', '65534', '--regid', '65534', '--clear-groups', '--'];
      const command = ['prlimit', '--core=0:0', '--', process.execPath, '-e', program];
      const granted = JSON.parse(execFileSync('setpriv', [...user, ...command], { encoding: 'utf8' })) as {
        tuning: Tuning;
        unmet: { key: string; message: string }[];
      };
      expect(granted.tuning).toEqual({ rlimits: { nofile: { soft: 10, hard: 20 } } });
      expect(granted.unmet.map(({ key }) => key)).toEqual([
        'nice',
        'ionice',
        'oom_score_adj',
        'rlimits.core',
      ]);
      for (const { message } of granted.unmet)
        expect(message).toMatch(/is not in force: .*; .*(CAP_|ulimit)/);
    },
  );
});
