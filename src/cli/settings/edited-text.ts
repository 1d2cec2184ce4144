import { isCollection, isMap, isScalar, parse, parseDocument, Scalar, type Document, type Node } from 'yaml';
import type { SettingValues } from '../../home/settings/generated/setting-fields.ts';
import { FailureError } from '../../lib/failure.ts';

/** One key of a file, and what it is to say; undefined: nothing any more. */
export interface SettingEdit {
  readonly key: keyof SettingValues;
  readonly value: unknown;
}

/**
 * The text of a YAML file that can be parsed, with other values: comments and the order of keys stay. Where one value takes
 * the place of another, nothing else of the text changes; else the file is laid out anew around it.
 */
export function editedText(text: string, edits: readonly SettingEdit[]): string {
  const edited = edits.reduce(editOne, text.replaceAll('\r\n', '\n'));
  return text.includes('\r\n') ? edited.replaceAll('\n', '\r\n') : edited;
}

function editOne(text: string, { key, value }: SettingEdit): string {
  const document = parseDocument(text, { uniqueKeys: false, logLevel: 'silent' });
  const path = key.split('.');
  if (value === undefined) return withoutKey(document, path, text);
  return replaced(document, path, { value, text }) ?? withKey(document, path, value);
}

/** null: there is no plain value in that place yet. */
function replaced(
  document: Document,
  path: readonly string[],
  { value, text }: { readonly value: unknown; readonly text: string },
): string | null {
  if (typeof value === 'object') return null;
  const node = document.getIn(path, true);
  if (!isScalar(node) || node.range == null || node.anchor !== undefined || node.tag !== undefined)
    return null;
  const [start, end] = node.range;
  // A block of lines, or nothing at all.
  if (node.type === Scalar.BLOCK_FOLDED || node.type === Scalar.BLOCK_LITERAL || start === end) return null;
  return `${text.slice(0, start)}${scalarText(value, node.type === Scalar.QUOTE_DOUBLE)}${text.slice(end)}`;
}

function scalarText(value: unknown, isQuoted: boolean): string {
  if (typeof value !== 'string') return JSON.stringify(value);
  const isPlain = !isQuoted && /^[\w./:@+-]+$/.test(value) && reads(value);
  return isPlain ? value : JSON.stringify(value);
}

function reads(text: string): boolean {
  try {
    return parse(text) === text;
  } catch {
    return false;
  }
}

function withKey(document: Document, path: readonly string[], value: unknown): string {
  for (let depth = 0; depth < path.length; depth++) {
    const above = path.slice(0, depth);
    const node = depth === 0 ? document.contents : document.getIn(above, true);
    if (isMap(node)) continue;
    if (node != null && !(isScalar(node) && node.value === null)) throw notEditable(above);
    const map = document.createNode({});
    if (isScalar(node)) map.commentBefore = node.comment ?? node.commentBefore ?? null;
    if (depth === 0) document.contents = map;
    else document.setIn(above, map);
  }
  document.setIn(path, isList(value) ? document.createNode(value, { flow: true }) : value);
  return laidOut(document);
}

/** A map that is left without a key goes too, unless somebody has written something into it. */
function withoutKey(document: Document, path: readonly string[], text: string): string {
  if (!document.hasIn(path)) return text;
  const head = headOf(document);
  document.deleteIn(path);
  for (let depth = path.length - 1; depth > 0; depth--) {
    const above = path.slice(0, depth);
    const node = document.getIn(above, true) as Node | undefined;
    const isEmpty = isCollection(node) && node.items.length === 0 && node.comment == null;
    if (!isEmpty) break;
    document.deleteIn(above);
  }
  const { contents } = document;
  // The file begins with it, whatever is below.
  if (headOf(document) !== head) keepHead(document, head);
  if (isCollection(contents) && contents.items.length === 0) document.contents = null;
  return document.contents === null && document.comment == null && document.commentBefore == null
    ? ''
    : laidOut(document);
}

/** The comment that stands before the first key. */
function headOf({ contents }: Document): string | null {
  const first = isMap(contents) ? contents.items[0]?.key : undefined;
  return isScalar(first) ? (first.commentBefore ?? null) : null;
}

function keepHead(document: Document, head: string | null): void {
  const { contents } = document;
  const first = isMap(contents) ? contents.items[0]?.key : undefined;
  if (isScalar(first))
    first.commentBefore = [head, first.commentBefore].filter((text) => text != null).join('\n');
  else document.commentBefore = head;
}

function laidOut(document: Document): string {
  const text = document.toString({ lineWidth: 0 });
  // Of a document of comments alone.
  return document.contents === null ? text.replace(/\n*null\n$/, '\n') : text;
}

function isList(value: unknown): value is readonly unknown[] {
  return Array.isArray(value);
}

function notEditable(above: readonly string[]): FailureError {
  const name = above.length === 0 ? 'the file' : above.join('.');
  return new FailureError({
    code: 'CONFIG_WRONG_TYPE',
    message: `${name} is no map of keys, so nothing can be set in it`,
    hint: 'edit the file: stateward config show names it',
  });
}
