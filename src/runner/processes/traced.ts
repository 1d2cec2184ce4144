import { readFileSync } from 'node:fs';

/** Whether a debugger holds the process; false where that cannot be told. */
export function isTraced(pid: number): boolean {
  try {
    return /^TracerPid:\s*[1-9]/m.test(readFileSync(`/proc/${pid}/status`, 'latin1'));
  } catch {
    return false;
  }
}
