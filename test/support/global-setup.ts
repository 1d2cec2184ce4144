import { readdirSync, readFileSync } from 'node:fs';

/** Set in the environment of every process that a test run starts, directly or not; names the run. */
const MARK = 'STATEWARD_TEST_RUN';

/** Of the flags in /proc/pid/stat: the process has come to its end, and has let go of what it was. */
const EXITING = 0x4;

/** What pipelines say of themselves, and stateward heeds: a test that is about it says so by itself. */
const PIPELINE = ['CI', 'GITHUB_ACTIONS', 'GITHUB_WORKSPACE', 'GITHUB_STEP_SUMMARY', 'GITHUB_OUTPUT'];

/**
 * Tests have the same surroundings in a pipeline as on a desk.
 *
 * Fails the run when a test leaves a process behind: everything that was started carries the mark of this run in its
 * environment, whoever its parent is by now.
 */
export default function setup(): () => void {
  const run = `${process.pid}-${Date.now()}`;
  process.env[MARK] = run;
  for (const name of PIPELINE) Reflect.deleteProperty(process.env, name);
  return () => {
    const left = leftovers(`${MARK}=${run}`);
    if (left.length === 0) return;
    for (const { pid } of left) process.kill(pid, 'SIGKILL');
    const names = left.map(({ pid, command }) => `  ${pid} ${command}`).join('\n');
    process.exitCode = 1;
    throw new Error(`tests left ${left.length} process(es) behind (ended now):\n${names}`);
  };
}

function leftovers(mark: string): { pid: number; command: string }[] {
  if (process.platform !== 'linux') return [];
  const found: { pid: number; command: string }[] = [];
  for (const entry of readdirSync('/proc')) {
    const pid = Number(entry);
    if (!Number.isInteger(pid) || pid === process.pid) continue;
    try {
      if (!readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0').includes(mark)) continue;
      const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
      const [, parent, , , , , flags] = readFileSync(`/proc/${pid}/stat`, 'utf8')
        .replace(/^.*\) /s, '')
        .split(' ');
      if ((Number(flags) & EXITING) !== 0) continue;
      // Vitest's own workers are ended by vitest, after this check; they are children of this process.
      if (Number(parent) === process.pid && command.includes('vitest')) continue;
      if (command.includes('esbuild')) continue;
      found.push({ pid, command });
    } catch {
      // The process ended while it was looked at.
    }
  }
  return found;
}
