import type { App, InstanceStatus } from '../../api/contract/wire/apps.ts';
import { cpuCell, memoryCell, restartsCell, textCell, uptimeCell } from '../views/apps/cells.ts';
import { renderTable } from '../views/text/table.ts';
import { formatAmount, formatLag } from './frames/columns.ts';

export interface FiguresOptions {
  /** Epoch milliseconds, for ages. */
  readonly nowMs: number;
  /** The same app with what agents have measured; absent: nothing is known of that. */
  readonly live?: App | undefined;
}

/** What each instance of an app uses and does at the moment, a line each; empty: there is none. */
export function instanceFigures({ status }: App, { nowMs, live }: FiguresOptions): string {
  const measured = new Map(live?.status.instances.map(({ pid, figures }) => [pid, figures]));
  if (status.instances.length === 0) return '';
  return renderTable(
    ['SLOT', 'PID', 'PORT', 'STATE', 'RESTARTS', 'CPU', 'MEM', 'REQ/M', 'LAG', 'UPTIME'],
    status.instances.map((instance) => [
      { text: String(instance.slot) },
      textCell(instance.pid),
      textCell(instance.ports?.join(',') || null),
      { text: stateOf(instance) },
      restartsCell([instance], nowMs),
      cpuCell([instance]),
      memoryCell([instance]),
      textCell(shown(measured.get(instance.pid)?.requestsPerMinute, formatAmount)),
      textCell(shown(measured.get(instance.pid)?.eventLoopLagMaxMs, formatLag)),
      uptimeCell([instance], nowMs),
    ]),
  );
}

function stateOf({ state, ready }: InstanceStatus): string {
  if (state !== 'running') return state;
  return ready ? 'ready' : 'not ready';
}

function shown(value: number | null | undefined, format: (value: number) => string): string | null {
  return value === null || value === undefined ? null : format(value);
}
