import type { EnvFileText } from './env-file-text.ts';
import type { LoadedApp } from '../apps/check-project.ts';
import type { LoadedDocument } from '../load-document.ts';
import { nodeAt, positionOf, type SourceNode, type SourcePath } from '../read/source.ts';
import { writtenPath } from '../shape/declared-app.ts';

/** Where a value stands. `via`: how it came to where it counts; null: it stands there. */
export interface ValueOrigin {
  readonly file: string;
  readonly line?: number;
  readonly column?: number;
  readonly via: string | null;
}

export interface ResolveOptions {
  readonly env: string | null;
  readonly cwd: string;
  readonly home: string | null;
  readonly showSecrets: boolean;
}

/** Whose values are looked for. */
export interface Looking {
  readonly file: LoadedDocument;
  readonly loaded: LoadedApp;
  readonly options: ResolveOptions;
  /** Files of variables that are asked for again and again, read once. Absent: each time. */
  readonly envFile?: (path: string) => EnvFileText;
}

/** What of the path stands in the file: a list may be a text there, and a map its short form. */
export function nearestNode(
  path: SourcePath,
  { loaded: { declared }, file }: Looking,
): SourceNode | undefined {
  for (let length = path.length; length > 0; length -= 1) {
    const node = nodeAt(file.file.document.root, writtenPath(declared, path.slice(0, length)));
    if (node !== undefined) return node;
  }
  return undefined;
}

/** Where a node stands; null: there is none, or it says that there is nothing. */
export function nodeOrigin(node: SourceNode | undefined, at: Pick<Looking, 'file'>): ValueOrigin | null {
  return node === undefined || (node.kind === 'scalar' && node.value === null) ? null : placeOf(node, at);
}

/** Where a node stands, whatever it says. */
export function placeOf({ span }: SourceNode, { file }: Pick<Looking, 'file'>): ValueOrigin {
  const source = span?.from?.source ?? file.file.document;
  const via = viaText(
    (span?.from?.via ?? []).map(({ by }) => by),
    null,
  );
  if (span === null || 'anyOf' in span) return { file: source.file, via };
  return { ...positionOf(source, span.start), via };
}

export function viaText(ways: readonly string[], more: string | null): string | null {
  const all = [...ways, ...(more === null ? [] : [more])];
  return all.length === 0 ? null : all.join(', ');
}
