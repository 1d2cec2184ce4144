import type { ErrorCode } from '../../lib/error-codes.ts';
import type { Failure, SourcePosition } from '../../lib/failure.ts';
import { frameOf } from './frame.ts';

/** Offsets into the text of the file, in UTF-16 units. */
export interface Span {
  readonly start: number;
  readonly end: number;
  /** Absent: it stands in the document that is looked at, where it counts. */
  readonly from?: Layer;
}

/** Where a value stands that counts elsewhere: in another file, or in another part of the same one. */
export interface Layer {
  readonly source: SourceFile;
  /** Whether `${VAR}` in its texts is expanded. */
  readonly expands: boolean;
  /** The folder that its paths are relative to; null: that of the ecosystem file. */
  readonly dir: string | null;
  /** How it came to where it counts, the last step first; empty: as part of a file that is merged. */
  readonly via: readonly Way[];
}

/** One step of a value: `extends web`, `defaults`, `vars.port`. */
export interface Way {
  readonly by: string;
  /** `ecosystem.yaml:3:14`: what asked for it, where that is one place. */
  readonly at?: string;
}

/**
 * Where something is in a text: at one place, at one of several that look alike, or nobody knows (null), as with what
 * the code of a JavaScript file puts together.
 */
export type Place = Span | { readonly anyOf: readonly Span[]; readonly from?: Layer } | null;

/**
 * What a file says, in whatever format, with the place of everything. Aliases make one node appear in several places,
 * so this is not a tree; it has no cycles.
 */
export type SourceNode = PlainNode & {
  /** A tag of another tool that stands before it, in a file of that tool. */
  readonly tag?: string;
  /** What it has taken the place of, in the layer below, as it stands there. */
  readonly over?: SourceNode;
};

type PlainNode =
  | {
      readonly kind: 'scalar';
      readonly value: string | number | boolean | null;
      /** How a number, true or false is spelt in the file: `1.10`, `012`, `0x1F`; and `~`, of the ways to write nothing. */
      readonly written?: string;
      /** It is, or holds, the value of a variable of the file whose name says that it is a secret. */
      readonly isSecret?: true;
      /** A variable of the file that stands for nothing, which has been reported: nothing else is to be said of it. */
      readonly isUnknown?: true;
      readonly span: Place;
    }
  | {
      readonly kind: 'list';
      readonly items: readonly SourceNode[];
      /** `!append`: its items are to follow those of the list below it. */
      readonly appends?: true;
      readonly span: Place;
    }
  | {
      readonly kind: 'map';
      readonly entries: ReadonlyMap<string, SourceEntry>;
      /** It has taken the place of something else below it, and so of all that is below that. */
      readonly replaces?: true;
      readonly span: Place;
    };

export interface SourceEntry {
  readonly key: Place;
  readonly value: SourceNode;
}

/** Keys and indices from the root of a file to a value in it. */
export type SourcePath = readonly (string | number)[];

export interface SourceFile {
  /** As it is shown to people. */
  readonly file: string;
  /** null: there is no text that positions could point into (the command line). */
  readonly text: string | null;
  /** Offset at which each line starts. */
  readonly lineStarts: readonly number[];
  /** Names of secrets that other files say, with which this one is put together. */
  readonly alsoSecret?: readonly string[];
}

export interface SourceDocument extends SourceFile {
  readonly root: SourceNode;
  /** Whether `${VAR}` in its texts is expanded. */
  readonly expands: boolean;
  /** It is put together of several layers: paths in it are not those of one file. */
  readonly isLayered?: true;
}

export type MapNode = Extract<SourceNode, { readonly kind: 'map' }>;

/**
 * What a reader found: the roots of the documents in the text, as long as they can be looked at in spite of the
 * failures. Only YAML has more than one.
 */
export interface ReadSource {
  readonly roots: readonly SourceNode[];
  readonly failures: readonly Failure[];
}

/** Keys that reach into the prototypes of JavaScript. */
export const FORBIDDEN_KEYS: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);

/** Places that a failure lists when it may be any of them. */
const LISTED_PLACES = 5;

export function sourceFile(file: string, text: string | null): SourceFile {
  const lineStarts = [0];
  for (let at = text?.indexOf('\n') ?? -1; at !== -1; at = text?.indexOf('\n', at + 1) ?? -1) {
    lineStarts.push(at + 1);
  }
  return { file, text, lineStarts };
}

/** A scalar of a text in which numbers, true and false are spelt as they stand at `span`. */
export function scalarAt(
  { text }: SourceFile,
  value: string | number | boolean | null,
  span: Span,
): SourceNode {
  const isSpelt = typeof value === 'number' || typeof value === 'boolean';
  if (!isSpelt || text === null) return { kind: 'scalar', value, span };
  return { kind: 'scalar', value, written: text.slice(span.start, span.end), span };
}

/** What is at a path; undefined when there is nothing. */
export function nodeAt(root: SourceNode, path: SourcePath): SourceNode | undefined {
  return path.reduce<SourceNode | undefined>((node, step) => {
    if (node?.kind === 'list') return typeof step === 'number' ? node.items[step] : undefined;
    return node?.kind === 'map' ? node.entries.get(String(step))?.value : undefined;
  }, root);
}

/** The place of the value at a path, or of its key; the nearest known place above when there is none. */
export function locate(root: SourceNode, path: SourcePath, target: 'key' | 'value'): Place {
  let node = root;
  let place = root.span;
  for (const [index, step] of path.entries()) {
    if (node.kind === 'list' && typeof step === 'number') {
      const item = node.items[step];
      if (item === undefined) return place;
      node = item;
      place = item.span ?? place;
    } else if (node.kind === 'map') {
      const entry = node.entries.get(String(step));
      if (entry === undefined) return place;
      node = entry.value;
      const wantsValue = index === path.length - 1 && target === 'value';
      place = (wantsValue ? node.span : entry.key) ?? entry.key ?? place;
    } else {
      return place;
    }
  }
  return place;
}

/** A failure at a place of a file, with its frame; where the place is not known, at the file. */
export function failureAt(
  source: SourceFile,
  place: Place,
  what: {
    readonly code: ErrorCode;
    readonly message: string;
    readonly hint?: string;
    readonly details?: readonly string[];
  },
): Failure {
  if (place === null) return { ...what, position: { file: source.file } };
  const file = place.from?.source ?? source;
  const ways = (place.from?.via ?? []).map((way) => `via ${wayText(way)}`);
  const isAlike = 'anyOf' in place && place.anyOf.length > 0;
  const alike = isAlike ? [`the file has it at ${placesText(file, place.anyOf)}`] : [];
  const lines = [...(what.details ?? []), ...alike, ...ways];
  const details = lines.length === 0 ? {} : { details: lines };
  if ('anyOf' in place) return { ...what, position: { file: file.file }, ...details };
  const position = positionOf(file, place.start);
  const frame = file.text === null ? undefined : frameOf(file, place, position);
  return { ...what, position, ...(frame === undefined ? {} : { frame }), ...details };
}

/** `extends web (ecosystem.yaml:3:14)` */
export function wayText({ by, at }: Way): string {
  return at === undefined ? by : `${by} (${at})`;
}

/** `ecosystem.yaml:3:5`; the file alone where nobody knows more. */
export function placeText(source: SourceFile, place: Place): string {
  const file = place?.from?.source ?? source;
  if (place === null || 'anyOf' in place) return file.file;
  const { line, column } = positionOf(file, place.start);
  return `${file.file}:${line}:${column}`;
}

function placesText(source: SourceFile, spans: readonly Span[]): string {
  const shown = spans.slice(0, LISTED_PLACES).map((span) => placeText(source, span));
  const more = spans.length > LISTED_PLACES ? [`${spans.length - LISTED_PLACES} more places`] : [];
  return [...shown, ...more].join(', ');
}

/** A position whose line is known. */
export type ExactPosition = Required<SourcePosition>;

export function positionOf(source: SourceFile, offset: number): ExactPosition {
  let low = 0;
  let high = source.lineStarts.length - 1;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if ((source.lineStarts[middle] ?? 0) <= offset) low = middle;
    else high = middle - 1;
  }
  return { file: source.file, line: low + 1, column: offset - (source.lineStarts[low] ?? 0) + 1 };
}
