import { basename, dirname } from 'node:path';
import type { Failure } from '../../../lib/failure.ts';
import { err, ok, type Result } from '../../../lib/result.ts';
import { evaluateFile, type EvaluateOptions, type Evaluation } from './evaluate-file.ts';
import type { EvaluationAnswer } from '../../evaluate/answer.ts';
import { LIMITS } from '../limits.ts';
import { readPlain } from '../read-plain.ts';
import { placePath, placeValue } from './javascript-places.ts';
import { NODE, typeScriptEvaluator } from './typescript.ts';
import { parseScript, type ParsedScript } from './parse-javascript.ts';
import { failureAt, type Place, type SourceFile, type SourceNode, type Span } from '../source.ts';

const NODE_VERSION = process.versions.node;

/** Evaluates a JavaScript or TypeScript file; `source` is its text, which has the places of what it gives. */
export async function readJavaScript(
  source: SourceFile,
  options: EvaluateOptions,
): Promise<Result<SourceNode, readonly Failure[]>> {
  const language = /\.[cm]?ts$/.test(options.path) ? 'ts' : 'js';
  const evaluator = language === 'ts' ? typeScriptEvaluator({ ...options, nodeVersion: NODE_VERSION }) : NODE;
  if (evaluator === null) return err([nothingRunsIt(source, options.path)]);
  // The text is parsed while the other process runs it.
  const [evaluation, script] = await Promise.all([
    evaluateFile({ ...options, evaluator }),
    parseScript(source.text ?? '', language),
  ]);
  if (evaluation.kind !== 'answered' || !evaluation.answer.ok) {
    return err([evaluationFailure({ source, script }, options.path, evaluation)]);
  }
  const { value } = evaluation.answer;
  return ok('tree' in script ? placeValue(value, script.tree) : readPlain(value));
}

function nothingRunsIt(source: SourceFile, path: string): Failure {
  const script = basename(path).replace(/ts$/, 'js');
  return failureAt(source, null, {
    code: 'CONFIG_EVALUATION',
    message: `${source.file} is TypeScript, and Node ${NODE_VERSION} does not run that by itself`,
    details: [
      'one of the three:',
      '- run stateward with Node 22.18 or later',
      `- install tsx beside the file: cd ${dirname(path)} && npm install --save-dev tsx`,
      `- take the types out and name it ${script}`,
    ],
  });
}

/** The text of a file and what parsing it gave. */
interface Script {
  readonly source: SourceFile;
  readonly script: ParsedScript;
}

function evaluationFailure(file: Script, path: string, evaluation: Evaluation): Failure {
  const { source } = file;
  // Out of memory, Node prints its C++ stack, which tells the author of the file nothing.
  const isCrash = evaluation.kind === 'died' && evaluation.signal === 'SIGABRT';
  const said = isCrash ? [] : lastLines(evaluation.said);
  const details = said.length === 0 ? {} : { details: said };
  const fail = (message: string, hint?: string): Failure =>
    failureAt(source, null, {
      code: 'CONFIG_EVALUATION',
      message,
      ...(hint === undefined ? {} : { hint }),
      ...details,
    });
  switch (evaluation.kind) {
    case 'answered':
      return evaluation.answer.ok ? fail('no answer') : answerFailure(file, path, evaluation.answer);
    case 'timeout':
      return fail(
        `the file did not end within ${evaluation.limitMs / 1000} s and was stopped`,
        'an ecosystem file returns its apps; it must not wait for anything',
      );
    case 'too-large':
      return fail('the file gives more than can be read');
    case 'failed':
      return fail(`the file could not be evaluated: ${evaluation.error}`);
    case 'died':
      return fail(
        evaluation.signal === null
          ? `the file ended its process with exit code ${evaluation.code ?? 'unknown'} before it gave its apps`
          : `the process that evaluates the file was ended by ${evaluation.signal}`,
        isCrash ? `it may have run out of memory: the limit is ${LIMITS.evaluationHeapMb} MB` : undefined,
      );
  }
}

function answerFailure(
  { source, script }: Script,
  path: string,
  answer: Extract<EvaluationAnswer, { readonly ok: false }>,
): Failure {
  const at = (message: string, hint?: string): Failure =>
    failureAt(source, placeOf(answer, { source, script }), {
      code: answer.kind === 'syntax' ? 'CONFIG_SYNTAX' : 'CONFIG_EVALUATION',
      message,
      ...(hint === undefined ? {} : { hint }),
    });
  switch (answer.kind) {
    case 'missing-module': {
      const [message, hint] = missingModule(answer.module ?? '?', source.file, path);
      return at(message, hint);
    }
    case 'thrown':
    case 'syntax':
      return at(thrownMessage(answer, script), thrownHint(source, answer.message));
    case 'no-export':
    case 'not-data':
      return at(answer.message);
  }
}

function thrownMessage(
  { kind, message, from }: { readonly kind: string; readonly message: string; readonly from?: string },
  script: ParsedScript,
): string {
  const problem = 'problem' in script ? script.problem : null;
  if (kind === 'syntax') return message;
  // A compiler has refused it, with a message of many lines.
  if (problem !== null && from === undefined) return problem.message;
  return from === undefined ? `the file threw an error: ${message}` : `${from}: ${message}`;
}

/** Where the mistake is: a syntax error where the parser stops, what is not data where its key is written. */
function placeOf(
  answer: Extract<EvaluationAnswer, { readonly ok: false }>,
  { source, script }: Script,
): Place {
  const canBeSyntax = answer.kind === 'syntax' || (answer.kind === 'thrown' && answer.from === undefined);
  if (canBeSyntax && 'problem' in script && script.problem !== null) {
    const { offset } = script.problem;
    return { start: offset, end: offset + 1 };
  }
  if (answer.path !== undefined && 'tree' in script) return placePath(answer.path, script.tree);
  return spanOf(source, answer) ?? quoted(source, answer.module);
}

/** A module that is not a package is a file of the project. */
function missingModule(module: string, file: string, path: string): readonly [string, string] {
  if (/^\.{0,2}\//.test(module)) {
    const written = `import or require a file that is there; what is built has to be built first`;
    return [`${file} needs the file ${JSON.stringify(module)}, which is not there`, written];
  }
  const hint = `install it where the file is: cd ${dirname(path)} && npm install`;
  return [`${file} needs the module ${JSON.stringify(module)}, which is not there`, hint];
}

/** Where a module is named; Node tells of a file by its whole path. */
function quoted({ text }: SourceFile, module: string | undefined): Place {
  if (module === undefined || text === null) return null;
  const last = basename(module).replaceAll(/[^\w-]/g, '\\$&');
  const found = new RegExp(`(['"])(?:[^'"\\n]*/)?${last}\\1`).exec(text);
  return found === null ? null : { start: found.index, end: found.index + found[0].length };
}

/** What templates run into below a package.json of the other type, and what Node does not take of TypeScript. */
function thrownHint({ file }: SourceFile, message: string): string | undefined {
  if (/strip-only mode|Unknown file extension "\.[cm]?ts"/.test(message)) {
    return 'tsx beside the file takes all of TypeScript: npm install --save-dev tsx';
  }
  if (/Unexpected token 'export'|Cannot use import statement outside a module/.test(message)) {
    const module = basename(file).replace(/\.c?([jt])s$/, '.m$1s');
    return `a package.json above says "type": "commonjs": rename the file to ${module}, or write \`module.exports = { apps: [...] }\``;
  }
  if (!message.includes('is not defined in ES module scope')) return undefined;
  if (/^__(?:dir|file)name /.test(message)) {
    return 'in a module it is import.meta.dirname or import.meta.filename';
  }
  const name = basename(file).replace(/\.m?([jt])s$/, '.c$1s');
  if (file.endsWith('.mjs'))
    return `.mjs is a module: rename the file to ${name}, or write \`export default { apps: [...] }\``;
  return `a package.json above says "type": "module": rename the file to ${name}, or write \`export default { apps: [...] }\``;
}

/** From the column to the end of its line; the whole line when there is no column. */
function spanOf(
  source: SourceFile,
  place: { readonly line?: number; readonly column?: number },
): Span | null {
  const start = place.line === undefined ? undefined : source.lineStarts[place.line - 1];
  if (place.line === undefined || start === undefined) return null;
  const end = (source.lineStarts[place.line] ?? (source.text?.length ?? start) + 1) - 1;
  return { start: start + (place.column ?? 1) - 1, end };
}

/** What the file printed before it failed: the last lines, without control characters. */
function lastLines(said: string): readonly string[] {
  const lines = said.replace(/[^\P{Cc}\n]/gu, '').split('\n');
  return lines.filter((line) => line.trim() !== '').slice(-5);
}
