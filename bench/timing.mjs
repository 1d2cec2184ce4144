import { spawn } from 'node:child_process';
import { createServer } from 'node:net';

/** Middle of the sorted values. */
export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)];
}

/** Wall milliseconds of one run of a program; throws when it does not end with 0. */
export async function timeRun(argv, options) {
  const from = performance.now();
  const child = spawn(argv[0], argv.slice(1), { stdio: ['ignore', 'pipe', 'pipe'], ...options });
  let output = '';
  child.stdout.on('data', (chunk) => (output += chunk));
  child.stderr.on('data', (chunk) => (output += chunk));
  const code = await new Promise((resolve) => child.on('close', resolve));
  if (code !== 0) throw new Error(`${argv.join(' ')} ended with ${code}\n${output}`);
  return performance.now() - from;
}

/** Two programs in turn, A B A B: medians of both and of the ratio pair by pair, so that a slow moment hits both. */
export async function timePairs(count, a, b) {
  const pairs = [];
  await a();
  await b();
  for (let i = 0; i < count; i++) pairs.push([await a(), await b()]);
  return {
    a: median(pairs.map(([x]) => x)),
    b: median(pairs.map(([, y]) => y)),
    ratio: median(pairs.map(([x, y]) => x / y)),
  };
}

/** Listens on a Unix socket and counts programs that say "up". */
export async function upCounter(path) {
  let count = 0;
  let waiting;
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.resume();
    count += 1;
    if (waiting !== undefined && count >= waiting.target) waiting.resolve(performance.now());
  });
  await new Promise((resolve) => server.listen(path, resolve));
  return {
    reset: () => void (count = 0),
    /** Resolves with the time at which `target` programs had said so. */
    reached: (target) => new Promise((resolve) => (waiting = { target, resolve })),
    close: () => server.close(),
  };
}
