import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { hostProcesses } from '../../../src/runner/processes/host-processes.ts';
import { keepLock } from '../../../src/runner/lock/keep-lock.ts';
import { acquireLock, isHeld } from '../../../src/runner/lock/lock.ts';
import { bundle } from '../../support/bundle.ts';
import { eventually } from '../../support/eventually.ts';
import { FakeClock } from '../../support/fake-clock.ts';

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

test('a lock of a file and a folder is taken once, whoever removes the file, until it is released', async () => {
  const options = { folder };
  const first = await acquireLock(path, options);
  await unlink(path);
  expect(await acquireLock(path, options)).toEqual({ held: false, by: null });
  await unlink(path);
  expect(await isHeld(path, options)).toBe(true);
  if (first.held) await first.lock.release();
  expect(await isHeld(path, options)).toBe(false);
  const second = await acquireLock(path, options);
  expect(second.held).toBe(true);
  if (second.held) await second.lock.release();
});

describe.each(['flock', 'file'])('a lock held by %s whose file was removed', (kind) => {
  const options = kind === 'file' ? { flockPath: null } : {};

  test('is made again with its folder, and says who holds it', async () => {
    const run = join(folder, 'run');
    await mkdir(run);
    const clock = new FakeClock();
    const log: string[] = [];
    const outcome = await acquireLock(join(run, 'x.lock'), options);
    if (!outcome.held) throw new Error('it is free');
    const cancel = keepLock(outcome.lock, { clock, home: folder, run, log: (line) => log.push(line) });
    await rm(run, { recursive: true });
    clock.advance(2_000);
    // Only looked at: to ask whether it is held is to lock it for a moment, which would keep it from being made again.
    await eventually(() => namesHolder(run));
    expect(await isHeld(join(run, 'x.lock'), options)).toBe(true);
    expect(await acquireLock(join(run, 'x.lock'), options)).toEqual({ held: false, by: process.pid });
    expect(log).toEqual([`${run} was removed: making it again`]);
    cancel();
    await outcome.lock.release();
    expect(await isHeld(join(run, 'x.lock'), options)).toBe(false);
  });

  test('comes back with no home that was removed', async () => {
    const home = join(folder, 'home');
    await mkdir(join(home, 'run'), { recursive: true });
    const clock = new FakeClock();
    const outcome = await acquireLock(join(home, 'run/x.lock'), options);
    if (!outcome.held) throw new Error('it is free');
    const keeping = { clock, home, run: join(home, 'run'), log: (line: string) => expect(line).toBe('') };
    const cancel = keepLock(outcome.lock, keeping);
    await rm(home, { recursive: true });
    clock.advance(2_000);
    await new Promise((resolve) => setImmediate(resolve));
    expect(existsSync(home)).toBe(false);
    cancel();
  });
});

function namesHolder(run: string): boolean {
  if (!existsSync(run)) return false;
  const files = readdirSync(run).filter((name) => name.startsWith('x.lock'));
  return files.some((name) => readFileSync(join(run, name), 'utf8').includes(`${process.pid}`));
}
