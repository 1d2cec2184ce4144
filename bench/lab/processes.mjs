import { readdirSync, readFileSync } from 'node:fs';

const KIB_PER_MIB = 1024;

/** MiB that processes hold together: `Rss` whole, `Pss` what they share divided by those that share it. */
export function memoryOf(pids, kind) {
  const kib = (pid) => Number(new RegExp(`^${kind}:\\s+(\\d+)`, 'm').exec(read(pid, 'smaps_rollup'))[1]);
  return pids.reduce((sum, pid) => sum + kib(pid), 0) / KIB_PER_MIB;
}

/** Milliseconds of the processor that processes have used, to the nanosecond: those of all their threads that live. */
export function processorMs(pids) {
  return pids.reduce((sum, pid) => sum + threadsMs(pid), 0);
}

function threadsMs(pid) {
  const ofThread = (tid) => {
    try {
      return Number(read(pid, `task/${tid}/schedstat`).split(' ')[0]) / 1e6;
    } catch {
      return 0; // It has ended in this moment.
    }
  };
  return readdirSync(`/proc/${pid}/task`).reduce((sum, tid) => sum + ofThread(tid), 0);
}

function read(pid, name) {
  return readFileSync(`/proc/${pid}/${name}`, 'utf8');
}
