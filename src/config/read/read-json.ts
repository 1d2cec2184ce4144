import { getNodeValue, parseTree, printParseErrorCode } from 'jsonc-parser';
import type { Node, ParseError } from 'jsonc-parser';
import type { Failure } from '../../lib/failure.ts';
import { isBlank, nestsDeeper } from './json-scan.ts';
import { LIMITS } from './limits.ts';
import { putEntry, refuse, type Reading } from './reading.ts';
import { emptyFile, tooDeep } from './source-failures.ts';
import {
  failureAt,
  scalarAt,
  type SourceEntry,
  type ReadSource,
  type SourceFile,
  type SourceNode,
  type Span,
} from './source.ts';

/** What jsonc-parser's codes mean to a person. */
const MESSAGES: Readonly<Record<string, string>> = {
  InvalidSymbol: 'this is not a JSON value: texts need double quotes',
  InvalidNumberFormat: 'this is not a number',
  PropertyNameExpected: 'a key in double quotes is expected here',
  ValueExpected: 'a value is expected here',
  ColonExpected: 'a colon is expected here',
  CommaExpected: 'a comma is expected here',
  CloseBraceExpected: 'a closing brace } is expected here',
  CloseBracketExpected: 'a closing bracket ] is expected here',
  EndOfFileExpected: 'nothing more is expected after the value',
  UnexpectedEndOfComment: 'the comment is not closed',
  UnexpectedEndOfString: 'the text is not closed',
  InvalidCharacter: 'this character must be escaped',
};

/** Reads JSON with comments and trailing commas. */
export function readJson(source: SourceFile): ReadSource {
  const text = source.text ?? '';
  if (isBlank(text)) return { roots: [], failures: [emptyFile(source)] };
  if (nestsDeeper(text, LIMITS.depth + 1)) return { roots: [], failures: [tooDeep(source, null)] };
  const errors: ParseError[] = [];
  const tree = parseTree(text, errors, { allowTrailingComma: true });
  if (errors.length > 0 || tree === undefined) {
    const shown = errors.slice(0, LIMITS.failures);
    return { roots: [], failures: shown.map((error) => syntaxFailure(source, error)) };
  }
  const reading: Reading = { source, failures: [] };
  const root = readNode(tree, 0, reading);
  return { roots: [root], failures: reading.failures };
}

function readNode(node: Node, depth: number, reading: Reading): SourceNode {
  const span = spanOf(node);
  if (depth > LIMITS.depth) return refuse(reading, span, tooDeep(reading.source, span));
  if (node.type === 'array') {
    const items = (node.children ?? []).map((child) => readNode(child, depth + 1, reading));
    return { kind: 'list', items, span };
  }
  if (node.type === 'object') return readObject(node, depth, reading);
  return scalarAt(reading.source, getNodeValue(node) as string | number | boolean | null, span);
}

function readObject(node: Node, depth: number, reading: Reading): SourceNode {
  const entries = new Map<string, SourceEntry>();
  for (const { children } of node.children ?? []) {
    const [key, value] = children ?? [];
    if (key === undefined || value === undefined) continue;
    const at = { name: String(key.value), place: spanOf(key) };
    putEntry(entries, at, { read: () => readNode(value, depth + 1, reading), reading });
  }
  return { kind: 'map', entries, span: spanOf(node) };
}

function spanOf(node: Node): Span {
  return { start: node.offset, end: node.offset + node.length };
}

function syntaxFailure(source: SourceFile, { error, offset, length }: ParseError): Failure {
  const code = printParseErrorCode(error);
  const message = MESSAGES[code] ?? code;
  return failureAt(source, { start: offset, end: offset + length }, { code: 'CONFIG_SYNTAX', message });
}
