import { isAlias, isMap, isPair, isScalar, isSeq, parseAllDocuments } from 'yaml';
import type {
  Alias,
  CollectionTag,
  Document,
  Node,
  ParsedNode,
  Scalar,
  ScalarTag,
  YAMLMap,
  YAMLParseError,
} from 'yaml';
import type { Failure } from '../../lib/failure.ts';
import { err, ok, type Result } from '../../lib/result.ts';
import { LIMITS } from './limits.ts';
import { putEntry, refuse, type Reading } from './reading.ts';
import { emptyFile, tooDeep, tooMuch } from './source-failures.ts';
import { yamlHazard } from './yaml-scan.ts';
import {
  failureAt,
  type SourceEntry,
  type ReadSource,
  type SourceFile,
  type SourceNode,
  type Span,
} from './source.ts';

interface DocumentReading extends Reading {
  /** Tags of another tool, kept with what they stand before. */
  readonly tags: readonly string[];
  /** Anchors that came before, in the order of the file: a name may be given twice. */
  readonly anchors: Map<string, SourceNode>;
  /** Anchors whose value is being read: an alias to one of them would be a cycle. */
  readonly open: Set<string>;
}

/** The one tag of ours: a list that is added to the one below it. */
const APPEND: CollectionTag = { tag: '!append', collection: 'seq', resolve: (list) => list };

/** A tag of another tool, which can stand before anything. */
function foreignTags(tag: string): readonly (CollectionTag | ScalarTag)[] {
  return [
    { tag, resolve: (text) => text },
    { tag, collection: 'map', resolve: (map) => map },
    { tag, collection: 'seq', resolve: (list) => list },
  ];
}

const VARIABLE = /^\$\{[^}\n]*\}/;

/**
 * Reads YAML 1.2 with `<<`, one document or several (`---`); empty ones are passed over. Every error that the text has
 * is reported. `tags`: of another tool, which a node then has as its `tag`; all others are errors.
 */
export function readYaml(source: SourceFile, tags: readonly string[] = []): ReadSource {
  const documents = parse(source, tags);
  if (!documents.ok) return { roots: [], failures: documents.error };
  const failures = documents.value
    .flatMap(({ errors, warnings }) => [...withoutEchoes(errors), ...warnings])
    .map((problem) => syntaxFailure(source, problem));
  if (failures.length > 0) return { roots: [], failures };
  const contents = documents.value.flatMap(({ contents: node }) =>
    node === null || isNullScalar(node) ? [] : [node],
  );
  if (contents.length === 0) return { roots: [], failures: [emptyFile(source)] };
  const roots = contents.map((node) =>
    readNode(node, 0, { source, failures, tags, anchors: new Map(), open: new Set() }),
  );
  return { roots, failures };
}

function parse(
  source: SourceFile,
  tags: readonly string[],
): Result<readonly Document.Parsed[], readonly Failure[]> {
  const hazard = yamlHazard(source.text ?? '');
  if (hazard !== null) return err([hazard === 'too-deep' ? tooDeep(source, null) : tooMuch(source)]);
  try {
    // Duplicate keys are looked for below, in linear time; the alias limit too, before anything is expanded.
    const documents = parseAllDocuments(source.text ?? '', {
      uniqueKeys: false,
      customTags: [APPEND, ...tags.flatMap(foreignTags)],
      prettyErrors: false,
      logLevel: 'silent',
    });
    // The composer reports an overflow of the stack as an error of the text.
    const isTooDeep = [...documents].some(({ errors }) => errors.some(isOverflow));
    if (isTooDeep) return err([tooDeep(source, null)]);
    return ok('empty' in documents ? [] : documents);
  } catch (error) {
    if (error instanceof RangeError) return err([tooDeep(source, null)]);
    throw error;
  }
}

type SyntaxProblem = Pick<YAMLParseError, 'code' | 'pos' | 'message'>;

/** Once the parser has lost the structure it stumbles over every token that follows: the first says it all. */
function withoutEchoes(errors: readonly SyntaxProblem[]): readonly SyntaxProblem[] {
  return errors.filter(({ code }, index) => index === 0 || code !== 'UNEXPECTED_TOKEN');
}

function syntaxFailure(
  source: SourceFile,
  { pos, message }: Pick<YAMLParseError, 'pos' | 'message'>,
): Failure {
  const text = source.text ?? '';
  const variable =
    text[pos[0] - 1] === '$' ? VARIABLE.exec(text.slice(pos[0] - 1, pos[0] + 200))?.[0] : undefined;
  if (variable === undefined) {
    if (message.includes(APPEND.tag)) {
      const hint = `write ${APPEND.tag} [VALUE], or the items below it`;
      return failureAt(source, span(pos), {
        code: 'CONFIG_SYNTAX',
        message: `${APPEND.tag} stands before a list`,
        hint,
      });
    }
    const hint = message.startsWith('Tabs are not allowed') ? { hint: 'indent with spaces' } : {};
    return failureAt(source, span(pos), { code: 'CONFIG_SYNTAX', message: firstLine(message), ...hint });
  }
  return failureAt(
    source,
    { start: pos[0] - 1, end: pos[0] - 1 + variable.length },
    {
      code: 'CONFIG_SYNTAX',
      message: 'a variable inside of { } or [ ] needs quotes: YAML takes its brace for one of its own',
      hint: `write ${JSON.stringify(variable)}`,
    },
  );
}

function readNode(node: Node | null, depth: number, reading: DocumentReading): SourceNode {
  if (node === null) return { kind: 'scalar', value: null, span: { start: 0, end: 0 } };
  if (depth > LIMITS.depth) {
    return refuse(reading, nodeSpan(node), tooDeep(reading.source, nodeSpan(node)));
  }
  if (isAlias(node)) return readAlias(node, reading);
  const anchor = 'anchor' in node ? node.anchor : undefined;
  if (anchor !== undefined) reading.open.add(anchor);
  const plain = readContent(node, depth, reading);
  const value = reading.tags.includes(node.tag ?? '') ? { ...plain, tag: node.tag ?? '' } : plain;
  if (anchor !== undefined) {
    reading.open.delete(anchor);
    reading.anchors.set(anchor, value);
  }
  return value;
}

function readContent(node: Node, depth: number, reading: DocumentReading): SourceNode {
  if (isMap(node)) return readMap(node, depth, reading);
  if (isSeq(node)) {
    const items = node.items.map((item) =>
      readNode(isPair(item) ? null : (item as Node), depth + 1, reading),
    );
    return {
      kind: 'list',
      items,
      ...(node.tag === APPEND.tag && { appends: true }),
      span: nodeSpan(node),
    };
  }
  const value = isScalar(node) ? plainScalar(node) : null;
  const written = isScalar(node) && isSpelt(value, node.source) ? node.source : undefined;
  return { kind: 'scalar', value, ...(written !== undefined && { written }), span: nodeSpan(node) };
}

/** Whether a value can be spelt in several ways, of which it does not say which. */
function isSpelt(value: unknown, source: string | undefined): boolean {
  return typeof value === 'number' || typeof value === 'boolean' || source === '~';
}

/** What else there is, such as the dates of `%YAML 1.1`, is the text that stands there. */
function plainScalar({ value, source }: Scalar): string | number | boolean | null {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value;
  return value === null ? null : (source ?? null);
}

function readMap(map: YAMLMap, depth: number, reading: DocumentReading): SourceNode {
  const entries = new Map<string, SourceEntry>();
  const merged = new Map<string, SourceEntry>();
  for (const { key, value } of map.items) {
    if (!isScalar(key)) {
      refuse(reading, nodeSpan(map), badKey(reading, nodeSpan(key as Node), 'a key must be a plain text'));
      continue;
    }
    const name = typeof key.value === 'string' ? key.value : (key.source ?? String(key.value));
    const place = nodeSpan(key);
    const inner = value === null ? nullAt(place) : readNode(value as Node, depth + 1, reading);
    if (name === '<<' && key.type === 'PLAIN') merge(merged, inner, { place, reading });
    else putEntry(entries, { name, place }, { read: () => inner, reading });
  }
  for (const [name, entry] of merged) if (!entries.has(name)) entries.set(name, entry);
  return { kind: 'map', entries, span: nodeSpan(map) };
}

/** `<<: *a`, or `<<: [*a, *b]` where earlier ones win. */
function merge(
  target: Map<string, SourceEntry>,
  from: SourceNode,
  at: { readonly place: Span; readonly reading: Reading },
): void {
  for (const node of from.kind === 'list' ? from.items : [from]) {
    if (node.kind === 'map') {
      for (const [name, entry] of node.entries) if (!target.has(name)) target.set(name, entry);
    } else {
      at.reading.failures.push(badKey(at.reading, at.place, '<< takes a map, or a list of maps'));
    }
  }
}

function readAlias(alias: Alias, reading: DocumentReading): SourceNode {
  const target = reading.anchors.get(alias.source);
  if (target !== undefined && !reading.open.has(alias.source)) return target;
  const message = reading.open.has(alias.source)
    ? `*${alias.source} is inside of what it stands for`
    : `*${alias.source} stands for nothing: there is no &${alias.source} before it`;
  const failure = failureAt(reading.source, nodeSpan(alias), { code: 'CONFIG_SYNTAX', message });
  return refuse(reading, nodeSpan(alias), failure);
}

function nullAt(place: Span): SourceNode {
  return { kind: 'scalar', value: null, span: place };
}

function badKey(reading: Reading, place: Span, message: string): Failure {
  return failureAt(reading.source, place, { code: 'CONFIG_UNKNOWN_KEY', message });
}

function isOverflow({ message }: YAMLParseError): boolean {
  return message.includes('Maximum call stack');
}

function isNullScalar(node: ParsedNode): boolean {
  return isScalar(node) && node.value === null;
}

function nodeSpan(node: Node | null | undefined): Span {
  const range = node?.range;
  return range ? { start: range[0], end: range[1] } : { start: 0, end: 0 };
}

function span([start, end]: readonly [number, number]): Span {
  return { start, end };
}

function firstLine(text: string): string {
  return text.split('\n', 1)[0] ?? text;
}
