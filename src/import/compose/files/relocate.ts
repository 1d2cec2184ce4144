import { isAbsolute, join, relative } from 'node:path';
import type { SourceNode } from '../../../config/read/source.ts';
import type { MapNode } from './compose-file.ts';

/** A service of a file in another folder: its paths as they are seen from here. */
export function relocated(service: MapNode, from: string, to: string): MapNode {
  if (from === to) return service;
  const base = relative(to, from);
  const move = (path: string): string =>
    isAbsolute(path) || /^[~$]/.test(path) ? path : `./${join(base, path)}`.replace(/^\.\/\.\.\//, '../');
  const entries = new Map(service.entries);
  for (const [key, moved] of [
    ['env_file', (node: SourceNode) => eachItem(node, 'path', move)],
    ['volumes', (node: SourceNode) => eachItem(node, 'source', (path) => movedVolume(path, move))],
  ] as const) {
    const entry = entries.get(key);
    if (entry !== undefined) entries.set(key, { ...entry, value: moved(entry.value) });
  }
  return { ...service, entries };
}

/** A name of a volume is no path. */
function movedVolume(text: string, move: (path: string) => string): string {
  if (!/^\.{1,2}(?:\/|:|$)/.test(text)) return text;
  const at = text.indexOf(':');
  return at === -1 ? move(text) : `${move(text.slice(0, at))}${text.slice(at)}`;
}

/** A text, a list of texts, or of maps that have it under `key`. */
function eachItem(node: SourceNode, key: string, change: (text: string) => string): SourceNode {
  if (node.kind === 'list') return { ...node, items: node.items.map((item) => eachItem(item, key, change)) };
  if (node.kind === 'map') {
    const entry = node.entries.get(key);
    if (entry === undefined) return node;
    return {
      ...node,
      entries: new Map(node.entries).set(key, { ...entry, value: eachItem(entry.value, key, change) }),
    };
  }
  return typeof node.value === 'string' ? { ...node, value: change(node.value) } : node;
}
