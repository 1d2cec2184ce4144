import { execFile, execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

const execute = promisify(execFile);
const OWN = join(import.meta.dirname, 'requests.mjs');

/** wrk(1) takes less of the processor, and so more is left for what is measured. */
const hasWrk = isThere('wrk');

export const LOAD_NOTES = hasWrk
  ? []
  : [
      'wrk(1) is missing: bench/load/requests.mjs took its place, which takes more of the processor, so the ratios are nearer to 1',
    ];

/**
 * Requests to a port for some seconds, on kept connections or on a new one for each.
 *
 * @returns `{ requests, perSecond }`
 */
export async function loadPort(port, { connections, seconds, kind }) {
  if (!hasWrk) {
    const args = [OWN, port, connections, seconds, kind].map(String);
    return JSON.parse((await execute(process.execPath, args)).stdout);
  }
  const header = kind === 'new' ? ['-H', 'Connection: close'] : [];
  const args = ['-t1', `-c${connections}`, `-d${seconds}s`, ...header, `http://127.0.0.1:${port}/`];
  const { stdout } = await execute('wrk', args);
  return {
    requests: Number(/(\d+) requests in/.exec(stdout)[1]),
    perSecond: Number(/Requests\/sec:\s+([\d.]+)/.exec(stdout)[1]),
  };
}

function isThere(program) {
  try {
    execFileSync(program, ['-v'], { stdio: 'ignore' });
    return true;
  } catch (error) {
    return error.code !== 'ENOENT';
  }
}
