import { readFileSync } from 'node:fs';
import { chmod, readFile, readlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { RunnerInstance } from '../../src/runner/protocol/reports.ts';
import { fileText } from '../support/files.ts';
import { RunnerRig } from '../support/runner/runner-rig.ts';

let rig: RunnerRig;
beforeEach(async () => {
  rig = await RunnerRig.start();
});
afterEach(() => rig.close());

describe('starting a process', () => {
  test('it runs in the given folder, with the given arguments and exactly the given environment', async () => {
    const { program, env } = rig.steer;
    const { child, instance } = await rig.launch({
      args: [program, 'a b', '$HOME', ''],
      env: { ...env, COLOUR: 'é "x"' },
    });
    expect(child.ready.argv).toEqual(['a b', '$HOME', '']);
    expect(child.ready.cwd).toBe(rig.folder);
    expect(child.ready.env.COLOUR).toBe('é "x"');
    expect(Object.keys(child.ready.env).sort()).toEqual(
      ['COLOUR', 'PATH', 'STATEWARD_INSTANCE', 'STATEWARD_MARK', 'STATEWARD_TEST_RUN', 'STEER_SOCKET'].sort(),
    );
    expect(instance).toMatchObject({ state: 'running', pid: child.pid, adopted: false, exit: null });
  });

  test('it leads a session of its own and holds nothing of ours but its streams', async () => {
    const { child } = await rig.launch({
      file: 'sh',
      args: ['-c', `exec ${process.execPath} ${rig.steer.program}`],
    });
    const stat = await readFile(`/proc/${child.pid}/stat`, 'utf8');
    const [, , group, session] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    expect([group, session]).toEqual([String(child.pid), String(child.pid)]);
    expect(await readlink(`/proc/${child.pid}/fd/0`)).toBe('/dev/null');
    expect(await readlink(`/proc/${child.pid}/fd/1`)).toContain(join(rig.home, 'run/io'));
    expect(await readlink(`/proc/${child.pid}/fd/2`)).toContain(join(rig.home, 'run/io'));
  });

  test('a process that ends is reported with its code or signal, until that is acknowledged', async () => {
    const { child, instance } = await rig.launch();
    child.exit(3);
    const ended = await rig.client.nextState(instance.nonce, 'exited');
    expect(ended).toMatchObject({
      pid: null,
      exit: { code: 3, signal: null, requested: false, error: null },
    });
    expect((await rig.client.list()).map(({ nonce }) => nonce)).toEqual([instance.nonce]);
    await rig.client.call({ kind: 'forget', nonce: instance.nonce });
    expect(await rig.client.list()).toEqual([]);
    const other = await rig.launch();
    process.kill(other.child.pid, 'SIGKILL');
    const killed = await rig.client.nextState(other.instance.nonce, 'exited');
    expect(killed.exit).toMatchObject({ code: null, signal: 'SIGKILL', killed: false });
  });

  test('a hundred at once all run', async () => {
    const specs = Array.from({ length: 100 }, () =>
      rig.spec({ file: 'sh', args: ['-c', 'echo "$0"; exit 7', 'x'] }),
    );
    const started = await Promise.all(specs.map((spec) => rig.client.spawn(spec)));
    expect(new Set(started.map(({ nonce }) => nonce)).size).toBe(100);
    const ends = await Promise.all(specs.map(({ nonce }) => rig.client.nextState(nonce, 'exited')));
    expect(ends.every(({ exit }) => exit?.code === 7)).toBe(true);
    await Promise.all(specs.map((spec) => fileText(rig.logOf(spec), 'x\n')));
  });

  test('a nonce is taken once', async () => {
    const { instance } = await rig.launch();
    await expect(rig.client.spawn(rig.spec({ nonce: instance.nonce }))).rejects.toThrow('exists');
  });
});

describe('a start that fails is an exit that says why', () => {
  const failing = async (overrides: Parameters<RunnerRig['spec']>[0]): Promise<string> => {
    const instance = await rig.client.spawn(rig.spec(overrides));
    expect(instance).toMatchObject({
      state: 'exited',
      pid: null,
      exit: { code: null, signal: null, upMs: 0 },
    });
    return instance.exit?.error ?? '';
  };

  test('a program that is not there', async () => {
    // A folder of PATH that may not be entered makes it EACCES: the program could be there.
    const env = { PATH: '/usr/bin:/bin' };
    expect(await failing({ file: 'no-such-program', env })).toBe(
      'spawn: ENOENT: cannot run "no-such-program": no such program',
    );
  });

  test('a file that may not be run', async () => {
    const file = join(rig.folder, 'plain');
    await writeFile(file, 'text');
    await chmod(file, 0o600);
    expect(await failing({ file })).toContain('spawn: EACCES');
  });

  test('a folder that is not there, or is none', async () => {
    expect(await failing({ cwd: join(rig.folder, 'missing') })).toContain('cwd: ENOENT');
    expect(await failing({ cwd: rig.steer.program })).toContain('cwd: ENOTDIR');
  });

  test('an argument that no program can be given', async () => {
    expect(await failing({ args: ['a\0b'] })).toContain('spawn: ');
  });

  test('a user that does not exist', async () => {
    expect(await failing({ uid: 'no-such-user' })).toBe('user: there is no user "no-such-user"');
  });

  test('and the runner goes on', async () => {
    await failing({ file: 'no-such-program' });
    const { child } = await rig.launch();
    expect(child.pid).toBeGreaterThan(0);
  });
});

describe('the mask of permissions', () => {
  const maskOf = ({ pid }: RunnerInstance): string =>
    /^Umask:\s*(\d+)/m.exec(readFileSync(`/proc/${String(pid)}/status`, 'utf8'))?.[1] ?? '';

  test('is the usual one or what is declared, and not that of whoever started the runner', async () => {
    const ours = process.umask(0o077);
    const strict = await RunnerRig.start().finally(() => process.umask(ours));
    try {
      const usual = await strict.client.spawn(strict.spec({ file: 'sleep', args: ['60'] }));
      const declared = await strict.client.spawn(strict.spec({ file: 'sleep', args: ['60'], umask: 0o027 }));
      expect([maskOf(usual), maskOf(declared)]).toEqual(['0022', '0027']);
    } finally {
      await strict.close();
    }
  });

  test('is refused when it is none', async () => {
    await expect(rig.client.spawn(rig.spec({ umask: 0o1777 }))).rejects.toThrow(
      /umask: expected permission bits/,
    );
  });
});
