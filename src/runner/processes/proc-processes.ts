import { closeSync, openSync, readdirSync, readFileSync, readSync } from 'node:fs';
import { signalNumber, type Signal } from './host-signals.ts';
import { KnownProcesses, type PidHand } from './known-processes.ts';
import { nonceIn, variableIn } from './nonce.ts';
import { withSpareDescriptor } from './spare-descriptor.ts';
import { environmentAsFarAsSeen, environmentOf, type ReadProc } from '../../lib/procfs/environment.ts';
import { errorCode } from '../../lib/system-error.ts';
import type { NonceReading, ProcessEntry, Processes, ProcessStat } from './processes.ts';

/** Processes looked at before the loop gets its turn again: under a millisecond. */
const SLICE = 32;
/** A host where processes come and go without end is looked at no more often than this in one scan. */
const ROUNDS = 8;
/** For so long a scan waits for those that are in the middle of an execve(2), of which it cannot say yet whose they are. */
const EXEC_MS = 200;
const EXEC_LOOK_MS = 2;
/** For so long everything waits where the answer is needed at once. */
const EXEC_AT_ONCE_MS = 20;

/** The processes of a Linux host, from /proc. */
export function procProcesses(): Processes {
  const known = new KnownProcesses();
  return {
    bootId: readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim(),
    stat: readStat,
    nonce: readNonce,
    variable: readVariable,
    catches,
    scan: (since = '0') => scan(known, Number(since)),
  };
}

/** Fields of /proc/pid/stat behind the command, which may itself hold blanks and brackets: counted from state, 0. */
const STATE = 0;
const PARENT = 1;
const GROUP = 2;
const SESSION = 3;
const THREADS = 17;
const START_TIME = 19;

/** How the kernel says that there is no such process. */
const GONE: readonly string[] = ['ENOENT', 'ESRCH'];

/** To wait on without giving up the turn: what is looked at has to hold for the signal that is sent next. */
const NEVER_WOKEN = new Int32Array(new SharedArrayBuffer(4));

/** Longer than any stat of a process, and than nearly every environment. */
const short = Buffer.alloc(16_384);

/** For what is read of every process of the host: half the cost of readFileSync. Null: it is longer than that. */
function readAtOnce(path: string): string | null {
  return withSpareDescriptor(() => {
    const fd = openSync(path, 'r');
    try {
      const length = readSync(fd, short, 0, short.length, 0);
      return length === short.length ? null : short.toString('latin1', 0, length);
    } finally {
      closeSync(fd);
    }
  });
}

function readShort(path: string): string {
  return readAtOnce(path) ?? '';
}

function readWhole(path: string, encoding: 'latin1' | 'utf8'): string {
  return withSpareDescriptor(() => readFileSync(path, encoding));
}

function readStat(pid: number): ProcessStat | null {
  let text: string;
  try {
    text = readShort(`/proc/${pid}/stat`);
  } catch (error) {
    // Anything else is no sign that it is gone.
    if (!GONE.includes(errorCode(error) ?? '')) throw error;
    return null;
  }
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const state = fields[STATE];
  const startTime = fields[START_TIME];
  if (state === undefined || startTime === undefined) return null;
  // The first thread ends before the others, and what the process has open is open until the last of them.
  const zombie = (state === 'Z' || state === 'X') && Number(fields[THREADS]) <= 1;
  const [parent, group, session] = [Number(fields[PARENT]), Number(fields[GROUP]), Number(fields[SESSION])];
  return { startTime, group, parent, session, zombie };
}

function readNonce(pid: number): NonceReading {
  try {
    const text = settledEnvironment(pid, readLatin1);
    return text === null ? { kind: 'unreadable' } : nonceIn(text, '\0');
  } catch {
    return { kind: 'unreadable' };
  }
}

function readVariable(pid: number, name: string): string | null {
  try {
    return variableIn(settledEnvironment(pid, (path) => readWhole(path, 'utf8')) ?? '', name, '\0');
  } catch {
    return null;
  }
}

/** Null: it has been in the middle of an execve(2) for as long as can be waited here. */
function settledEnvironment(pid: number, read: ReadProc): string | null {
  for (let waited = 0; ; waited++) {
    const text = environmentOf(pid, read);
    if (text !== null || waited === EXEC_AT_ONCE_MS) return text;
    Atomics.wait(NEVER_WOKEN, 0, 0, 1);
  }
}

function catches(pid: number, signal: Signal): boolean {
  try {
    const caught = /^SigCgt:\s*([0-9a-f]+)/m.exec(readWhole(`/proc/${pid}/status`, 'latin1'))?.[1] ?? '0';
    return ((BigInt(`0x${caught}`) >> BigInt(signalNumber(signal) - 1)) & 1n) === 1n;
  } catch {
    return false;
  }
}

/**
 * In rounds, each for what has come since the one before: of a process that starts another and ends before it is looked
 * at, that other one is not in the list that was read first. What is known is not read again: neither what is older than
 * anybody asks for, nor whose a process is that carries a nonce. On most hosts that is nearly all.
 */
async function scan(known: KnownProcesses, since: number): Promise<readonly ProcessEntry[]> {
  const hand = readHand();
  known.turn(hand);
  let last = hand?.last ?? null;
  const seen = new Set<number>();
  const entries: ProcessEntry[] = [];
  let looked = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const inExec: number[] = [];
    for (const pid of listPids()) {
      if (seen.has(pid)) continue;
      seen.add(pid);
      const before = known.get(pid);
      if (before !== undefined && Number(before.startTime) < since) continue;
      if (before?.nonce == null && ++looked % SLICE === 0)
        await new Promise((resolve) => setImmediate(resolve));
      const entry = before?.nonce == null ? readEntry(pid, since) : before;
      if (entry === 'in exec') inExec.push(pid);
      else if (entry !== null) entries.push(entry);
    }
    // Before the next round: what they start meanwhile is in it.
    for (const entry of await whenSettled(inExec, since)) entries.push(entry);
    const before = last;
    last = readLastPid();
    // No process has been started since the list was read.
    if (last !== null && last === before) break;
  }
  known.keepOnly(seen);
  for (const entry of entries) known.remember(entry);
  return entries;
}

/** Processes that were in the middle of an execve(2), as they are afterwards. */
async function whenSettled(pids: readonly number[], since: number): Promise<readonly ProcessEntry[]> {
  const entries: ProcessEntry[] = [];
  let waiting = pids;
  for (let waited = 0; waiting.length > 0; waited += EXEC_LOOK_MS) {
    await new Promise((resolve) => setTimeout(resolve, EXEC_LOOK_MS));
    const isOver = waited >= EXEC_MS;
    waiting = waiting.filter((pid) => {
      const entry = readEntry(pid, since, isOver);
      if (entry !== null && entry !== 'in exec') entries.push(entry);
      return entry === 'in exec';
    });
  }
  return entries;
}

/** The process that was started last on the host; null: that is not told. */
function readLastPid(): number | null {
  try {
    const last = Number(readShort('/proc/loadavg').split(' ')[4]);
    return last > 0 ? last : null;
  } catch {
    return null;
  }
}

function readHand(): PidHand | null {
  try {
    const last = readLastPid() ?? 0;
    const given = Number(/^processes (\d+)$/m.exec(readWhole('/proc/stat', 'latin1'))?.[1]);
    const max = Number(readShort('/proc/sys/kernel/pid_max'));
    return last > 0 && given > 0 && max > 0 ? { last, given, max } : null;
  } catch {
    return null;
  }
}

function listPids(): readonly number[] {
  return withSpareDescriptor(() => readdirSync('/proc'))
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
}

/** `isOver`: of one in the middle of an execve(2) no nonce is known, and it is not waited for. */
function readEntry(pid: number, since: number, isOver = false): ProcessEntry | 'in exec' | null {
  const stat = readStat(pid);
  if (stat === null || stat.zombie) return null;
  const { startTime, group } = stat;
  if (Number(startTime) < since) return { pid, startTime, group, nonce: null };
  const text = environmentAsFarAsSeen(pid, readLatin1);
  if (text === null && !isOver) return 'in exec';
  const reading = nonceIn(text ?? '', '\0');
  return { pid, startTime, group, nonce: reading.kind === 'nonce' ? reading.nonce : null };
}

function readLatin1(path: string): string {
  return readAtOnce(path) ?? readWhole(path, 'latin1');
}
