import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { Cgroups } from '../../../src/runner/cgroup/cgroup.ts';
import type { ProcessLimits } from '../../../src/runner/protocol/orders.ts';
import { FakeCgroups } from '../../support/runner/fake-cgroups.ts';
import { FakeClock } from '../../support/fake-clock.ts';

const MB = 1024 * 1024;
const LIMITS = { memoryBytes: 256 * MB, cpus: 0.5, pids: 64 };
const APP = 1000;

function cgroups(tree: FakeCgroups, clock = new FakeClock()): Cgroups {
  return new Cgroups({ host: tree.host, clock, log: () => undefined });
}

/** Starts a process as the runner does; gives what is said of it. */
function start(tree: FakeCgroups, limits: ProcessLimits = LIMITS, from = cgroups(tree)) {
  const { outcome } = from.start({ nonce: 'n1', limits }, () => tree.fork(APP));
  return outcome;
}

describe('the cgroup of an instance', () => {
  test('holds the process and its limits, which are never those of the runner', () => {
    using tree = new FakeCgroups();
    const folder = join(tree.own, 'stateward/n1');
    expect(start(tree)).toEqual({
      state: 'set',
      message: 'memory.max 268435456, cpu.max 50000 100000, pids.max 64',
      cgroup: folder,
    });
    expect(tree.cgroupOf(APP)).toBe(folder);
    expect(tree.cgroupOf(tree.runner)).toBe(join(tree.own, 'stateward/main'));
    expect(tree.writes).toEqual([
      'stateward/main/cgroup.procs 100',
      'cgroup.subtree_control +memory +cpu +pids',
      'stateward/cgroup.subtree_control +memory +cpu +pids',
      'stateward/n1/cgroup.procs 100',
      'stateward/main/cgroup.procs 100',
      'stateward/n1/memory.max 268435456',
      'stateward/n1/cpu.max 50000 100000',
      'stateward/n1/pids.max 64',
      'stateward/n1/memory.oom.group 1',
    ]);
  });

  test('has only the limits that were asked for, and no quota that the kernel refuses', () => {
    using tree = new FakeCgroups();
    const outcome = start(tree, { memoryBytes: null, cpus: 0.001, pids: null });
    expect(outcome.message).toBe('cpu.max 1000 100000');
  });

  test('is removed when the last process has left it', () => {
    using tree = new FakeCgroups();
    const clock = new FakeClock();
    const from = cgroups(tree, clock);
    const folder = start(tree, LIMITS, from).cgroup ?? '';
    from.remove(folder);
    expect(existsSync(folder)).toBe(true);
    tree.end(APP);
    clock.advance(1_000);
    expect(existsSync(folder)).toBe(false);
  });

  test('is killed as a whole, and a kernel that cannot is not an error', () => {
    using tree = new FakeCgroups();
    const from = cgroups(tree);
    const folder = start(tree, LIMITS, from).cgroup ?? '';
    from.kill(folder);
    expect(readFileSync(join(folder, 'cgroup.kill'), 'utf8')).toBe('1');
    tree.failing.set('cgroup.kill', 'ENOENT');
    expect(() => from.kill(folder)).not.toThrow();
  });

  test('goes, and the runner leaves it, when the process cannot be started', () => {
    using tree = new FakeCgroups();
    const fail = (): never => {
      throw new Error('no such program');
    };
    expect(() => cgroups(tree).start({ nonce: 'n1', limits: LIMITS }, fail)).toThrow('no such program');
    expect(existsSync(join(tree.own, 'stateward/n1'))).toBe(false);
    expect(tree.cgroupOf(tree.runner)).toBe(join(tree.own, 'stateward/main'));
  });

  test('is made in the same place by the next runner, which removes what the one before has left', () => {
    using tree = new FakeCgroups();
    start(tree);
    tree.end(APP);
    tree.runnerIsIn('stateward/main');
    const { outcome } = cgroups(tree).start({ nonce: 'n2', limits: LIMITS }, () => tree.fork(APP));
    expect(outcome.cgroup).toBe(join(tree.own, 'stateward/n2'));
    expect(tree.folders(join(tree.own, 'stateward'))).toEqual(['main', 'n2']);
  });
});

describe('an instance runs without limits, and it is said why', () => {
  test('in the root cgroup of the host, which nothing is moved out of', () => {
    using tree = new FakeCgroups({ own: '/' });
    expect(start(tree)).toEqual({
      state: 'unavailable',
      message: 'the daemon runs in the root cgroup of the host',
      cgroup: null,
    });
    expect(tree.writes).toEqual([]);
    expect(tree.cgroupOf(APP)).toBe(tree.own);
  });

  test('where the cgroup has not the controller that a limit needs', () => {
    using tree = new FakeCgroups({ controllers: ['memory', 'pids'] });
    expect(start(tree).message).toBe('the cgroup of the daemon has no controller of cpu');
    expect(start(tree, { ...LIMITS, cpus: null }).state).toBe('set');
  });

  test('where others share the cgroup, who are then left where they are', () => {
    using tree = new FakeCgroups();
    tree.addProcess({ pid: 90, parent: 80, program: '/usr/bin/node' });
    tree.addProcess({ pid: 80, parent: 1, program: '/bin/bash' });
    expect(start(tree).message).toMatch(/not the daemon's alone: process 80 is in it$/);
    expect(tree.cgroupOf(80)).toBe(tree.own);
    expect(tree.writes).toEqual([]);
  });

  test('until the next start after 10 s, when it is looked at anew', () => {
    using tree = new FakeCgroups();
    const clock = new FakeClock();
    const from = cgroups(tree, clock);
    tree.failing.set('cgroup.subtree_control', 'EACCES');
    expect(start(tree, LIMITS, from).state).toBe('unavailable');
    tree.failing.clear();
    expect(start(tree, LIMITS, from).state).toBe('unavailable');
    clock.advance(10_000);
    expect(start(tree, LIMITS, from).state).toBe('set');
  });

  test('where the tree cannot be written to', () => {
    using tree = new FakeCgroups();
    tree.failing.set('cgroup.subtree_control', 'EACCES');
    expect(start(tree).message).toMatch(/hands no controllers on: EACCES/);
  });

  test('when a limit cannot be set, with none of the others left', () => {
    using tree = new FakeCgroups();
    tree.failing.set('pids.max', 'EINVAL');
    const { state, cgroup } = start(tree);
    expect(state).toBe('unavailable');
    expect(readFileSync(join(cgroup ?? '', 'memory.max'), 'utf8')).toBe('max');
  });
});

test('controller and command that started the runner move along, and its instances too', () => {
  using tree = new FakeCgroups();
  tree.addProcess({ pid: 90, parent: 80, program: '/usr/bin/node' });
  tree.addProcess({ pid: 80, parent: 1, program: '/usr/bin/node' });
  tree.addProcess({ pid: 1001, parent: 1, program: '/usr/bin/python3' });
  tree.addProcess({ pid: 101, parent: 100, program: '/usr/bin/node' });
  expect(start(tree).state).toBe('set');
  const main = join(tree.own, 'stateward/main');
  expect([80, 90, 101, 1001].map((pid) => tree.cgroupOf(pid))).toEqual([main, main, main, main]);
});

describe('limits that somebody has changed since', () => {
  const changed = (tree: FakeCgroups, file: string, value: string): void =>
    writeFileSync(join(tree.own, 'stateward/n1', file), value);

  test('are written again, and it is said which', () => {
    using tree = new FakeCgroups();
    const from = cgroups(tree);
    const limits = start(tree, LIMITS, from);
    expect(from.restore(limits)).toEqual({ outcome: limits, restored: null });
    changed(tree, 'pids.max', 'max');
    changed(tree, 'cpu.max', '100000 100000');
    const { outcome, restored } = from.restore(limits);
    expect(outcome).toBe(limits);
    expect(restored).toBe(
      'cpu.max was 100000 100000, and is 50000 100000 again; pids.max was max, and is 64 again',
    );
    expect(readFileSync(join(limits.cgroup ?? '', 'pids.max'), 'utf8')).toBe('64');
    expect(from.restore(limits)).toEqual({ outcome: limits, restored: null });
  });

  test('are not those that the kernel has rounded down to whole pages', () => {
    using tree = new FakeCgroups();
    const from = cgroups(tree);
    const limits = start(tree, { ...LIMITS, memoryBytes: 1_000_000_000 }, from);
    changed(tree, 'memory.max', '999997440');
    expect(from.restore(limits).restored).toBeNull();
    changed(tree, 'memory.max', '900000000');
    expect(from.restore(limits).restored).toBe('memory.max was 900000000, and is 1000000000 again');
  });

  test('and cannot be written are said to be not in force, once, until they are', () => {
    using tree = new FakeCgroups();
    const from = cgroups(tree);
    const limits = start(tree, LIMITS, from);
    changed(tree, 'pids.max', '1');
    tree.failing.set('pids.max', 'EACCES');
    const { outcome: lost } = from.restore(limits);
    expect(lost).toMatchObject({
      state: 'unavailable',
      message: 'pids.max is 1 and not 64, and cannot be written',
    });
    expect(from.restore(lost).outcome).toBe(lost);
    changed(tree, 'pids.max', '64');
    expect(from.restore(lost).outcome).toEqual(limits);
  });
});
