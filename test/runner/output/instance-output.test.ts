import { execFileSync } from 'node:child_process';
import { closeSync, writeSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { systemClock, type Clock } from '../../../src/lib/clocks/clock.ts';
import { fifoPath, openFifo } from '../../../src/runner/output/fifo.ts';
import { InstanceOutput } from '../../../src/runner/output/instance-output.ts';
import { LogUsage } from '../../../src/runner/logs/counts/log-usage.ts';
import type { LogStore } from '../../../src/runner/logs/log-store.ts';
import { eventually } from '../../support/eventually.ts';
import { FakeClock } from '../../support/fake-clock.ts';

const labels = {
  ...{ project: 'shop', app: 'api', slot: 0, generation: 1 },
  ...{ restartGeneration: 0, revision: 1, templateHash: 'h' },
};
const logs = {
  ...{ outFile: '/logs/out', errorFile: null, combinedFile: null },
  ...{ dateFormat: null, json: false, rotate: null },
};

interface Written extends AsyncDisposable {
  readonly output: InstanceOutput;
  /** Where the app writes. */
  readonly writer: number;
}

/** The output of an app whose lines go to `file`. */
async function outputTo(file: object, clock: Clock): Promise<Written> {
  const folder = await mkdtemp('/tmp/stw-');
  const usage = new LogUsage();
  const store = { clock, usage, acquire: () => file, release: () => undefined } as unknown as LogStore;
  const [out, error] = (['out', 'error'] as const).map((stream) => {
    const path = fifoPath(folder, 'io', stream);
    execFileSync('mkfifo', [path]);
    return openFifo(path, null);
  });
  if (out === undefined || error === undefined) throw new Error('no fifos');
  const output = new InstanceOutput(
    { store, clock, folder, readBuffer: Buffer.alloc(65_536) },
    { io: 'io', readers: { out: out.reader, error: error.reader }, settings: { labels, logs } },
  );
  return {
    output,
    writer: out.writer,
    [Symbol.asyncDispose]: async () => {
      for (const { writer } of [out, error]) closeSync(writer);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Nothing of this process runs meanwhile, as on a busy host. */
function holdUp(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

test('of an ended process is not over before the reader has had a turn', async () => {
  const file = { full: false, append: () => undefined, endLine: () => undefined };
  await using app = await outputTo(file, systemClock);
  const drained = app.output.drain();
  writeSync(app.writer, 'the last line\n');
  holdUp(400);
  await drained;
  expect(app.output.lastLines().map(({ line }) => line)).toEqual(['the last line']);
});

test('of an ended process is not over while a slow file holds the reader up', async () => {
  const clock = new FakeClock();
  let held = 0;
  const file = {
    full: true,
    append: () => (file.full = true),
    endLine: () => undefined,
    whenWritable: (resume: () => void) => {
      held++;
      clock.after(200, () => {
        file.full = false;
        resume();
      });
    },
  };
  await using app = await outputTo(file, clock);
  const last = (): string | undefined => app.output.lastLines().at(-1)?.line;
  writeSync(app.writer, 'begin\n');
  await eventually(() => held > 0);
  writeSync(app.writer, 'end\n');
  const lastAtEnd = app.output.drain().then(last);
  // The reader may go on just when the process would count as silent.
  clock.advance(200);
  await eventually(() => last() === 'end');
  clock.advance(200);
  clock.advance(1_000);
  expect(await lastAtEnd).toBe('end');
});
