import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { procProcesses } from '../../../src/runner/processes/proc-processes.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'stw-scan-'));
});

afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

/** Goes on as a child of its own, which does the same, every few milliseconds, until there is a file `stop`. */
const HOPPER = `hop() {
  [ -e stop ] && exit
  i=0; while [ $i -lt 10000 ]; do i=$((i + 1)); done
  hop & exit
}
echo up; hop`;

test('a process that hands on to a child and ends while the host is looked at is found', async () => {
  const nonce = 'f'.repeat(32);
  const hopper = spawn('sh', ['-c', HOPPER], {
    cwd: folder,
    env: { PATH: process.env.PATH, STATEWARD_INSTANCE: nonce },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  await once(hopper.stdout, 'data');
  const found: boolean[] = [];
  for (let scan = 0; scan < 20; scan++) {
    const entries = await procProcesses().scan();
    found.push(entries.some((entry) => entry.nonce === nonce));
  }
  // It may see the file, and end, before the write of it has been told to have ended.
  const closed = once(hopper.stdout, 'close');
  await writeFile(join(folder, 'stop'), '');
  await closed;
  expect(found).toEqual(found.map(() => true));
});

test('a process that takes on another program is found all the same, and known for whose it is', async () => {
  const nonce = 'e'.repeat(32);
  const AGAIN = 'exec /bin/sh -c "$AGAIN"';
  const child = spawn('/bin/sh', ['-c', `echo up; ${AGAIN}`], {
    env: { AGAIN, STATEWARD_INSTANCE: nonce },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  await once(child.stdout, 'data');
  const { pid = 0 } = child;
  const processes = procProcesses();
  const readings = Array.from({ length: 5_000 }, () => processes.nonce(pid));
  const variables = Array.from({ length: 5_000 }, () => processes.variable(pid, 'AGAIN'));
  const found: boolean[] = [];
  for (let scan = 0; scan < 100; scan++) {
    const entries = await procProcesses().scan();
    found.push(entries.some((entry) => entry.pid === pid && entry.nonce === nonce));
  }
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
  expect(new Set(readings.map((reading) => JSON.stringify(reading)))).toEqual(
    new Set([JSON.stringify({ kind: 'nonce', nonce })]),
  );
  expect(new Set(variables)).toEqual(new Set([AGAIN]));
  expect(found).toEqual(found.map(() => true));
});
