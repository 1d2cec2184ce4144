import type { App } from '../../../api/contract/wire/apps.ts';
import type { AppKey } from '../../../lib/app-key.ts';
import { appKey } from '../../../lib/app-key.ts';
import { formatAge, formatCpu, formatMemory } from '../text/quantities.ts';
import { renderTable } from '../text/table.ts';
import type { Cell } from '../text/table.ts';
import type { Style } from '../text/terminal.ts';

/** What `top` sorts by. */
export const TOP_KEYS = ['cpu', 'memory'] as const;

export type TopKey = (typeof TOP_KEYS)[number];

/** One process of an app and all that it has started, as `top -o json` has it. */
export interface UsedByProcess {
  readonly app: AppKey;
  readonly slot: number;
  readonly pid: number;
  /** Of one processor; null: not sampled yet. */
  readonly cpuPercent: number | null;
  readonly memoryBytes: number | null;
  readonly startedAt: string | null;
}

/** The processes of these apps, those that use the most first. */
export function processesOf(apps: readonly App[], key: TopKey): readonly UsedByProcess[] {
  const weigh = ({ cpuPercent, memoryBytes }: UsedByProcess): number =>
    (key === 'cpu' ? cpuPercent : memoryBytes) ?? -1;
  return apps
    .flatMap(({ project, name, status }) =>
      status.instances.flatMap(({ slot, pid, cpuPercent, memoryBytes, startedAt }) =>
        pid === null ? [] : [{ app: appKey(project, name), slot, pid, cpuPercent, memoryBytes, startedAt }],
      ),
    )
    .sort((a, b) => weigh(b) - weigh(a));
}

export interface TopOptions {
  readonly style: Style;
  /** Epoch milliseconds, for ages. */
  readonly nowMs: number;
  readonly noHeaders: boolean;
}

/** A line a process, and the sum below; empty for none. */
export function renderTop(
  processes: readonly UsedByProcess[],
  { style, nowMs, noHeaders }: TopOptions,
): string {
  if (processes.length === 0) return '';
  const rows = processes.map(({ app, slot, pid, cpuPercent, memoryBytes, startedAt }): readonly Cell[] => [
    { text: app, paint: style.bold },
    { text: String(slot) },
    { text: String(pid) },
    { text: cpuPercent === null ? '-' : formatCpu(cpuPercent) },
    { text: memoryBytes === null ? '-' : formatMemory(memoryBytes) },
    { text: startedAt === null ? '-' : formatAge(nowMs - Date.parse(startedAt)) },
  ]);
  if (noHeaders) return renderTable(null, rows);
  const sum = (read: (process: UsedByProcess) => number | null): number =>
    processes.reduce((total, process) => total + (read(process) ?? 0), 0);
  const total = [
    ...['sum', '', String(processes.length)],
    formatCpu(sum(({ cpuPercent }) => cpuPercent)),
    formatMemory(sum(({ memoryBytes }) => memoryBytes)),
  ].map((text) => ({ text, paint: style.dim }));
  return renderTable(['APP', 'SLOT', 'PID', 'CPU', 'MEM', 'UPTIME'], [...rows, total]);
}
