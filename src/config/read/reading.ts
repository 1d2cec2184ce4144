import type { Failure } from '../../lib/failure.ts';
import { LIMITS } from './limits.ts';
import { duplicateKey, forbiddenKey } from './source-failures.ts';
import { FORBIDDEN_KEYS, type SourceEntry, type SourceFile, type SourceNode, type Span } from './source.ts';

/** What is carried along while one file or document is read. */
export interface Reading {
  readonly source: SourceFile;
  readonly failures: Failure[];
}

/** Reports a failure, and stands in for the value that cannot be read. */
export function refuse({ failures }: Reading, span: Span, failure: Failure): SourceNode {
  if (failures.length < LIMITS.failures) failures.push(failure);
  return { kind: 'scalar', value: null, span };
}

/** Puts a key into a map that is being read; one that is forbidden or there already is a failure. */
export function putEntry(
  entries: Map<string, SourceEntry>,
  { name, place }: { readonly name: string; readonly place: Span },
  { read, reading }: { readonly read: () => SourceNode; readonly reading: Reading },
): void {
  const first = entries.get(name);
  if (FORBIDDEN_KEYS.has(name)) reading.failures.push(forbiddenKey(reading.source, place, name));
  else if (first === undefined) entries.set(name, { key: place, value: read() });
  else reading.failures.push(duplicateKey(reading.source, name, [first.key, place]));
}
