import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { parseStat, processTrees, type ProcessRow } from '../../../src/triggers/usage/process-tree.ts';
import { eventually } from '../../support/eventually.ts';
import { procSampler, sampleLifetimes } from '../../../src/triggers/usage/sample-usage.ts';

/** Less than a process has, and more than a shell takes to start one. */
const CHILD_BYTES = 512 * 1024;

function row(pid: number, parent: number, session: number): ProcessRow {
  return { pid, parent, session, startTime: '1', ticks: 0, pages: 1 };
}

describe('the processes of an instance', () => {
  it('are its session and its descendants, and nobody else', () => {
    const rows = [
      row(1, 0, 1),
      row(10, 5, 10),
      row(11, 10, 10),
      // Its parent has ended; it is still in the session.
      row(12, 1, 10),
      // A session of its own, by descent.
      row(13, 11, 13),
      row(20, 5, 20),
      row(30, 1, 30),
    ];
    const trees = processTrees([10, 20], rows);
    expect([...trees].map(([root, tree]) => [root, tree.map(({ pid }) => pid)])).toEqual([
      [10, [10, 11, 12, 13]],
      [20, [20]],
    ]);
  });

  it('belong to the nearest instance when one instance was started by another', () => {
    const trees = processTrees([10, 11], [row(10, 1, 10), row(11, 10, 11), row(12, 11, 11)]);
    expect([...trees].map(([root, tree]) => [root, tree.length])).toEqual([
      [10, 1],
      [11, 2],
    ]);
  });

  it('are read past a command that holds brackets and blanks, and not counted as zombies', () => {
    const fields = '5 10 10 0 -1 0 0 0 0 0 7 3 0 0 20 0 1 0 4711 9999 42 0';
    expect(parseStat(10, `10 (a) b (c)) S ${fields}`)).toEqual({
      pid: 10,
      parent: 5,
      session: 10,
      startTime: '4711',
      ticks: 10,
      pages: 42,
    });
    expect(parseStat(10, `10 (x) Z ${fields}`)).toBeNull();
  });
});

describe.runIf(process.platform === 'linux')('a sample of a real tree', () => {
  it('counts between two rounds what has begun since the last one, and not what has ended', async () => {
    const shell = spawn(
      'sh',
      ['-c', 'read a; sleep 600 & echo $!; read b; kill $!; wait; echo gone; read c'],
      {
        detached: true,
        stdio: ['pipe', 'pipe', 'inherit'],
      },
    );
    const { pid, stdin, stdout } = shell;
    if (pid === undefined) throw new Error('not started');
    const sample = procSampler(() => performance.now());
    const memory = async (): Promise<number> => (await sample.memory([pid])).get(pid)?.memoryBytes ?? 0;
    try {
      const alone = (await sample.all([pid])).get(pid)?.memoryBytes ?? 0;
      stdin.write('\n');
      await once(stdout, 'data');
      // The kernel counts the pages of a process that has just begun a little later, and those of the shell too.
      const both = await eventually(async () => {
        const now = await memory();
        return now > alone + CHILD_BYTES && now;
      });
      stdin.write('\n');
      await once(stdout, 'data');
      await eventually(async () => (await memory()) < both - CHILD_BYTES / 2);
    } finally {
      process.kill(-pid, 'SIGKILL');
      await once(shell, 'close');
    }
    expect((await sample.memory([pid])).size).toBe(0);
  });

  it('counts the memory of a child that the instance has started', async () => {
    const hungry =
      "globalThis.kept = Buffer.alloc(80 * 1024 * 1024, 1); console.log('full'); setInterval(() => {}, 1e6)";
    const parent = `require('node:child_process').spawn(process.execPath, ['-e', ${JSON.stringify(hungry)}], { stdio: 'inherit' })`;
    const child = spawn(process.execPath, ['-e', parent], {
      detached: true,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const { pid, stdout } = child;
    if (pid === undefined) throw new Error('not started');
    try {
      await once(stdout, 'data');
      const sample = procSampler(() => performance.now());
      const first = (await sample.all([pid])).get(pid);
      expect(first?.memoryBytes).toBeGreaterThan(80 * 1024 * 1024);
      expect(first?.cpuPercent).toBe(0);
      const second = (await sample.all([pid])).get(pid);
      expect(second?.cpuPercent).toBeGreaterThanOrEqual(0);
      const lifetime = (await sampleLifetimes([pid])).get(pid);
      expect(lifetime?.memoryBytes).toBeGreaterThan(80 * 1024 * 1024);
      // Starting two Node processes takes time of a processor, and less than both of them for the second that counts.
      expect(lifetime?.cpuPercent).toBeGreaterThan(0);
    } finally {
      process.kill(-pid, 'SIGKILL');
      await once(child, 'close');
    }
    // The child of the child is in its session until the kernel has taken it apart.
    await eventually(async () => (await procSampler(() => performance.now()).all([pid])).size === 0);
  });

  it('counts processor time that never falls, though children that have used some end', async () => {
    const burn = 'i=0; while [ $i -lt 200000 ]; do i=$((i+1)); done';
    const shell = spawn(
      'sh',
      ['-c', `exec 3<&0; (${burn}; echo burnt; read a <&3) & wait; echo gone; read b`],
      {
        detached: true,
        stdio: ['pipe', 'pipe', 'inherit'],
      },
    );
    const { pid, stdin, stdout } = shell;
    if (pid === undefined) throw new Error('not started');
    const sample = procSampler(() => performance.now());
    const used = async (): Promise<number> => (await sample.all([pid])).get(pid)?.cpuSeconds ?? NaN;
    try {
      await once(stdout, 'data');
      const burnt = await used();
      expect(burnt).toBeGreaterThan(0);
      stdin.write('\n');
      await once(stdout, 'data');
      expect(await used()).toBeGreaterThanOrEqual(burnt);
    } finally {
      process.kill(-pid, 'SIGKILL');
      await once(shell, 'close');
    }
  });
});
