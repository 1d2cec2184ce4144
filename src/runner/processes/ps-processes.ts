import { execFile, execFileSync } from 'node:child_process';
import { promisify } from 'node:util';
import { nonceIn, variableIn } from './nonce.ts';
import type { NonceReading, ProcessEntry, Processes, ProcessStat } from './processes.ts';

/** The processes of a host without /proc (macOS), from ps(1). Start times are a second apart: coarser, same rules. */
export function psProcesses(): Processes {
  return {
    bootId: execFileSync('sysctl', ['-n', 'kern.boottime'], { encoding: 'utf8' }).trim(),
    stat: readStat,
    nonce: readNonce,
    variable: readVariable,
    catches: () => false,
    scan,
  };
}

/** `PGID PPID STAT START`: the start has blanks, so it comes last. */
const STAT_LINE = /^\s*(\d+)\s+(\d+)\s+(\S+)\s+(.+?)\s*$/;
const SCAN_LINE = /^\s*(\d+)\s+(\d+)\s+(\S+)\s+(\S+ +\S+ +\d+ [\d:]+ \d+)\s+(.*)$/;

function readStat(pid: number): ProcessStat | null {
  const match = STAT_LINE.exec(ps(['-o', 'pgid=,ppid=,stat=,lstart=', '-p', String(pid)]));
  if (match === null) return null;
  const [, group = '', parent = '', state = '', startTime = ''] = match;
  return { startTime, group: Number(group), parent: Number(parent), zombie: state.startsWith('Z') };
}

function readNonce(pid: number): NonceReading {
  const text = ps(['eww', '-o', 'command=', '-p', String(pid)]);
  return text === '' ? { kind: 'unreadable' } : nonceIn(text.trim(), ' ');
}

function readVariable(pid: number, name: string): string | null {
  return variableIn(ps(['eww', '-o', 'command=', '-p', String(pid)]).trim(), name, ' ');
}

function ps(args: readonly string[]): string {
  try {
    return execFileSync('ps', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  } catch {
    return '';
  }
}

async function scan(): Promise<readonly ProcessEntry[]> {
  const { stdout } = await promisify(execFile)('ps', ['axeww', '-o', 'pid=,pgid=,stat=,lstart=,command='], {
    maxBuffer: 64 * 1024 * 1024,
  });
  return stdout.split('\n').flatMap((line) => {
    const match = SCAN_LINE.exec(line);
    if (match === null || match[3]?.startsWith('Z') === true) return [];
    const reading = nonceIn(match[5] ?? '', ' ');
    const nonce = reading.kind === 'nonce' ? reading.nonce : null;
    return [{ pid: Number(match[1]), group: Number(match[2]), startTime: match[4] ?? '', nonce }];
  });
}
