import type { InstanceNotify } from '../protocol/reports.ts';
import type { NotifyMessage } from './notify-message.ts';

export interface SaidBy {
  /** The process that the instance is; null: none. */
  readonly pid: number | null;
  /** Milliseconds that it has been up. */
  readonly upMs: number;
}

/** What an instance has said in all, with one message more. */
export function saidWith(
  before: InstanceNotify,
  { ready, stopping, reloading, status, watchdog, mainPid, extendMs }: NotifyMessage,
  { pid, upMs }: SaidBy,
): InstanceNotify {
  const state = stopping ? 'stopping' : reloading ? 'reloading' : ready ? undefined : before.state;
  const main = mainPid === pid ? undefined : (mainPid ?? before.mainPid);
  const waitUntilMs = extendMs === undefined ? before.waitUntilMs : Math.round(upMs + extendMs);
  return {
    ...((status ?? before.status) && { status: status ?? before.status }),
    ...(state !== undefined && { state }),
    ...((before.silent || watchdog === 'trigger') && { silent: true as const }),
    ...(main !== undefined && { mainPid: main }),
    ...(waitUntilMs !== undefined && { waitUntilMs }),
  };
}
