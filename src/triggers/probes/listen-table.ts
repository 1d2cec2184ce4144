import { open } from 'node:fs/promises';
import { networkInterfaces } from 'node:os';
import type { Protocol } from '../../spec/ports/slot-ports.ts';

/** One TCP socket of this host that listens, or one of UDP that takes packets. */
export interface ListeningSocket {
  /** `127.0.0.1`, or 32 hex digits of an IPv6 address as the kernel prints it. */
  readonly address: string;
  readonly port: number;
  readonly inode: string;
  /** Whose it is. */
  readonly uid: number;
}

const LISTEN = '0A';
/** UDP has no states of its own: 07 is one that is bound and connected to nobody. */
const UNCONNECTED = '07';
const ANY_V4 = '0.0.0.0';
const LOOPBACK_V4 = '127.0.0.1';
const ANY_V6 = '0'.repeat(32);
/** In words of the host's byte order, which is little-endian wherever Node runs. */
const LOOPBACK_V6 = `${'0'.repeat(24)}01000000`;
const MAPPED_V4 = `${'0'.repeat(16)}FFFF0000`;

/** The sockets of this host that listen; null where the kernel does not say (no /proc). */
export async function readListenTable(
  proc: string,
  protocol: Protocol = 'tcp',
): Promise<readonly ListeningSocket[] | null> {
  const read = (name: string): Promise<string | null> => readTable(`${proc}/net/${name}`).catch(() => null);
  const [v4, v6] = await Promise.all([read(protocol), read(`${protocol}6`)]);
  if (v4 === null) return null;
  return [...parseListenTable(v4, protocol), ...parseListenTable(v6 ?? '', protocol)];
}

/**
 * The kernel looks through all its places for connections for each read of a table, 2 ms of them on a large host: also for
 * the one that only tells that there is no more. It fills a page before it stops early, so less is all there is
 * (`seq_read_iter` in fs/seq_file.c).
 */
const LEFT_EARLY_BYTES = 4_096 - 512;
const READ_BYTES = 16 * 1_024;

async function readTable(path: string): Promise<string> {
  const file = await open(path);
  try {
    const buffer = Buffer.allocUnsafe(READ_BYTES);
    let text = '';
    for (;;) {
      const { bytesRead } = await file.read(buffer, 0, READ_BYTES, null);
      text += buffer.toString('latin1', 0, bytesRead);
      if (bytesRead < LEFT_EARLY_BYTES) return text;
    }
  } finally {
    await file.close();
  }
}

export function parseListenTable(text: string, protocol: Protocol = 'tcp'): readonly ListeningSocket[] {
  const listening = protocol === 'udp' ? UNCONNECTED : LISTEN;
  return text.split('\n').flatMap((line) => {
    // sl local_address rem_address st tx_queue:rx_queue tr:tm->when retrnsmt uid timeout inode
    const [, local = '', , state, , , , uid = '', , inode = ''] = line.trim().split(/\s+/);
    if (state !== listening) return [];
    const [address = '', port = ''] = local.split(':');
    return [{ address: addressOf(address), port: Number.parseInt(port, 16), inode, uid: Number(uid) }];
  });
}

/** Those of which one answers a connection to this address, the ones that are bound to it before those bound to any. */
export function listenersFor(
  table: readonly ListeningSocket[],
  host: string,
  port: number,
): readonly ListeningSocket[] {
  const onPort = table.filter((socket) => socket.port === port);
  const inOrder = (addresses: readonly string[]): readonly ListeningSocket[] => {
    const found = addresses.map((address) => onPort.filter((socket) => socket.address === address));
    return found.find((sockets) => sockets.length > 0) ?? [];
  };
  const v4 = (address: string): readonly ListeningSocket[] => inOrder([address, ANY_V4, ANY_V6]);
  const v6 = (): readonly ListeningSocket[] => inOrder([LOOPBACK_V6, ANY_V6]);
  if (host === 'localhost') return [...new Set([...v4(LOOPBACK_V4), ...v6()])];
  if (host === '::1' || host === '::') return v6();
  return v4(host === ANY_V4 ? LOOPBACK_V4 : host);
}

/** Whether a connection to this host is answered here; a name other than localhost may be anywhere. */
export function isLocalAddress(host: string): boolean {
  if (host === 'localhost' || host === '::1' || host === '::' || host === ANY_V4) return true;
  if (/^127\.\d+\.\d+\.\d+$/.test(host)) return true;
  const own = Object.values(networkInterfaces()).flat();
  return own.some((one) => one?.family === 'IPv4' && one.address === host);
}

function addressOf(hex: string): string {
  if (hex.length === 8) return dotted(hex);
  return hex.startsWith(MAPPED_V4) ? dotted(hex.slice(MAPPED_V4.length)) : hex;
}

function dotted(hex: string): string {
  const bytes = hex.match(/../g) ?? [];
  return bytes
    .map((byte) => Number.parseInt(byte, 16))
    .reverse()
    .join('.');
}
