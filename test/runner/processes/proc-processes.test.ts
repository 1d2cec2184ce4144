import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { procProcesses } from '../../../src/runner/processes/proc-processes.ts';
import type { ProcessEntry } from '../../../src/runner/processes/processes.ts';

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

/** For so long each of them waits for a process that is in the middle of an execve(2). */
const READING_MS = 20;
const SCAN_MS = 200;
/** So often it is asked again for one whose execve(2) takes longer, on a busy host. */
const TRIES = 50;

/** What a reading gives that finds the process, or that gives up on it before its time. */
function patient<T>(read: () => T, finds: (reading: T) => boolean): T {
  for (let tries = 1; ; tries++) {
    const begin = performance.now();
    const reading = read();
    if (finds(reading) || performance.now() - begin < READING_MS || tries === TRIES) return reading;
  }
}

/** Likewise of a scan. */
async function patientScan(finds: (entry: ProcessEntry) => boolean): Promise<boolean> {
  for (let tries = 1; ; tries++) {
    const begin = performance.now();
    const found = (await procProcesses().scan()).some(finds);
    if (found || performance.now() - begin < SCAN_MS || tries === TRIES) return found;
  }
}

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
  const readings = Array.from({ length: 5_000 }, () =>
    patient(
      () => processes.nonce(pid),
      ({ kind }) => kind !== 'unreadable',
    ),
  );
  const variables = Array.from({ length: 5_000 }, () =>
    patient(
      () => processes.variable(pid, 'AGAIN'),
      (value) => value !== null,
    ),
  );
  const found: boolean[] = [];
  for (let scan = 0; scan < 100; scan++) {
    found.push(await patientScan((entry) => entry.pid === pid && entry.nonce === nonce));
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
