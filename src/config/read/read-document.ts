import type { Failure } from '../../lib/failure.ts';
import { err, ok, type Result } from '../../lib/result.ts';
import { createInputs, type Inputs } from '../inputs/inputs.ts';
import { hashOfBytes } from '../../spec/read-from/read-from.ts';
import type { FoundFile } from './find/find-files.ts';
import { isDeclaration, mayDeclare } from '../shape/is-declaration.ts';
import { startsLikeJson } from './json-scan.ts';
import { LIMITS } from './limits.ts';
import {
  failureAt,
  sourceFile,
  type ReadSource,
  type SourceDocument,
  type SourceFile,
  type SourceNode,
} from './source.ts';

export interface ReadOptions {
  readonly env: string | null;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly jsEvaluatorPath: string;
  readonly readStdin: () => Promise<string>;
  readonly onRead?: (path: string) => void;
  /** Takes in what is asked to read a file. Absent: nobody wants to know. */
  readonly inputs?: Inputs;
  /** Takes the hash of every file that is read, by absolute path. */
  readonly digests?: Map<string, string>;
}

/** The documents that can be looked at, and what is wrong with them so far. */
export interface ReadDocuments {
  readonly documents: readonly SourceDocument[];
  readonly failures: readonly Failure[];
}

/** Reads one ecosystem file, whatever its format. */
export async function readDocuments(found: FoundFile, options: ReadOptions): Promise<ReadDocuments> {
  if (found.format !== 'stdin') options.onRead?.(found.path);
  const text = found.format === 'stdin' ? await stdinText(options) : fileText(found, options);
  if (!text.ok) return { documents: [], failures: [text.error] };
  const source = sourceFile(found.shown, text.value);
  const format = formatOf(found, text.value);
  if (found.isGuess && !mayDeclare(text.value)) return nothing(found, options);
  if (format !== 'javascript') {
    const { roots, failures } = await parse(source, format);
    if (found.isGuess && !isFound(text.value, roots)) return nothing(found, options);
    return { documents: roots.map((root) => ({ ...source, root, expands: true })), failures };
  }
  const root = await evaluated(source, found, options);
  if (!root.ok) return { documents: [], failures: root.error };
  return { documents: [{ ...source, root: root.value, expands: false }], failures: [] };
}

/** Some other file of the folder. */
function nothing({ path }: FoundFile, { digests }: ReadOptions): ReadDocuments {
  digests?.delete(path);
  return { documents: [], failures: [] };
}

/** Whether a file of a folder is a declaration: it says so, or it cannot be read and begins like one. */
function isFound(text: string, roots: readonly SourceNode[]): boolean {
  return roots.length > 0 ? roots.some(isDeclaration) : /^\s*["']?(?:apps|pm2)["']?\s*:/m.test(text);
}

/** Each format has its own parser, and a command most often needs one of them. */
async function parse(source: SourceFile, format: 'yaml' | 'json'): Promise<ReadSource> {
  if (format === 'json') {
    const { readJson } = await import('./read-json.ts');
    const read = readJson(source);
    const isStrict = read.failures.every(({ code }) => code !== 'CONFIG_SYNTAX');
    if (isStrict) return read;
    const { readJson5 } = await import('./read-json5.ts');
    return readJson5(source, read);
  }
  const { readYaml } = await import('./read-yaml.ts');
  return readYaml(source);
}

async function evaluated(
  source: SourceFile,
  found: FoundFile,
  { env, environment, jsEvaluatorPath, inputs }: ReadOptions,
): Promise<Result<SourceNode, readonly Failure[]>> {
  // A program may ask anything.
  inputs?.unsure();
  const { readJavaScript } = await import('./javascript/read-javascript.ts');
  return readJavaScript(source, { path: found.path, env, environment, evaluatorPath: jsEvaluatorPath });
}

/** JSON is told from other text by its first character: on standard input, and in a `.js` file as PM2 takes it. */
function formatOf(found: FoundFile, text: string): 'yaml' | 'json' | 'javascript' {
  const isJson = startsLikeJson(text);
  switch (found.format) {
    case 'stdin':
      return isJson ? 'json' : 'yaml';
    case 'javascript':
      return isJson && /\.c?js$/.test(found.path) ? 'json' : 'javascript';
    default:
      return found.format;
  }
}

function fileText(
  found: FoundFile,
  { digests, inputs = createInputs({ environment: {}, cpus: 1 }) }: Pick<ReadOptions, 'digests' | 'inputs'>,
): Result<string, Failure> {
  const source = sourceFile(found.shown, null);
  const read = inputs.read(found.path);
  if ('isTooLarge' in read) return err(tooLarge(source));
  if ('code' in read) {
    const message = `cannot read ${found.shown}: ${read.code}`;
    return err(failureAt(source, null, { code: 'CONFIG_UNREADABLE', message }));
  }
  // Of a pipe there is nothing left to compare with.
  if ('bytes' in inputs.ask('bytes', found.path)) digests?.set(found.path, hashOfBytes(read.bytes));
  return decode(source, read.bytes);
}

async function stdinText({ readStdin, inputs }: ReadOptions): Promise<Result<string, Failure>> {
  inputs?.unsure();
  const text = (await readStdin()).replace(/^\uFEFF/, '');
  return Buffer.byteLength(text) > LIMITS.fileBytes ? err(tooLarge(sourceFile('<stdin>', null))) : ok(text);
}

/** The text of a file, without its byte order mark; fails with CONFIG_SYNTAX for what is no text. */
export function decode(source: SourceFile, bytes: Uint8Array): Result<string, Failure> {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    if (!text.includes('\0')) return ok(text);
  } catch {
    // Said below.
  }
  const isWide = (bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff);
  const message =
    isWide || bytes.includes(0) ? 'the file is UTF-16 or no text at all' : 'the file is not UTF-8 text';
  const hint = 'save it as UTF-8 (PowerShell writes UTF-16 with `>`)';
  return err(failureAt(source, null, { code: 'CONFIG_SYNTAX', message, hint }));
}

function tooLarge(source: SourceFile): Failure {
  const message = `the file is larger than ${LIMITS.fileBytes / 1024 / 1024} MB`;
  return failureAt(source, null, { code: 'CONFIG_TOO_LARGE', message });
}
