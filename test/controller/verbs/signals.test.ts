// Signals and reloads of real programs: who gets them, what is said of it, and what outlives a daemon that is killed.
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SignalResponse } from '../../../src/api/contract/wire/signals.ts';
import { eventually } from '../../support/eventually.ts';
import { Host } from '../../support/host.ts';

let host: Host;

/** Notes each signal with its pid; TERM and USR2 end it. */
const NOTING = `for signal in HUP USR1; do trap "echo $signal $$ >> notes" $signal; done
for signal in TERM USR2; do trap "echo $signal $$ >> notes; exit 0" $signal; done
echo $$ > "\${1:-up-$$}.pid"
while :; do sleep 0.05; done`;
const LAUNCHER = 'rm -f app.pid; setsid bash noting.sh app & while [ ! -s app.pid ]; do sleep 0.02; done';
const daemonized = {
  ...{ name: 'app', script: LAUNCHER, shell: true, daemonize: true, pid_file: 'app.pid' },
  reload: { signal: 'HUP' },
  min_uptime: 100,
  // What a shell starts in the background ignores SIGINT.
  kill_timeout: 300,
};
/** For what has to end by itself, on a busy host too. */
const PATIENT = { kill_timeout: 20_000 };
const web = {
  name: 'web',
  script: 'exec bash noting.sh',
  shell: true,
  instances: 2,
  exec_mode: 'fork',
  min_uptime: 100,
};
const plain = {
  name: 'plain',
  script: 'sleep 1000',
  labels: { tier: 'back' },
  min_uptime: 100,
  autorestart: true,
};
const off = { name: 'off', script: 'sleep 1000', autostart: false };

function notes(): readonly string[] {
  const file = join(host.folder, 'notes');
  return existsSync(file) ? readFileSync(file, 'utf8').split('\n').filter(Boolean) : [];
}

async function noted(...lines: readonly string[]): Promise<void> {
  await eventually(() => lines.every((line) => notes().includes(line)));
  expect(notes().toSorted()).toEqual(lines.toSorted());
  rmSync(join(host.folder, 'notes'));
}

async function pidsOf(app: string): Promise<readonly number[]> {
  return ((await host.pids())[app] ?? []).map(Number);
}

beforeAll(async () => {
  host = new Host();
  host.write('noting.sh', NOTING);
  host.declare(daemonized, web, plain, off);
  await host.ok('apply');
  // Ready once they are up: until they have set their traps, a signal ends them.
  for (const pid of await pidsOf('web'))
    await eventually(() => existsSync(join(host.folder, `up-${pid}.pid`)));
});
afterAll(() => host[Symbol.asyncDispose]());

describe('signal', () => {
  it.each([
    ['an app with several slots', ['HUP', 'web'], [0, 1]],
    ['one slot, in the words of PM2', ['SIGUSR1', 'web:1'], [1]],
    ['a number', ['1', 'shop/web:0'], [0]],
  ])('goes to %s', async (_what, words, slots) => {
    const pids = await pidsOf('web');
    const { stdout } = await host.ok('sendSignal', ...words);
    expect(stdout).toBe(slots.map((slot) => `shop/web:${slot}  sent\n`).join(''));
    const name = words[0] === 'SIGUSR1' ? 'USR1' : 'HUP';
    await noted(...slots.map((slot) => `${name} ${pids[slot] ?? 0}`));
  });

  it('says who got none, and fails when that is everybody', async () => {
    const json = async (...words: readonly string[]): Promise<[number | null, SignalResponse['results']]> => {
      const { code, stdout } = await host.run(['signal', ...words, '-o', 'json']);
      return [code, (JSON.parse(stdout) as SignalResponse).results];
    };
    const none = {
      app: 'shop/off',
      slot: 0,
      sent: false,
      message: expect.stringContaining('does not run') as string,
    };
    expect(await json('HUP', 'off')).toEqual([1, [none]]);
    const [code, results] = await json('WINCH', '-l', 'tier=back');
    expect([code, results]).toEqual([0, [{ app: 'shop/plain', slot: 0, sent: true, message: null }]]);
  });

  it('that ends a process is told, and the process is started again', async () => {
    const [before] = await pidsOf('plain');
    await host.ok('signal', 'KILL', 'plain');
    await eventually(async () => {
      const [now] = await pidsOf('plain');
      return now !== undefined && now !== 0 && now !== before;
    });
    const { stdout } = await host.ok('events', 'plain');
    expect(stdout).toMatch(
      /SignalSent: \S+ sent SIGKILL\n.*Killed: slot 0 was killed by SIGKILL, which stateward sent because somebody asked it to/,
    );
    expect((await host.apps()).items.find(({ name }) => name === 'plain')?.status.instances).toMatchObject([
      { restarts: 1, lastExit: { signal: 'SIGKILL', reason: 'Killed' } },
    ]);
  });

  it.each([
    [['HUPP', 'web'], 64, 'did you mean SIGHUP?'],
    [['web', 'HUP'], 64, 'did you mean stateward signal HUP web?'],
    [['0', 'web'], 64, 'is not a signal of this host'],
    [['HUP'], 64, 'name a signal and an app'],
    [['HUP', 'wep'], 1, 'did you mean web?'],
  ])('%j is a mistake with the way out', async (words, code, text) => {
    expect(await host.run(['signal', ...words])).toMatchObject({
      code,
      stderr: expect.stringContaining(text) as string,
    });
  });
});

describe('a program in the background', () => {
  it('is reloaded by a signal to the process that it leaves behind', async () => {
    const [pid] = await pidsOf('app');
    expect(readFileSync(join(host.folder, 'app.pid'), 'utf8').trim()).toBe(String(pid));
    await host.ok('reload', 'app');
    expect(await pidsOf('app')).toEqual([pid]);
    await noted(`HUP ${pid}`);
  });

  it('is ended by the command that the app names, which knows it', async () => {
    const [pid] = await pidsOf('app');
    const shutdown = { command: ['sh', '-c', 'echo "asked ${MAINPID}" >> notes; kill -TERM ${MAINPID}'] };
    host.declare({ ...daemonized, ...PATIENT, shutdown }, web, plain, off);
    expect((await host.ok('apply')).text).toMatch(/\b0 processes touched/);
    await host.ok('stop', 'app');
    await noted(`asked ${pid}`, `TERM ${pid}`);
  });

  it('is ended by its stop_signal', async () => {
    host.declare({ ...daemonized, ...PATIENT, stop_signal: 'USR2' }, web, plain, off);
    await host.ok('apply');
    const [pid] = await pidsOf('app');
    expect(readFileSync(join(host.folder, 'app.pid'), 'utf8').trim()).toBe(String(pid));
    await host.ok('restart', 'app');
    await noted(`USR2 ${pid}`);
    expect(await pidsOf('app')).not.toEqual([pid]);
  });
});

describe('a reload by a command', () => {
  it.each([
    ['the controller', ['controller']],
    ['the runner', ['runner']],
    ['both', ['controller', 'runner']],
  ] as const)('runs once and is told as it ended when %s is killed in the middle', async (_what, killed) => {
    const go = join(host.folder, `go-${killed.length}-${killed[0]}`);
    const command = [
      'sh',
      '-c',
      `echo "reload $MAINPID" >> notes; while [ ! -e ${go} ]; do sleep 0.02; done; exit 4`,
    ];
    host.declare({ ...daemonized, reload: { command } }, web, plain, off);
    await host.ok('apply');
    const before = await host.pids();
    const daemon = await host.daemon();
    const reload = host.run(['reload', 'app']);
    await eventually(() => notes().length > 0);
    for (const name of killed) process.kill(daemon[name]?.pid ?? 0, 'SIGKILL');
    if (killed.length === 2) await host.ok('daemon', 'start');
    await eventually(async () => {
      const ran = await host.run(['daemon', 'status', '-o', 'json']);
      if (ran.code !== 0) return undefined;
      const now = JSON.parse(ran.stdout) as typeof daemon;
      return killed.every((name) => now[name] !== null && now[name].pid !== daemon[name]?.pid);
    });
    writeFileSync(go, '');
    expect(await reload).toMatchObject({
      code: 3,
      stderr: expect.stringContaining(
        'the reload of shop/app failed: slot 0: sh ended with code 4',
      ) as string,
    });
    expect((await host.ok('why', 'app')).stdout).toContain('the last reload failed (asked for by');
    await noted(`reload ${before['app']?.[0] ?? 0}`);
    expect(await host.pids()).toEqual(before);
  });
});
