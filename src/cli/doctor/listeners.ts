import type { Host } from './host.ts';
import { processes, processInfo } from './processes.ts';

/** Who listens on a TCP port. */
export interface Listener {
  readonly port: number;
  /** null: a process of another user, which only root may see. */
  readonly pid: number | null;
  readonly name: string | null;
}

const LISTEN = '0A';

/** Who listens on which of these ports, see proc_net_tcp of the kernel: one entry a port. */
export function listeners(ports: ReadonlySet<number>, host: Host): readonly Listener[] {
  if (ports.size === 0) return [];
  const inodes = new Map<string, number>();
  for (const table of ['/proc/net/tcp', '/proc/net/tcp6']) {
    for (const line of (host.read(table) ?? '').split('\n').slice(1)) {
      const fields = line.trim().split(/\s+/);
      const port = Number.parseInt((fields[1] ?? '').split(':')[1] ?? '', 16);
      if (fields[3] === LISTEN && ports.has(port)) inodes.set(`socket:[${fields[9] ?? ''}]`, port);
    }
  }
  const owners = new Map<number, number>();
  for (const { pid } of inodes.size === 0 ? [] : processes(host)) {
    for (const fd of host.list(`/proc/${pid}/fd`) ?? []) {
      const port = inodes.get(host.link(`/proc/${pid}/fd/${fd}`) ?? '');
      if (port !== undefined && !owners.has(port)) owners.set(port, pid);
    }
  }
  return [...new Set(inodes.values())].map((port) => {
    const pid = owners.get(port) ?? null;
    return { port, pid, name: pid === null ? null : (processInfo(host, pid)?.name ?? null) };
  });
}
