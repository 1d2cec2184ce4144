import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { appendFile, cp, mkdir, readFile, rm, rmdir, symlink, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { procProcesses } from '../../../src/runner/processes/proc-processes.ts';
import { errorCode } from '../../../src/lib/system-error.ts';
import { eventually } from '../../support/eventually.ts';
import { fileText } from '../../support/files.ts';
import { labels } from '../../support/runner/labels.ts';
import { RunnerRig } from '../../support/runner/runner-rig.ts';

let rig: RunnerRig;
const strangers: ChildProcess[] = [];
beforeEach(async () => {
  rig = await RunnerRig.start();
});
afterEach(async () => {
  for (const child of strangers.splice(0)) {
    const ended = once(child, 'exit');
    if (child.kill('SIGKILL')) await ended;
  }
  await rig.close();
});

const ledger = (): string => join(rig.home, 'run/ledger.ndjson');

/** A process with this environment that leads a session, as one that was started by a runner. */
function stranger(env: Readonly<Record<string, string>>): number {
  const child = spawn('sleep', ['1000'], { detached: true, env: { PATH: process.env.PATH, ...env } });
  strangers.push(child);
  return child.pid ?? 0;
}

/** What the process of an instance carries. */
function markOf(pid: number | null): string {
  return procProcesses().variable(pid ?? 0, 'STATEWARD_MARK') ?? '';
}

const DAMAGES: readonly (readonly [string, () => Promise<void>])[] = [
  ['is gone', () => rm(ledger())],
  ['is empty', () => truncate(ledger())],
  ['is garbage', () => writeFile(ledger(), Buffer.from([0, 1, 2, 255, 10, 123, 10, 0, 0, 10]))],
  ['is a folder', () => rm(ledger()).then(() => mkdir(ledger()))],
  ['is a link to itself', () => rm(ledger()).then(() => symlink(ledger(), ledger()))],
  ['is gone with the whole folder', () => rm(join(rig.home, 'run'), { recursive: true })],
];

describe.each(DAMAGES)('when the ledger %s', (_, damage) => {
  test('the next runner knows its processes by their marks, and has their output again', async () => {
    const { child, instance } = await rig.launch();
    await rig.killRunner();
    await damage();
    await child.write('stdout', 'between\n');
    await rig.startRunner();
    const { nonce, labels: started } = instance;
    expect(await rig.client.list()).toMatchObject([
      { nonce, labels: started, state: 'running', pid: child.pid, byMark: true },
    ]);
    await child.write('stdout', 'after\n');
    expect(await fileText(rig.logOf(instance), 'after')).toBe('between\nafter\n');
    await rig.client.call({ kind: 'stop', spec: { nonce, signal: 'SIGTERM', tree: true, graceMs: 2_000 } });
    expect((await rig.client.nextState(nonce, 'exited')).exit).toMatchObject({ requested: true });
    await child.gone;
  });
});

test('a runner that cannot write a line to its log comes up all the same', async () => {
  const { child, instance } = await rig.launch();
  await rig.killRunner();
  await rm(join(rig.home, 'daemon.log'));
  await symlink('/dev/full', join(rig.home, 'daemon.log'));
  await writeFile(ledger(), '{\n{\n');
  await rig.startRunner();
  expect(await rig.client.list()).toMatchObject([{ nonce: instance.nonce, pid: child.pid }]);
  await rm(join(rig.home, 'daemon.log'));
});

test('a ledger that cannot be written is a problem of all that live, and stops neither starts nor stops', async () => {
  const { instance } = await rig.launch();
  await eventually(async () => {
    await rm(ledger());
    return mkdir(ledger()).then(
      () => true,
      // The runner has written it again between the two.
      (error: unknown) => errorCode(error) !== 'EEXIST' && Promise.reject(error as Error),
    );
  });
  const told = { problems: [{ code: 'ledger-not-written' }] };
  await eventually(async () => (await rig.client.list())[0]?.problems !== undefined);
  expect(await rig.client.list()).toMatchObject([told]);
  const second = await rig.launch();
  expect(await rig.client.list()).toMatchObject([told, told]);
  const { nonce } = instance;
  await rig.client.call({ kind: 'stop', spec: { nonce, signal: 'SIGTERM', tree: true, graceMs: 2_000 } });
  await rig.client.nextState(nonce, 'exited');
  await rmdir(ledger());
  await eventually(async () =>
    (await readFile(ledger(), 'utf8').catch(() => '')).includes(second.instance.nonce),
  );
  await eventually(async () => (await rig.client.list()).every(({ problems }) => problems === undefined));
});

describe('an older ledger', () => {
  test('adds to what is found what it knows, and no end of a process that was followed by another', async () => {
    const first = await rig.launch();
    await rig.client.list();
    const older = await readFile(ledger(), 'utf8');
    first.child.exit(3);
    await rig.client.nextState(first.instance.nonce, 'exited');
    await rig.client.call({ kind: 'forget', nonce: first.instance.nonce });
    const second = await rig.launch();
    await rig.killRunner();
    await writeFile(ledger(), older);
    await rig.startRunner();
    expect(await rig.client.list()).toMatchObject([
      { nonce: second.instance.nonce, state: 'running', pid: second.child.pid, byMark: true },
    ]);
  });
});

describe('of several processes with one mark', () => {
  test('the one that was started is the instance, whichever is younger or leads a session too', async () => {
    const args = ['-c', 'setsid sleep 1000 & sleep 1000 & exec sleep 1000'];
    const { nonce, pid } = await rig.client.spawn(rig.spec({ file: 'sh', args }));
    await carriers(nonce, 3);
    await rig.killRunner();
    await rm(ledger());
    await rig.startRunner();
    expect(await rig.client.list()).toMatchObject([{ nonce, state: 'running', pid }]);
  });

  test('those that an ended one has left behind are ended, and nothing takes its slot before', async () => {
    const spec = rig.spec({
      file: 'sh',
      args: ['-c', 'sleep 1000 & exec sleep 1000'],
      leftovers: { mode: 'end', graceMs: 1_000 },
    });
    const { nonce, pid } = await rig.client.spawn(spec);
    await carriers(nonce, 2);
    await rig.killRunner();
    process.kill(pid ?? 0, 'SIGKILL');
    await carriers(nonce, 1);
    await rm(ledger());
    await rig.startRunner();
    const seen = await rig.client.list();
    expect(seen).toMatchObject([{ nonce, labels, byMark: true }]);
    if (seen[0]?.state !== 'exited') await rig.client.nextState(nonce, 'exited');
    await carriers(nonce, 0);
  });
});

describe('a mark', () => {
  test('of another home is none of ours, even where a ledger that was copied tells of its process', async () => {
    const { child, instance } = await rig.launch();
    const other = await RunnerRig.start();
    try {
      await other.killRunner();
      await cp(ledger(), join(other.home, 'run/ledger.ndjson'));
      await other.startRunner();
      expect(await other.client.list()).toEqual([]);
      await child.write('stdout', 'mine\n');
      await fileText(rig.logOf(instance), 'mine\n');
      expect(await rig.client.list()).toMatchObject([{ nonce: instance.nonce, state: 'running' }]);
    } finally {
      await other.close();
    }
  });

  test('goes with a home that was moved, as far as its ledger knows it', async () => {
    const { child, instance } = await rig.launch();
    await rig.killRunner();
    const mark = markOf(instance.pid);
    expect(mark).toContain(rig.home);
    const pid = stranger({
      STATEWARD_INSTANCE: 'elsewhere',
      STATEWARD_MARK: `:{"home":"/nowhere${rig.home}"}`,
    });
    await rm(ledger());
    await rig.startRunner();
    expect((await rig.client.list()).map((line) => line.pid)).toEqual([child.pid]);
    expect(procProcesses().stat(pid)).not.toBeNull();
  });

  test('that is no mark, or one that leads out of the home, is passed over', async () => {
    const { instance } = await rig.launch();
    await rig.killRunner();
    const text = markOf(instance.pid);
    const forged = text.slice(text.indexOf(':') + 1).replace(instance.nonce, 'forged');
    const io = /"io":"[^"]*"/.exec(forged)?.[0] ?? '';
    stranger({ STATEWARD_INSTANCE: 'forged', STATEWARD_MARK: `:${forged.replace(io, '"io":"../../x"')}` });
    stranger({ STATEWARD_INSTANCE: 'torn', STATEWARD_MARK: text.slice(0, -20) });
    stranger({ STATEWARD_INSTANCE: 'another', STATEWARD_MARK: text });
    await rm(ledger());
    await rig.startRunner();
    expect((await rig.client.list()).map(({ nonce }) => nonce)).toEqual([instance.nonce]);
  });

  test.runIf(process.getuid?.() === 0)(
    'of another user counts only with the signature of the home',
    async () => {
      const spec = rig.spec({ file: 'sleep', args: ['1000'], cwd: '/', uid: 'nobody', gid: null });
      const { nonce, pid } = await rig.client.spawn(spec);
      await rig.killRunner();
      const forged = markOf(pid).replace(nonce, 'forged');
      expect(forged).not.toBe('');
      const child = spawn('setpriv', ['--reuid=65534', '--clear-groups', 'sleep', '1000'], {
        detached: true,
        env: { PATH: process.env.PATH, STATEWARD_INSTANCE: 'forged', STATEWARD_MARK: forged },
      });
      strangers.push(child);
      await eventually(() => procProcesses().variable(child.pid ?? 0, 'STATEWARD_MARK') === forged);
      await rm(ledger());
      await rig.startRunner();
      expect(await rig.client.list()).toMatchObject([{ nonce, pid, state: 'running', byMark: true }]);
    },
  );
});

describe('a process that a version without marks has started', () => {
  test('is known by its app and where its agent looks for a runner, and as outdated', async () => {
    await rig.killRunner();
    const pid = stranger({
      STATEWARD_INSTANCE: 'old',
      STATEWARD_PROJECT: 'shop',
      STATEWARD_APP: 'web',
      STATEWARD_SLOT: '2',
      STATEWARD_AGENTS: join(rig.home, 'run/agents.sock'),
    });
    stranger({
      STATEWARD_INSTANCE: 'foreign',
      STATEWARD_PROJECT: 'shop',
      STATEWARD_APP: 'web',
      STATEWARD_SLOT: '2',
      STATEWARD_AGENTS: '/nowhere/run/agents.sock',
    });
    await appendFile(ledger(), '');
    await rig.startRunner();
    expect(await rig.client.list()).toMatchObject([
      { nonce: 'old', pid, labels: { project: 'shop', app: 'web', slot: 2, templateHash: '' }, byMark: true },
    ]);
  });
});

/** Waits until so many processes carry the nonce. */
async function carriers(nonce: string, count: number): Promise<void> {
  const processes = procProcesses();
  await eventually(async () => {
    const found = (await processes.scan()).filter((entry) => entry.nonce === nonce);
    return found.length === count;
  });
}
