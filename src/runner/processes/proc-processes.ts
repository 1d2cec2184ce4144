import { readdirSync, readFileSync } from 'node:fs';
import { nonceIn } from './nonce.ts';
import type { NonceReading, ProcessEntry, Processes, ProcessStat } from './processes.ts';

/** Processes looked at before the loop gets its turn again: under a millisecond. */
const SLICE = 32;

/** The processes of a Linux host, from /proc. */
export function procProcesses(): Processes {
  return {
    bootId: readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim(),
    stat: readStat,
    nonce: readNonce,
    scan,
  };
}

/** Fields of /proc/pid/stat behind the command, which may itself hold blanks and brackets: counted from state, 0. */
const STATE = 0;
const GROUP = 2;
const THREADS = 17;
const START_TIME = 19;

function readStat(pid: number): ProcessStat | null {
  let text: string;
  try {
    text = readFileSync(`/proc/${pid}/stat`, 'latin1');
  } catch {
    return null;
  }
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const state = fields[STATE];
  const startTime = fields[START_TIME];
  if (state === undefined || startTime === undefined) return null;
  // The first thread ends before the others, and what the process has open is open until the last of them.
  const zombie = (state === 'Z' || state === 'X') && Number(fields[THREADS]) <= 1;
  return { startTime, group: Number(fields[GROUP]), zombie };
}

function readNonce(pid: number): NonceReading {
  try {
    return nonceIn(readFileSync(`/proc/${pid}/environ`, 'latin1'), '\0');
  } catch {
    return { kind: 'unreadable' };
  }
}

async function scan(): Promise<readonly ProcessEntry[]> {
  const pids = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
  const entries: ProcessEntry[] = [];
  for (const [index, pid] of pids.entries()) {
    if (index % SLICE === SLICE - 1) await new Promise((resolve) => setImmediate(resolve));
    const stat = readStat(pid);
    if (stat === null || stat.zombie) continue;
    const reading = readNonce(pid);
    const nonce = reading.kind === 'nonce' ? reading.nonce : null;
    entries.push({ pid, startTime: stat.startTime, group: stat.group, nonce });
  }
  return entries;
}
