import { execFile } from 'node:child_process';
import { readdirSync, writeFileSync } from 'node:fs';
import { constants, setPriority } from 'node:os';
import { getSystemErrorName } from 'node:util';
import { errorCode, errorMessage } from '../../lib/system-error.ts';
import { findProgram } from '../spawn/prefixes/put-in-front.ts';
import { ioniceArgs, prlimitArgs, saidBy } from './commands.ts';
import type { Setting } from './settings.ts';

const RUN_MS = 10_000;

/** Gives processes that run a setting, all their threads too. Null: they have it now, or have ended; else why not. */
export async function give(setting: Setting, pids: readonly number[]): Promise<string | null> {
  const { nice, ionice, oomScoreAdj, cpus, rlimits } = setting.tuning;
  if (nice !== undefined) return firstFailure(threadsOf(pids), (tid) => setPriority(tid, nice));
  if (oomScoreAdj !== undefined) {
    return firstFailure(pids, (pid) => writeFileSync(`/proc/${pid}/oom_score_adj`, String(oomScoreAdj)));
  }
  if (ionice !== undefined) {
    return run(setting, pids, 'ionice', (pid) => [
      ...ioniceArgs(ionice),
      '-p',
      ...threadsOf([pid]).map(String),
    ]);
  }
  if (cpus !== undefined)
    return run(setting, pids, 'taskset', (pid) => ['-a', '-c', '-p', cpus, String(pid)]);
  return run(setting, pids, 'prlimit', (pid) => ['--pid', String(pid), ...prlimitArgs(rlimits ?? {})]);
}

/** To the kernel, each thread has a priority of its own. */
function threadsOf(pids: readonly number[]): readonly number[] {
  return pids.flatMap((pid) => {
    try {
      return readdirSync(`/proc/${pid}/task`).map(Number);
    } catch {
      return process.platform === 'linux' ? [] : [pid];
    }
  });
}

function firstFailure(ids: readonly number[], act: (id: number) => void): string | null {
  const failures = ids.flatMap((id) => {
    try {
      act(id);
      return [];
    } catch (error) {
      return isGone(error) ? [] : [errorMessage(error)];
    }
  });
  return failures[0] ?? null;
}

/** It has ended meanwhile. */
function isGone(error: unknown): boolean {
  const code = systemCode(error);
  return code === 'ESRCH' || code === 'ENOENT';
}

/** `os` wraps what the system says. */
function systemCode(error: unknown): string | undefined {
  const code = errorCode(error);
  if (code !== 'ERR_SYSTEM_ERROR') return code;
  const { errno } = (error as { info?: { errno?: number } }).info ?? {};
  return errno === -constants.errno.ESRCH ? 'ESRCH' : getSystemErrorName(errno ?? -1);
}

async function run(
  { key }: Setting,
  pids: readonly number[],
  program: string,
  argsFor: (pid: number) => readonly string[],
): Promise<string | null> {
  const need = `${program}(1) of util-linux is needed: install it`;
  let file: string;
  try {
    file = await findProgram({ key, program, args: [], need });
  } catch (error) {
    return errorMessage(error);
  }
  const said = await Promise.all(pids.map((pid) => runOnce(file, argsFor(pid), pid)));
  return said.find((why) => why !== null) ?? null;
}

function runOnce(file: string, args: readonly string[], pid: number): Promise<string | null> {
  const isThere = (): boolean => threadsOf([pid]).length > 0;
  return new Promise((resolve) => {
    execFile(file, [...args], { env: { LC_ALL: 'C' }, cwd: '/', timeout: RUN_MS }, (error, _, errors) => {
      const why = saidBy(errors);
      resolve(error === null || !isThere() ? null : why === '' ? errorMessage(error) : why);
    });
  });
}
