import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { systemClock } from '../../../src/lib/clocks/clock.ts';
import { readTaggedLine } from '../../../src/lib/lines/tagged-line.ts';
import { LogStore } from '../../../src/runner/logs/log-store.ts';
import { StreamLog } from '../../../src/runner/output/stream-log.ts';
import { eventually } from '../../support/eventually.ts';

let folder: string;
let path: string;
let store: LogStore;
/** Where the store believes to be in time, in milliseconds from its begin. */
let skippedMs: number;
/** Readers wait so long for who listens, where they would wait longer. */
let patienceMs: number;
beforeEach(async () => {
  folder = await mkdtemp('/tmp/stw-');
  path = join(folder, 'lines.sock');
  skippedMs = 0;
  patienceMs = Infinity;
  store = new LogStore({
    folder: '/none',
    streams: { stdout: '/none/1', stderr: '/none/2' },
    linesSocket: path,
    clock: {
      now: () => 1234,
      monotonic: () => systemClock.monotonic() + skippedMs,
      after: (ms, callback) => systemClock.after(Math.min(ms, patienceMs), callback),
    },
    log: () => undefined,
    changed: () => undefined,
  });
});
afterEach(async () => {
  await store.close();
  await rm(folder, { recursive: true, force: true });
});

/** An app that keeps no files at all. */
function stream(name: 'out' | 'error', slot = 0): StreamLog {
  const labels = { project: 'shop', app: 'api', slot, generation: 1, restartGeneration: 0 };
  return new StreamLog(name, store, {
    labels: { ...labels, revision: 1, templateHash: 'h' },
    logs: {
      ...{ outFile: null, errorFile: null, combinedFile: null },
      ...{ dateFormat: 'YYYY', json: true, rotate: null },
    },
  });
}

interface Listener extends AsyncDisposable {
  readonly server: Server;
  readonly text: () => string;
  readonly sockets: Socket[];
}

async function listen(isPaused = false): Promise<Listener> {
  const chunks: Buffer[] = [];
  const sockets: Socket[] = [];
  const server = createServer({ pauseOnConnect: isPaused }, (socket) => {
    sockets.push(socket);
    socket.on('data', (chunk: Buffer) => chunks.push(chunk));
    if (isPaused) socket.pause();
  });
  await new Promise<void>((resolve) => server.listen(path, resolve));
  return {
    server,
    sockets,
    text: () => Buffer.concat(chunks).toString(),
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

test('who listens gets every line as it was written, with where it is from, whatever form files have', async () => {
  await using listener = await listen();
  const [out, error] = [stream('out'), stream('error', 3)];
  out.write(Buffer.from('first\nsec'));
  error.write(Buffer.from('oh no\n'));
  out.write(Buffer.from('ond\nunended'));
  out.close();
  await eventually(() => listener.text().includes('unended\n') && listener.text().includes('oh no\n'));
  const lines = listener.text().trimEnd().split('\n');
  const read = lines.map((line) => readTaggedLine(Buffer.from(line)));
  const from = { at: 1234, stream: 'out', slot: 0, app: 'shop/api' };
  expect(read.filter((line) => line?.stream === 'out')).toEqual(
    ['first', 'second', 'unended'].map((text) => ({ ...from, bytes: Buffer.from(text) })),
  );
  expect(read.filter((line) => line?.stream === 'err')).toEqual([
    { ...from, stream: 'err', slot: 3, bytes: Buffer.from('oh no') },
  ]);
  error.close();
});

test('who comes later gets what is written from then on', async () => {
  const out = stream('out');
  out.write(Buffer.from('before\n'));
  await using listener = await listen();
  skippedMs = 2_000;
  out.write(Buffer.from('after\n'));
  await eventually(() => listener.text() !== '');
  expect(listener.text()).toBe('1234\tout\t0\tshop/api\tafter\n');
  out.close();
});

test('who reads slowly makes readers wait, and misses nothing', async () => {
  await using listener = await listen(true);
  const out = stream('out');
  const line = Buffer.from(`${'x'.repeat(1000)}\n`);
  let written = 0;
  while (out.full === undefined) {
    for (let n = 0; n < 100; n++) out.write(line);
    written += 100;
    await new Promise((resolve) => setImmediate(resolve));
  }
  const goesOn = new Promise<void>((resolve) => out.full?.whenWritable(resolve));
  const [socket] = await eventually(() => listener.sockets.length > 0 && listener.sockets);
  socket?.resume();
  await goesOn;
  out.close();
  await eventually(() => listener.text().split('\n').length > written);
  expect(listener.text()).not.toContain('dropped');
});

test('who reads nothing holds up nobody for ever, and finds how many lines it has missed in their place', async () => {
  patienceMs = 20;
  await using listener = await listen(true);
  const out = stream('out');
  const line = Buffer.from(`${'x'.repeat(9_999)}\n`);
  const before = process.memoryUsage().arrayBuffers;
  // Many times what may wait: whoever reads for the app is let go each time.
  for (let n = 0; n < 5_000; n++) {
    out.write(line);
    const { full } = out;
    if (full !== undefined) await new Promise<void>((resolve) => full.whenWritable(resolve));
    if (n % 100 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(20_000_000);
  const [socket] = await eventually(() => listener.sockets.length > 0 && listener.sockets);
  socket?.resume();
  out.write(Buffer.from('last\n'));
  out.close();
  const lines = await eventually(() => {
    const all = listener.text().split('\n').slice(0, -1);
    return all.at(-1)?.endsWith('last') === true ? all : undefined;
  });
  const dropped = lines.map((text) => Number(/^\[stateward: (\d+) lines dropped\]$/.exec(text)?.[1] ?? 0));
  expect(dropped.reduce((sum, count) => sum + count, 0)).toBe(
    5_001 - dropped.filter((count) => count === 0).length,
  );
  expect(Math.max(...dropped)).toBeGreaterThan(3_000);
});
