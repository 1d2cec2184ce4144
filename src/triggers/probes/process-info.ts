import { readFileSync } from 'node:fs';
import { redactText } from '../../spec/secrets/redact.ts';

/** What of a process a person wants to know who finds it. */
export interface ProcessInfo {
  readonly pid: number;
  /** Redacted; empty: it cannot be told. */
  readonly command: string;
  /** Name, or number; null: it cannot be told. */
  readonly user: string | null;
  /** Epoch milliseconds; null: it cannot be told. */
  readonly startedAt: number | null;
  readonly parent: { readonly pid: number; readonly command: string } | null;
}

const COMMAND_LENGTH = 80;
/** Fields of /proc/PID/stat behind the command: counted from state, 0. */
const PARENT = 1;
const START = 19;
/** Of the kernel's interface to user space, on every architecture of Linux that Node runs on. */
const TICKS_A_SECOND = 100;

/** Who a process is, from /proc. */
export function processInfo(pid: number): ProcessInfo {
  const stat = read(`/proc/${pid}/stat`);
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const parent = Number(fields[PARENT] ?? 0);
  const booted = Number(/^btime (\d+)$/m.exec(read('/proc/stat'))?.[1] ?? Number.NaN);
  const startedAt = (booted + Number(fields[START] ?? Number.NaN) / TICKS_A_SECOND) * 1_000;
  const uid = /^Uid:\s*\d+\s+(\d+)/m.exec(read(`/proc/${pid}/status`))?.[1];
  return {
    pid,
    command: commandOf(pid),
    user: uid === undefined ? null : userName(Number(uid)),
    startedAt: Number.isFinite(startedAt) ? startedAt : null,
    parent: parent > 0 ? { pid: parent, command: commandOf(parent) } : null,
  };
}

/** `process 4711 (node /srv/api.js) of user bob`. */
export function processText({ pid, command, user }: ProcessInfo): string {
  return `process ${pid}${command === '' ? '' : ` (${command})`}${user === null ? '' : ` of user ${user}`}`;
}

/** The name of a user of this host, else the number. */
export function userName(uid: number): string {
  const line = read('/etc/passwd')
    .split('\n')
    .map((text) => text.split(':'))
    .find(([, , id]) => id === String(uid));
  return line?.[0] ?? String(uid);
}

function commandOf(pid: number): string {
  const words = read(`/proc/${pid}/cmdline`).split('\0').join(' ').trim();
  const text = redactText(words);
  return text.length > COMMAND_LENGTH ? `${text.slice(0, COMMAND_LENGTH - 1)}…` : text;
}

function read(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}
