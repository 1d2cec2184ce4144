import { readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { PortRange } from '../../spec/ports/chosen-ports.ts';

/** Whether a program could listen on the port now, on every address of the host. */
export function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ port, exclusive: true }, () => server.close(() => resolve(true)));
  });
}

/** The ports that the kernel gives to outgoing connections; null: the host does not say. */
export async function ephemeralRange(proc = '/proc'): Promise<PortRange | null> {
  const text = await readFile(`${proc}/sys/net/ipv4/ip_local_port_range`, 'latin1').catch(() => '');
  const [, first, last] = /^(\d+)\s+(\d+)/.exec(text) ?? [];
  return first === undefined || last === undefined ? null : { first: Number(first), last: Number(last) };
}
