import { LIMITS } from './limits.ts';
import { putEntry, refuse, type Reading } from './reading.ts';
import { tooDeep } from './source-failures.ts';
import {
  failureAt,
  scalarAt,
  type ReadSource,
  type SourceEntry,
  type SourceFile,
  type SourceNode,
  type Span,
} from './source.ts';
import type { Failure } from '../../lib/failure.ts';
import {
  child,
  children,
  isSyntax,
  keyName,
  parseExpression,
  type Syntax,
} from './javascript/parse-javascript.ts';

/**
 * Reads what is not JSON as JSON5: keys without quotes, single quotes, signs and other forms of numbers. It is read, not
 * run: what would have to be run is an error. `strict`: what is wrong with it as JSON, where it is neither.
 */
export async function readJson5(source: SourceFile, strict: ReadSource): Promise<ReadSource> {
  const parsed = await parseExpression(source.text ?? '');
  if (!('tree' in parsed)) {
    const code = statementIn(source.text ?? '');
    const failures =
      code === null ? laterFailure(source, strict, parsed.problem) : [codeFailure(source, code)];
    return { roots: [], failures };
  }
  const reading: Reading = { source, failures: [] };
  const root = readValue(parsed.tree, 0, reading);
  const isCode = root.kind === 'scalar' && reading.failures.length > 0;
  return { roots: isCode ? [] : [root], failures: reading.failures };
}

/** Behind comments, the first word of a text that can only be a program; null: it does not begin like one. */
const STATEMENT =
  /^(?:\s|\/\/[^\n]*|\/\*[^]*?\*\/)*(module\.exports|exports?|const|let|var|import|require|function|async)\b/d;

function statementIn(text: string): Span | null {
  const [start, end] = STATEMENT.exec(text)?.indices?.[1] ?? [];
  return start === undefined || end === undefined ? null : { start, end };
}

/** The one thing to mend: up to there the text can be read in one way or the other. */
function laterFailure(
  source: SourceFile,
  { failures }: ReadSource,
  problem: { readonly message: string; readonly offset: number } | null,
): readonly Failure[] {
  const [first] = failures;
  if (problem === null || first === undefined) return failures.slice(0, 1);
  const { message, offset } = problem;
  const end = Math.min(offset, source.text?.length ?? 0);
  const later = failureAt(source, { start: end, end: end + 1 }, { code: 'CONFIG_SYNTAX', message });
  return [isBefore(first, later) ? later : first];
}

function isBefore({ position: a }: Failure, { position: b }: Failure): boolean {
  const lines = (a?.line ?? 0) - (b?.line ?? 0);
  return lines < 0 || (lines === 0 && (a?.column ?? 0) < (b?.column ?? 0));
}

function readValue(node: Syntax, depth: number, reading: Reading): SourceNode {
  const span = spanOf(node);
  if (depth > LIMITS.depth) return refuse(reading, span, tooDeep(reading.source, span));
  if (node.type === 'ObjectExpression') return readObject(node, depth, reading);
  const elements = node['elements'];
  if (node.type === 'ArrayExpression' && Array.isArray(elements)) {
    const items = elements.map((item: unknown) =>
      isSyntax(item) ? readValue(item, depth + 1, reading) : refuseCode(node, reading),
    );
    return { kind: 'list', items, span };
  }
  const value = scalarOf(node);
  return value === undefined ? refuseCode(node, reading) : scalarAt(reading.source, value, span);
}

function readObject(node: Syntax, depth: number, reading: Reading): SourceNode {
  const entries = new Map<string, SourceEntry>();
  for (const property of children(node, 'properties')) {
    const name = keyName(property);
    const key = child(property, 'key');
    const value = child(property, 'value');
    const isPlain = property['kind'] === 'init' && property['method'] !== true;
    if (name === null || key === null || value === null || !isPlain || property['shorthand'] === true) {
      refuseCode(property, reading);
      continue;
    }
    const at = { name, place: spanOf(key) };
    putEntry(entries, at, { read: () => readValue(value, depth + 1, reading), reading });
  }
  return { kind: 'map', entries, span: spanOf(node) };
}

/** Numbers of JSON5 that are written as names. */
const NUMBERS: ReadonlyMap<string, number> = new Map([
  ['Infinity', Infinity],
  ['NaN', NaN],
]);

/** undefined for what is not a plain value. */
function scalarOf(node: Syntax): string | number | boolean | null | undefined {
  const { value } = node;
  if (node.type === 'Literal') {
    const isPlain = value === null ? node['raw'] === 'null' : typeof value !== 'object';
    return isPlain ? (value as string | number | boolean | null) : undefined;
  }
  if (node.type === 'Identifier') return NUMBERS.get(String(node['name']));
  const operand = node.type === 'UnaryExpression' ? child(node, 'argument') : null;
  const number = operand === null ? undefined : scalarOf(operand);
  if (typeof number !== 'number') return undefined;
  return node['operator'] === '-' ? -number : node['operator'] === '+' ? number : undefined;
}

function refuseCode(node: Syntax, reading: Reading): SourceNode {
  const span = spanOf(node);
  return refuse(reading, span, codeFailure(reading.source, span));
}

function codeFailure(source: SourceFile, span: Span): Failure {
  const message = 'this is code, and a JSON file is read without running it';
  const hint = 'name the file ecosystem.config.js, and begin it with `module.exports =`';
  return failureAt(source, span, { code: 'CONFIG_SYNTAX', message, hint });
}

function spanOf({ start, end }: Syntax): Span {
  return { start, end };
}
