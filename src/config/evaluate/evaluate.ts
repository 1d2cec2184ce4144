import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import type { EvaluationAnswer } from './answer.ts';
import { NotPlainData, serialise } from './serialise.ts';

/**
 * Runs an ecosystem file from its true path and gives the answer as JSON text. CommonJS and ESM, default or named
 * export, an object, a list, or a function of `{ env }` that gives one, at once or as a promise.
 */
export async function evaluate(file: string, env: string | null): Promise<string> {
  try {
    const exported = exportOf(await loadModule(file));
    if (exported === undefined) return text(NOTHING_EXPORTED);
    const value: unknown = await (typeof exported === 'function'
      ? (exported as (context: { env: string | null }) => unknown)({ env })
      : exported);
    if (value === undefined || value === null) return text(NOTHING_EXPORTED);
    return `{"ok":true,"value":${serialise(value)}}`;
  } catch (error) {
    return text(answerOf(error, file));
  }
}

/** As `require` does, so that a file behaves as it does under PM2; only a module that awaits needs `import`. */
async function loadModule(file: string): Promise<unknown> {
  try {
    return createRequire(file)(file);
  } catch (error) {
    const code = isObject(error) ? error['code'] : undefined;
    if (code !== 'ERR_REQUIRE_ASYNC_MODULE' && code !== 'ERR_REQUIRE_ESM') throw error;
    return import(pathToFileURL(file).href);
  }
}

const NOTHING_EXPORTED: EvaluationAnswer = {
  ok: false,
  kind: 'no-export',
  message:
    'the file exports nothing: write `module.exports = { apps: [...] }` or `export default { apps: [...] }`',
};

/** `module.exports`, the default export, or the named exports `apps`, `project` ... together. */
function exportOf(module: unknown): unknown {
  if (!isObject(module)) return module;
  const fallback: unknown = module['default'];
  if ('default' in module && fallback !== undefined)
    return isNested(fallback) ? fallback['default'] : fallback;
  return Object.keys(module).length === 0 && !Array.isArray(module) ? undefined : module;
}

/** CommonJS made of ESM by a compiler, seen through an ESM import. */
function isNested(value: unknown): value is Record<string, unknown> {
  return isObject(value) && value['__esModule'] === true && 'default' in value;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function answerOf(error: unknown, file: string): EvaluationAnswer {
  if (error instanceof NotPlainData) {
    return { ok: false, kind: 'not-data', message: error.message, path: error.path };
  }
  const { code, message, stack } = isObject(error)
    ? (error as { code?: unknown; message?: unknown; stack?: unknown })
    : { code: undefined, message: error, stack: undefined };
  const place = placeIn(typeof stack === 'string' ? stack : '', file);
  const said = String(message ?? error).split('\n', 1)[0] ?? '';
  if (code === 'MODULE_NOT_FOUND' || code === 'ERR_MODULE_NOT_FOUND') {
    const module = /'([^']+)'/.exec(said)?.[1];
    const named = module === undefined ? {} : { module };
    return { ok: false, kind: 'missing-module', message: said, ...named, ...place };
  }
  const from = typeof stack === 'string' ? otherFile(stack, file) : undefined;
  const kind = error instanceof SyntaxError && from === undefined ? 'syntax' : 'thrown';
  return { ok: false, kind, message: said, ...place, ...(from === undefined ? {} : { from }) };
}

/** The first place in the file that a stack names. A syntax error has `file:line` at its head, without a column. */
function placeIn(stack: string, file: string): { line?: number; column?: number } {
  for (const name of [pathToFileURL(file).href, file]) {
    const at = stack.indexOf(`${name}:`);
    if (at === -1) continue;
    const match = /^:(\d+)(?::(\d+))?/.exec(stack.slice(at + name.length));
    if (match?.[1] === undefined) continue;
    return { line: Number(match[1]), ...(match[2] === undefined ? {} : { column: Number(match[2]) }) };
  }
  return {};
}

/** `file:line` at the head of the stack of a syntax error, where that is another file than the one that was run. */
function otherFile(stack: string, file: string): string | undefined {
  const [, name = '', line = ''] = /^(?:file:\/\/)?(\/[^\n]*):(\d+)\n/.exec(stack) ?? [];
  return name === '' || decodeURI(name) === file || name === file ? undefined : `${name}:${line}`;
}

function text(answer: EvaluationAnswer): string {
  return JSON.stringify(answer);
}
