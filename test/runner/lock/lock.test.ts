import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { hostProcesses } from '../../../src/runner/processes/host-processes.ts';
import { acquireLock, isHeld } from '../../../src/runner/lock/lock.ts';
import { bundle } from '../../support/bundle.ts';

let program: string;
let folder: string;
let path: string;
let children: ChildProcess[];
beforeAll(async () => {
  program = await bundle('test/support/fixtures/lock-racer.ts');
});
beforeEach(async () => {
  folder = await mkdtemp('/tmp/stw-');
  path = join(folder, 'test.lock');
  children = [];
});
afterEach(async () => {
  for (const child of children) child.kill('SIGKILL');
  await rm(folder, { recursive: true, force: true });
});

/** Starts a process that tries to take the lock and holds it; gives what it says: `held`, or `by <pid>`. */
async function race(kind: string): Promise<string> {
  const child = spawn(process.execPath, [program, path, kind], { stdio: ['pipe', 'pipe', 'inherit'] });
  children.push(child);
  const [answer] = (await once(child.stdout, 'data')) as [Buffer];
  return answer.toString().trim();
}

describe.each(['flock', 'file'])('a lock held by %s', (kind) => {
  const options = kind === 'file' ? { flockPath: null } : {};

  test('is taken by exactly one of 20 processes, and the others know by whom', async () => {
    const answers = await Promise.all(Array.from({ length: 20 }, () => race(kind)));
    expect(answers.filter((answer) => answer === 'held').length).toBe(1);
    const winner = children[answers.indexOf('held')]?.pid;
    const named = new Set(answers.filter((answer) => answer !== 'held'));
    for (const answer of named) expect([`by ${winner}`, 'by null']).toContain(answer);
  });

  test('is free once its holder was killed, and again exactly one of 20 takes it', async () => {
    expect(await race(kind)).toBe('held');
    expect(await acquireLock(path, options)).toEqual({ held: false, by: children[0]?.pid });
    children[0]?.kill('SIGKILL');
    await once(children[0] as ChildProcess, 'exit');
    const answers = await Promise.all(Array.from({ length: 20 }, () => race(kind)));
    expect(answers.filter((answer) => answer === 'held').length).toBe(1);
  });

  test('can be looked at without being taken', async () => {
    expect(await isHeld(path, options)).toBe(false);
    expect(await race(kind)).toBe('held');
    expect(await isHeld(path, options)).toBe(true);
    children[0]?.kill('SIGKILL');
    await once(children[0] as ChildProcess, 'exit');
    expect(await isHeld(path, options)).toBe(false);
    expect((await acquireLock(path, options)).held).toBe(true);
  });

  test('is free once it was released', async () => {
    const first = await acquireLock(path, options);
    expect((await acquireLock(path, options)).held).toBe(false);
    if (first.held) await first.lock.release();
    const second = await acquireLock(path, options);
    expect(second.held).toBe(true);
    if (second.held) await second.lock.release();
  });
});

describe('a lock file without flock(1)', () => {
  const holder = { pid: process.pid, startTime: '', bootId: hostProcesses().bootId, released: false };

  test('of a process whose pid is another one’s by now is taken over', async () => {
    await writeFile(`${path}.7`, JSON.stringify({ ...holder, startTime: 'long ago' }));
    expect((await acquireLock(path, { flockPath: null })).held).toBe(true);
  });

  test('of an earlier boot is taken over', async () => {
    const startTime = hostProcesses().stat(process.pid)?.startTime;
    await writeFile(`${path}.7`, JSON.stringify({ ...holder, startTime, bootId: 'earlier' }));
    expect((await acquireLock(path, { flockPath: null })).held).toBe(true);
  });

  test('that cannot be understood proves no death, and is respected', async () => {
    await writeFile(`${path}.7`, 'garbage');
    expect(await acquireLock(path, { flockPath: null })).toEqual({ held: false, by: null });
  });

  test('is used when flock(1) is not there', async () => {
    expect((await acquireLock(path, { flockPath: join(folder, 'missing') })).held).toBe(true);
    expect((await acquireLock(path, { flockPath: null })).held).toBe(false);
  });
});

test('a lock whose file was removed meanwhile is taken on the new file', async () => {
  const first = await acquireLock(path);
  await unlink(path);
  const second = await acquireLock(path);
  expect([first.held, second.held]).toEqual([true, true]);
  expect((await acquireLock(path)).held).toBe(false);
  for (const outcome of [first, second]) if (outcome.held) await outcome.lock.release();
});
