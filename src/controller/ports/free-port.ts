import { createSocket } from 'node:dgram';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { errorCode } from '../../lib/system-error.ts';
import type { Protocol } from '../../spec/ports/slot-ports.ts';
import type { PortRange } from '../../spec/ports/chosen-ports.ts';

/** Whether a program could listen on the port now, on every address of the host. */
export function isFree(port: number, protocol: Protocol = 'tcp'): Promise<boolean> {
  return protocol === 'udp' ? isFreeForPackets(port) : isFreeToListen(port);
}

/** Both families at once; a host without IPv6 has only the other. */
async function isFreeForPackets(port: number): Promise<boolean> {
  const code = await bindCode(port, 'udp6');
  const isWithout = code === 'EAFNOSUPPORT' || code === 'EADDRNOTAVAIL';
  return (isWithout ? await bindCode(port, 'udp4') : code) === null;
}

/** Why it cannot be bound; null: it can. */
function bindCode(port: number, type: 'udp4' | 'udp6'): Promise<string | null> {
  return new Promise((resolve) => {
    const socket = createSocket(type);
    socket.once('error', (error) => {
      socket.close();
      resolve(errorCode(error) ?? error.message);
    });
    socket.bind({ port, exclusive: true }, () => socket.close(() => resolve(null)));
  });
}

function isFreeToListen(port: number): Promise<boolean> {
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
