import type { Options } from 'acorn';

/** A node of a syntax tree in ESTree's form, with its offsets into the text. */
export interface Syntax {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly [field: string]: unknown;
}

/** The tree of a text, or where it stops being a program; null when there is no telling. */
export type ParsedScript =
  | { readonly tree: Syntax }
  | { readonly problem: { readonly message: string; readonly offset: number } | null };

type Parse = (text: string, options: Options) => unknown;

/** Modules first: what is valid in one is nearly always valid CommonJS as well. */
const MODES: readonly Options[] = [
  { ecmaVersion: 'latest', sourceType: 'module', allowReturnOutsideFunction: true, allowHashBang: true },
  {
    ecmaVersion: 'latest',
    sourceType: 'script',
    allowReturnOutsideFunction: true,
    allowAwaitOutsideFunction: true,
    allowHashBang: true,
  },
];

/** Parses a program, without running any of it. The parsers are loaded for files that need them only. */
export async function parseScript(text: string, language: 'js' | 'ts'): Promise<ParsedScript> {
  const parse = language === 'ts' ? await typeScriptParser() : await javaScriptParser();
  let problem: Extract<ParsedScript, { problem: unknown }>['problem'] = null;
  for (const mode of MODES) {
    try {
      return { tree: parse(text, mode) as Syntax };
    } catch (error) {
      problem ??= problemOf(error);
    }
  }
  return { problem };
}

/** Parses a text that is one expression: what JSON5 and the JSON of PM2 are. */
export async function parseExpression(text: string): Promise<ParsedScript> {
  const { Parser } = await import('./parsers.ts');
  try {
    const tree = Parser.parseExpressionAt(text, 0, { ecmaVersion: 'latest' }) as unknown as Syntax;
    const rest = Parser.tokenizer(text.slice(tree.end), { ecmaVersion: 'latest' });
    const next = rest.getToken();
    if (next.type.label === 'eof') return { tree };
    return {
      problem: { message: 'nothing more is expected after the value', offset: tree.end + next.start },
    };
  } catch (error) {
    return { problem: problemOf(error) };
  }
}

async function javaScriptParser(): Promise<Parse> {
  const { Parser } = await import('./parsers.ts');
  return (text, options) => Parser.parse(text, options);
}

async function typeScriptParser(): Promise<Parse> {
  const { Parser, tsPlugin } = await import('./parsers.ts');
  const TypeScriptParser = Parser.extend(tsPlugin());
  // The plugin needs the places of lines.
  return (text, options) => TypeScriptParser.parse(text, { ...options, locations: true });
}

/** null for what is not an error of the text: an overflow of the stack, a limit of the parser. */
function problemOf(error: unknown): { readonly message: string; readonly offset: number } | null {
  if (!(error instanceof SyntaxError) || !('pos' in error) || typeof error.pos !== 'number') return null;
  const message = error.message.replace(/ \(\d+:\d+\)$/, '');
  return { message: message.charAt(0).toLowerCase() + message.slice(1), offset: error.pos };
}

/** One part of a node, or null where it has none. */
export function child(node: Syntax, field: string): Syntax | null {
  const value = node[field];
  return isSyntax(value) ? value : null;
}

/** Several parts of a node; holes are left out. */
export function children(node: Syntax, field: string): readonly Syntax[] {
  const value = node[field];
  return Array.isArray(value) ? value.filter(isSyntax) : [];
}

export function isSyntax(value: unknown): value is Syntax {
  return typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string';
}

/** The name of a key that is written as it is: `a`, `"a"`, `1`; null for a computed one. */
export function keyName(node: Syntax): string | null {
  const key = child(node, node.type === 'MemberExpression' ? 'property' : 'key');
  if (key === null) return null;
  if (key.type === 'Literal') return typeof key['value'] === 'string' ? key['value'] : String(key['value']);
  if (node['computed'] === true || key.type !== 'Identifier') return null;
  return String(key['name']);
}
