import { closeSync, openSync, readdirSync, readFileSync, readSync } from 'node:fs';
import { constants } from 'node:os';
import { nonceIn } from './nonce.ts';
import type { NonceReading, ProcessEntry, Processes, ProcessStat } from './processes.ts';

/** Processes looked at before the loop gets its turn again: under a millisecond. */
const SLICE = 32;
/** A host where processes come and go without end is looked at no more often than this in one scan. */
const ROUNDS = 8;

/** The processes of a Linux host, from /proc. */
export function procProcesses(): Processes {
  return {
    bootId: readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim(),
    stat: readStat,
    nonce: readNonce,
    catches,
    scan,
  };
}

/** Fields of /proc/pid/stat behind the command, which may itself hold blanks and brackets: counted from state, 0. */
const STATE = 0;
const PARENT = 1;
const GROUP = 2;
const THREADS = 17;
const START_TIME = 19;

/** Longer than any stat of a process. */
const short = Buffer.alloc(4_096);

/** For what is read of every process of the host: half the cost of readFileSync. */
function readShort(path: string): string {
  const fd = openSync(path, 'r');
  try {
    return short.toString('latin1', 0, readSync(fd, short, 0, short.length, 0));
  } finally {
    closeSync(fd);
  }
}

function readStat(pid: number): ProcessStat | null {
  let text: string;
  try {
    text = readShort(`/proc/${pid}/stat`);
  } catch {
    return null;
  }
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const state = fields[STATE];
  const startTime = fields[START_TIME];
  if (state === undefined || startTime === undefined) return null;
  // The first thread ends before the others, and what the process has open is open until the last of them.
  const zombie = (state === 'Z' || state === 'X') && Number(fields[THREADS]) <= 1;
  return { startTime, group: Number(fields[GROUP]), parent: Number(fields[PARENT]), zombie };
}

function readNonce(pid: number): NonceReading {
  try {
    return nonceIn(readFileSync(`/proc/${pid}/environ`, 'latin1'), '\0');
  } catch {
    return { kind: 'unreadable' };
  }
}

function catches(pid: number, signal: NodeJS.Signals): boolean {
  try {
    const caught = /^SigCgt:\s*([0-9a-f]+)/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1] ?? '0';
    return ((BigInt(`0x${caught}`) >> BigInt(constants.signals[signal] - 1)) & 1n) === 1n;
  } catch {
    return false;
  }
}

/**
 * In rounds, each for what has come since the one before: of a process that starts another and ends before it is looked
 * at, that other one is not in the list that was read first.
 */
async function scan(since = '0'): Promise<readonly ProcessEntry[]> {
  const seen = new Set<number>();
  const entries: ProcessEntry[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const fresh = listPids().filter((pid) => !seen.has(pid));
    if (fresh.length === 0) break;
    for (const pid of fresh) {
      seen.add(pid);
      if (seen.size % SLICE === 0) await new Promise((resolve) => setImmediate(resolve));
      const entry = readEntry(pid, Number(since));
      if (entry !== null) entries.push(entry);
    }
  }
  return entries;
}

function listPids(): readonly number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
}

function readEntry(pid: number, since: number): ProcessEntry | null {
  const stat = readStat(pid);
  if (stat === null || stat.zombie) return null;
  const nonce = Number(stat.startTime) < since ? null : nonceOf(readNonce(pid));
  return { pid, startTime: stat.startTime, group: stat.group, nonce };
}

function nonceOf(reading: NonceReading): string | null {
  return reading.kind === 'nonce' ? reading.nonce : null;
}
