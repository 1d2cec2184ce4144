import { readdirSync, readFileSync } from 'node:fs';
import { uptime } from 'node:os';
import type { DaemonStatus } from '../../api/contract/wire/daemon.ts';
import { parseStat } from '../../triggers/usage/process-tree.ts';
import type { OwnUse } from './host-families.ts';

const TICKS_PER_SECOND = 100;

/** What our own processes use; of the runner nothing where the host has no /proc. `now`: milliseconds since 1970. */
export function ownUse({ runner }: Pick<DaemonStatus, 'runner'>, now: number): readonly OwnUse[] {
  const { user, system } = process.cpuUsage();
  const memoryBytes = process.memoryUsage.rss();
  const controller: OwnUse = {
    process: 'controller',
    cpuSeconds: (user + system) / 1e6,
    memoryBytes,
    openFiles: openFilesOf('self'),
    startedAt: now - process.uptime() * 1000,
  };
  const other = runner === null ? null : useOf(runner.pid, now);
  return other === null ? [controller] : [controller, other];
}

function useOf(pid: number, now: number): OwnUse | null {
  try {
    const row = parseStat(pid, readFileSync(`/proc/${pid}/stat`, 'latin1'));
    const resident = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1];
    if (row === null || resident === undefined) return null;
    return {
      process: 'runner',
      cpuSeconds: row.ticks / TICKS_PER_SECOND,
      memoryBytes: Number(resident) * 1024,
      openFiles: openFilesOf(String(pid)),
      startedAt: now - (uptime() - Number(row.startTime) / TICKS_PER_SECOND) * 1000,
    };
  } catch {
    return null;
  }
}

/** NaN: the host does not tell. */
function openFilesOf(pid: string): number {
  try {
    return readdirSync(`/proc/${pid}/fd`).length;
  } catch {
    return NaN;
  }
}
