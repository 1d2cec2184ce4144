import { readdirSync, readlinkSync } from 'node:fs';
import { processTrees } from '../usage/process-tree.ts';
import { readRows } from '../usage/process-rows.ts';
import { readListenTable, type ListeningSocket } from './listen-table.ts';

/** A descriptor of a process that is a socket that listens. */
export interface HeldSocket {
  /** The link of the descriptor in /proc. */
  readonly link: string;
  readonly inode: string;
  readonly port: number;
}

/** The TCP ports that each of these processes and all below it listen on, ascending; empty where the host does not tell. */
export async function listeningPorts(
  roots: readonly number[],
): Promise<ReadonlyMap<number, readonly number[]>> {
  if (roots.length === 0) return new Map();
  const table = await readListenTable('/proc');
  if (table === null) return new Map();
  const held = await heldSockets(roots, table);
  return new Map([...held].map(([root, sockets]) => [root, portsOf(sockets)]));
}

/** The sockets of a table that each of these processes, or one below it, has open. One that is gone is left out. */
export async function heldSockets(
  roots: readonly number[],
  table: readonly ListeningSocket[],
): Promise<ReadonlyMap<number, readonly HeldSocket[]>> {
  const socketOf = new Map(table.map((socket) => [linkTo(socket.inode), socket]));
  const trees = processTrees(roots, await readRows());
  return new Map([...trees].map(([root, tree]) => [root, tree.flatMap(({ pid }) => heldBy(pid, socketOf))]));
}

/** The ports of sockets, ascending, once each. */
export function portsOf(sockets: readonly HeldSocket[]): readonly number[] {
  return [...new Set(sockets.map(({ port }) => port))].sort((a, b) => a - b);
}

/** Whether the descriptor is that socket still. */
export function isStillHeld({ link, inode }: HeldSocket): boolean {
  return linkOf(link) === linkTo(inode);
}

function linkTo(inode: string): string {
  return `socket:[${inode}]`;
}

/** Nothing of a process that is gone or not ours to look at. */
function heldBy(pid: number, socketOf: ReadonlyMap<string, ListeningSocket>): readonly HeldSocket[] {
  const folder = `/proc/${pid}/fd`;
  return namesIn(folder).flatMap((name) => {
    const link = `${folder}/${name}`;
    const socket = socketOf.get(linkOf(link) ?? '');
    return socket === undefined ? [] : [{ link, inode: socket.inode, port: socket.port }];
  });
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function linkOf(link: string): string | null {
  try {
    return readlinkSync(link);
  } catch {
    return null;
  }
}
