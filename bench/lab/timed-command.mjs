import { spawn } from 'node:child_process';

const MS_PER_TICK = 10;

/** A command to its good end: `{ wall, cpu }`, milliseconds of the clock and of the processor. */
export async function timedCommand(argv, options) {
  const from = performance.now();
  // The shell is asked what its child used: Node does not tell.
  const script = '"$@" >/dev/null 2>&1; code=$?; cat /proc/$$/stat; exit $code';
  const child = spawn('sh', ['-c', script, 'sh', ...argv], {
    ...options,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let stat = '';
  child.stdout.on('data', (chunk) => (stat += chunk));
  const code = await new Promise((done) => child.on('close', done));
  if (code !== 0) throw new Error(`${argv.join(' ')} ended with ${code}`);
  return { wall: performance.now() - from, cpu: ticks(stat, 13) };
}

/** The sum of two neighbouring fields of a stat line of proc_pid_stat(5), in ms, counted from the state of the process. */
export function ticks(stat, field) {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[field]) + Number(fields[field + 1])) * MS_PER_TICK;
}
