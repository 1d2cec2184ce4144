import { failureAt, type Place, type SourceEntry, type SourceNode } from '../../../config/read/source.ts';
import type { Failure } from '../../../lib/failure.ts';
import { didYouMean } from '../../../lib/nearest.ts';
import { err, ok, type Result } from '../../../lib/result.ts';
import {
  readComposeFile,
  type ComposeFile,
  type ComposeText,
  type MapNode,
  type OpenFile,
} from './compose-file.ts';
import { mergeRoots, mergeService } from './merge-service.ts';
import { relocated } from './relocate.ts';

/** What several files come to: services without `extends`, and where those of included files belong. */
export interface ComposeProject {
  readonly root: MapNode;
  readonly names: readonly string[];
  /** By service: the folder of its file, where that is not the one of the project. */
  readonly folders: ReadonlyMap<string, string>;
  /** What could not be followed. */
  readonly head: readonly string[];
}

/** As deep as files may name each other. */
const DEPTH = 16;

interface Reading {
  readonly open: OpenFile;
  readonly failures: Failure[];
  readonly head: string[];
  readonly folders: Map<string, string>;
}

/** Reads files over each other, with what they include and extend. */
export function readComposeProject(
  [first, ...over]: readonly [ComposeText, ...ComposeText[]],
  open: OpenFile,
): Result<ComposeProject, readonly Failure[]> {
  const reading: Reading = { open, failures: [], head: [], folders: new Map() };
  const { folder } = first;
  // Paths of all files given begin where those of the first one do, as in Compose.
  const layers = [first, ...over].map((given) => readLayer({ ...given, folder }, reading, []));
  const root = layers.reduce(mergeRoots);
  if (reading.failures.length > 0) return err(reading.failures);
  const services = root.entries.get('services')?.value;
  if (services?.kind !== 'map' || services.entries.size === 0) {
    const { shown: file } = first;
    const message = 'this is not a Compose file';
    const hint = 'a Compose file has `services:` with a name and its settings below';
    return err([{ code: 'CONFIG_MISSING_KEY', message, hint, position: { file } }]);
  }
  return ok({ root, names: [...services.entries.keys()], folders: reading.folders, head: reading.head });
}

/** A file with the services of those that it includes, each without `extends`. */
function readLayer(given: ComposeText, reading: Reading, chain: readonly string[]): MapNode {
  const read = readComposeFile(given);
  if (!read.ok) {
    reading.failures.push(...read.error);
    return { kind: 'map', entries: new Map(), span: null };
  }
  const file = read.value;
  const own = new Map(
    [...file.services.entries].map(([name, entry]) => [
      name,
      { ...entry, value: extended(name, file, reading, []) ?? entry.value },
    ]),
  );
  const services = new Map(included(file, reading, [...chain, file.shown]).entries);
  for (const [name, entry] of own) {
    if (services.has(name)) {
      const message = `services.${name}: a file that is included has a service of this name`;
      refuse(file, reading, entry.key, message, 'give one of them another name, as Compose wants it');
    }
    services.set(name, entry);
  }
  const root = new Map(file.root.entries);
  root.delete('include');
  root.set('services', { key: null, value: { ...file.services, entries: services } });
  return { ...file.root, entries: root };
}

/** The services of the files that a file includes. */
function included(file: ComposeFile, reading: Reading, chain: readonly string[]): MapNode {
  const include = file.root.entries.get('include')?.value;
  const items = include?.kind === 'list' ? include.items : [];
  const services = new Map<string, SourceEntry>();
  for (const item of items) {
    const { paths, place } = pathsOf(item);
    if (paths.some((path) => /^\w+:\/\/|^git@|\$\{/.test(path))) {
      reading.head.push(`not imported: include ${paths.join(', ')}, which is no file here`);
      continue;
    }
    if (chain.length >= DEPTH) {
      refuse(file, reading, place, `files include each other more than ${DEPTH} deep`, 'is it a circle?');
      continue;
    }
    const texts = paths.flatMap((path) => opened(path, file, reading, place));
    const [first] = texts;
    if (first === undefined) continue;
    const layers = texts.map((text) => readLayer({ ...text, folder: first.folder }, reading, chain));
    const merged = layers.reduce(mergeRoots).entries.get('services')?.value;
    for (const [name, entry] of merged?.kind === 'map' ? merged.entries : []) {
      if (entry.value.kind !== 'map') continue;
      services.set(name, { ...entry, value: relocated(entry.value, first.folder, file.folder) });
      if (!reading.folders.has(name) && first.folder !== file.folder) reading.folders.set(name, first.folder);
    }
  }
  return { kind: 'map', entries: services, span: null };
}

function pathsOf(item: SourceNode): { readonly paths: readonly string[]; readonly place: Place } {
  const path = item.kind === 'map' ? item.entries.get('path')?.value : item;
  const nodes = path?.kind === 'list' ? path.items : path === undefined ? [] : [path];
  return {
    paths: nodes.flatMap((node) => (node.kind === 'scalar' ? [String(node.value)] : [])),
    place: item.span,
  };
}

/** A service over the one that it extends, and so on; null: it extends none, or what it is cannot be said. */
function extended(
  name: string,
  file: ComposeFile,
  reading: Reading,
  chain: readonly string[],
): MapNode | null {
  const service = file.services.entries.get(name)?.value;
  if (service?.kind !== 'map') return null;
  const entry = service.entries.get('extends');
  if (entry === undefined) return service;
  const key = `${file.shown} ${name}`;
  if (chain.includes(key)) {
    refuse(file, reading, entry.key, `services.${name} extends itself`, [...chain, key].join(' → '));
    return null;
  }
  const { file: path, service: wanted } = baseOf(entry.value, name);
  const [other] = path === null ? [file] : readOther(path, file, reading, entry.value.span);
  if (other === undefined) return null;
  const from = other.services.entries.get(wanted);
  if (from === undefined) {
    const names = [...other.services.entries.keys()];
    const hint = didYouMean(wanted, names) ?? `there are ${names.join(', ')}`;
    refuse(file, reading, entry.value.span, `${other.shown} has no service ${JSON.stringify(wanted)}`, hint);
    return null;
  }
  const base = extended(wanted, other, reading, [...chain, key]);
  if (base === null) return null;
  const own = new Map(service.entries);
  own.delete('extends');
  return mergeService(relocated(base, other.folder, file.folder), { ...service, entries: own });
}

function baseOf(node: SourceNode, name: string): { readonly file: string | null; readonly service: string } {
  if (node.kind !== 'map') return { file: null, service: node.kind === 'scalar' ? String(node.value) : '' };
  const text = (key: string): string | null => {
    const value = node.entries.get(key)?.value;
    return value?.kind === 'scalar' && value.value !== null ? String(value.value) : null;
  };
  return { file: text('file'), service: text('service') ?? name };
}

function readOther(path: string, file: ComposeFile, reading: Reading, place: Place): readonly ComposeFile[] {
  return opened(path, file, reading, place).flatMap((text) => {
    const read = readComposeFile(text);
    if (read.ok) return [read.value];
    reading.failures.push(...read.error);
    return [];
  });
}

function opened(path: string, file: ComposeFile, reading: Reading, place: Place): readonly ComposeText[] {
  const text = reading.open(path, file.folder);
  if (text.ok) return [text.value];
  refuse(file, reading, place, text.error.message, text.error.hint ?? 'is the path right?');
  return [];
}

function refuse(file: ComposeFile, reading: Reading, place: Place, message: string, hint: string): void {
  const failure = failureAt(file.source, place, { code: 'CONFIG_BAD_VALUE', message, hint });
  // A chain that several services share is told once.
  const isTold = reading.failures.some((one) => JSON.stringify(one) === JSON.stringify(failure));
  if (!isTold) reading.failures.push(failure);
}
