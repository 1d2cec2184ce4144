import { readdirSync, readlinkSync } from 'node:fs';
import { processTrees } from '../usage/process-tree.ts';
import { readRows } from '../usage/process-rows.ts';
import { readListenTable } from './listen-table.ts';

/** The TCP ports that each of these processes and all below it listen on, ascending; empty where the host does not tell. */
export async function listeningPorts(
  roots: readonly number[],
): Promise<ReadonlyMap<number, readonly number[]>> {
  if (roots.length === 0) return new Map();
  const table = await readListenTable('/proc');
  if (table === null) return new Map();
  const portOf = new Map(table.map(({ inode, port }) => [`socket:[${inode}]`, port]));
  const trees = processTrees(roots, await readRows());
  return new Map(
    [...trees].map(([root, tree]) => {
      const ports = tree.flatMap(({ pid }) => openFiles(pid).flatMap((file) => portOf.get(file) ?? []));
      return [root, [...new Set(ports)].sort((a, b) => a - b)];
    }),
  );
}

/** What the descriptors of a process refer to; nothing of one that is gone or not ours to look at. */
function openFiles(pid: number): readonly string[] {
  const folder = `/proc/${pid}/fd`;
  try {
    return readdirSync(folder).flatMap((name) => {
      try {
        return [readlinkSync(`${folder}/${name}`)];
      } catch {
        return [];
      }
    });
  } catch {
    return [];
  }
}
