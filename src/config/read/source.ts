import type { ErrorCode } from '../../lib/error-codes.ts';
import type { Failure, SourcePosition } from '../../lib/failure.ts';
import { maskLine } from '../../spec/secrets/redact.ts';
import { secretNames } from '../../spec/secrets/secret-names.ts';

/** Offsets into the text of the file, in UTF-16 units. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/**
 * Where something is in a text: at one place, at one of several that look alike, or nobody knows (null), as with what
 * the code of a JavaScript file puts together.
 */
export type Place = Span | { readonly anyOf: readonly Span[] } | null;

/**
 * What a file says, in whatever format, with the place of everything. Aliases make one node appear in several places,
 * so this is not a tree; it has no cycles.
 */
export type SourceNode =
  | {
      readonly kind: 'scalar';
      readonly value: string | number | boolean | null;
      /** How a number, true or false is spelt in the file: `1.10`, `012`, `0x1F`; and `~`, of the ways to write nothing. */
      readonly written?: string;
      readonly span: Place;
    }
  | { readonly kind: 'list'; readonly items: readonly SourceNode[]; readonly span: Place }
  | { readonly kind: 'map'; readonly entries: ReadonlyMap<string, SourceEntry>; readonly span: Place };

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
}

export interface SourceDocument extends SourceFile {
  readonly root: SourceNode;
  /** Whether `${VAR}` in its texts is expanded. */
  readonly expands: boolean;
}

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
/** Longest part of a line that a frame shows. */
const FRAME_WIDTH = 120;
/** What is looked at before that part, to know whether it is the value of a secret. */
const FRAME_CONTEXT = 1000;
const KEY = /(["']?)([\w.-]+)\1\s*:\s*/g;
const BASE64 = /^[A-Za-z0-9+/=]+$/;
const VALUE = /^(?:"(?:[^"\\]|\\.)*"?|'[^']*'?|[^,}]+)/;

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
  if ('anyOf' in place) {
    const details = [...(what.details ?? []), `the file has it at ${placesText(source, place.anyOf)}`];
    return { ...what, position: { file: source.file }, details };
  }
  const position = positionOf(source, place.start);
  const frame = source.text === null ? undefined : frameOf(source, place, position);
  return { ...what, position, ...(frame === undefined ? {} : { frame }) };
}

/** `ecosystem.yaml:3:5`; the file alone where nobody knows more. */
export function placeText(source: SourceFile, place: Place): string {
  if (place === null || 'anyOf' in place) return source.file;
  const { line, column } = positionOf(source, place.start);
  return `${source.file}:${line}:${column}`;
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

/** The line of the place with a marker under it. Control characters and the far end of long lines are left out. */
function frameOf(source: SourceFile, span: Span, { line, column }: ExactPosition): string {
  const start = source.lineStarts[line - 1] ?? 0;
  const end = source.lineStarts[line] ?? source.text?.length ?? 0;
  const cut = column > FRAME_WIDTH / 2 ? column - 1 - FRAME_WIDTH / 4 : 0;
  const context = Math.max(0, cut - FRAME_CONTEXT);
  const part = (source.text ?? '').slice(start + context, Math.min(end, start + cut + FRAME_WIDTH));
  const shown = maskSecrets(part.replace(/\r?\n$/, '').replace(/\p{Cc}/gu, ' '), source).slice(cut - context);
  const before = column - 1 - cut;
  const marks = Math.max(1, Math.min(span.end - span.start, shown.length - before));
  const gutter = `${line} | `;
  return `${gutter}${shown}\n${' '.repeat(gutter.length - 2)}| ${' '.repeat(before)}${'^'.repeat(marks)}`;
}

/** Keeps the length, so that the marker stays under its text. */
function maskSecrets(line: string, { text }: SourceFile): string {
  const isSecret = secretNames(listedSecrets(text ?? ''));
  const spans: Span[] = [];
  for (const match of line.matchAll(KEY)) {
    if (!isSecret(match[2] ?? '')) continue;
    const start = match.index + match[0].length;
    spans.push({ start, end: start + (VALUE.exec(line.slice(start))?.[0].length ?? 0) });
  }
  // A line of a block of base64, such as a key: what it is stands in another line.
  const block = /^\s*(\S{48,})\s*$/.exec(line)?.[1];
  if (block !== undefined && BASE64.test(block)) {
    const start = line.indexOf(block);
    spans.push({ start, end: start + block.length });
  }
  return maskLine(line, isSecret, spans);
}

/** The names under `secrets`, before anything of the file is understood. */
function listedSecrets(text: string): readonly string[] {
  const lists = [...text.matchAll(/\bsecrets["']?\s*:\s*(\[[^\]]{0,2000}\]|(?:\s*-[^\n]{1,200}){1,100})/g)];
  return lists.flatMap(([, list = '']) => list.match(/[\w*.-]*[\w*]/g) ?? []);
}
