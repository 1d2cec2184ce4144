import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { startDaemon } from '../../../src/cli/session/daemon-process.ts';
import { systemClock } from '../../../src/lib/clocks/clock.ts';

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'stw-'));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

interface Start {
  readonly failure: string | null;
  readonly details: readonly string[];
  readonly tookMs: number;
}

/** Starts a daemon that is this program; `answersAfterMs`: when some daemon of the home answers. */
async function start(program: string, answersAfterMs: number): Promise<Start> {
  const file = join(home, 'daemon.cjs');
  writeFileSync(file, program);
  const begun = performance.now();
  const started = await startDaemon({
    ...{ home, program: file, env: process.env, clock: systemClock },
    answers: () => Promise.resolve(performance.now() - begun >= answersAfterMs),
  });
  const tookMs = performance.now() - begun;
  if (started.ok) return { failure: null, details: [], tookMs };
  return { failure: started.error.message, details: started.error.details ?? [], tookMs };
}

test('a daemon that refuses to start is answered with its reason, at once', async () => {
  const { failure, details, tookMs } = await start(
    'console.error("the state is of a newer version"); process.exitCode = 1',
    Infinity,
  );
  expect(failure).toBe('cannot start the daemon: it ended with code 1');
  expect(details).toEqual(['the state is of a newer version']);
  expect(tookMs).toBeLessThan(4_000);
});

test('one that leaves the home to another is waited out', async () => {
  expect((await start('', 1_500)).failure).toBeNull();
});

test('one that is killed may be followed by another', async () => {
  expect((await start('process.kill(process.pid, "SIGKILL")', 1_500)).failure).toBeNull();
});
