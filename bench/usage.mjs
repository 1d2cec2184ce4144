/**
 * What sampling the usage of processes costs: `node bench/usage.mjs [processes]`. Starts idle programs, samples them
 * every 2 s' worth of work over and over, and prints the share of one processor that this takes.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';

const COUNT = Number(process.argv[2] ?? 100);
const ROUNDS = 50;
const PERIOD_MS = 2_000;

const folder = mkdtempSync(join(tmpdir(), 'stw-bench-usage-'));
const children = Array.from({ length: COUNT }, () =>
  spawn('sleep', ['600'], { detached: true, stdio: 'ignore' }),
);
try {
  const outfile = join(folder, 'sampler.cjs');
  const entry = join(import.meta.dirname, '../src/triggers/usage/sample-usage.ts');
  await build({ entryPoints: [entry], outfile, bundle: true, platform: 'node', format: 'cjs' });
  const sample = createRequire(import.meta.url)(outfile).procSampler(() => performance.now()).all;
  const pids = children.map(({ pid }) => pid);
  await sample(pids);
  const before = process.cpuUsage();
  for (let round = 0; round < ROUNDS; round++) await sample(pids);
  const { user, system } = process.cpuUsage(before);
  const milliseconds = (user + system) / 1000 / ROUNDS;
  const others = readdirSync('/proc').filter((name) => /^\d+$/.test(name)).length;
  console.log(
    `${COUNT} instances, ${others} processes on the host: ${milliseconds.toFixed(2)} ms a sample, ` +
      `${((milliseconds / PERIOD_MS) * 100).toFixed(2)} % of a core (budget: 1 %)`,
  );
} finally {
  for (const child of children) child.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
}
