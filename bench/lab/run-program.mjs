import { spawn } from 'node:child_process';

/** A program run to its end: wall milliseconds and what it printed; throws when it does not end with 0. */
export async function runProgram(argv, options) {
  const from = performance.now();
  const child = spawn(argv[0], argv.slice(1), { stdio: ['ignore', 'pipe', 'pipe'], ...options });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk) => (stdout += chunk));
  child.stderr.on('data', (chunk) => (stderr += chunk));
  const code = await new Promise((resolve, reject) => child.on('close', resolve).on('error', reject));
  const ms = performance.now() - from;
  if (code !== 0) throw new Error(`${argv.join(' ')} ended with ${code}: ${(stderr + stdout).trim()}`);
  return { ms, stdout };
}
