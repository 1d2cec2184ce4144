import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { delimiter, dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';

/** The program that evaluates a file, and what goes before the evaluator on its command line. */
export interface Evaluator {
  readonly program: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

interface Search {
  /** Absolute path of the file. */
  readonly path: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Version of the Node that runs us, without the v. */
  readonly nodeVersion: string;
}

/** The Node that runs us. */
export const NODE: Evaluator = { program: process.execPath, args: [], env: {} };

/**
 * What can run a TypeScript file: tsx beside it, which takes all of the language; else this Node, when it strips types;
 * else bun or ts-node. null when there is none of these.
 */
export function typeScriptEvaluator(search: Search): Evaluator | null {
  return withTsx(search) ?? withNode(search) ?? withBun(search) ?? withTsNode(search);
}

function withTsx({ path }: Search): Evaluator | null {
  const loader = resolveBeside('tsx', path);
  return loader === null ? null : { ...NODE, args: ['--import', pathToFileURL(loader).href] };
}

/** Node strips types by itself from 22.18 and 23.6 on, and when it is asked to from 22.6 on. */
function withNode({ nodeVersion }: Search): Evaluator | null {
  const [major = 0, minor = 0] = nodeVersion.split('.').map(Number);
  const isAtLeast = (wanted: number, from: number): boolean => major === wanted && minor >= from;
  if (major > 23 || isAtLeast(23, 6) || isAtLeast(22, 18)) return { ...NODE, args: ['--no-warnings'] };
  if (major === 23 || isAtLeast(22, 6)) {
    return { ...NODE, args: ['--no-warnings', '--experimental-strip-types'] };
  }
  return null;
}

function withBun({ path, environment }: Search): Evaluator | null {
  const onPath = (environment['PATH'] ?? '').split(delimiter).map((folder) => join(folder, 'bun'));
  const beside = foldersAbove(path).map((folder) => join(folder, 'node_modules/.bin/bun'));
  const program = [...beside, ...onPath].find((name) => name.startsWith('/') && existsSync(name));
  return program === undefined ? null : { program, args: [], env: {} };
}

function withTsNode({ path }: Search): Evaluator | null {
  const register = resolveBeside('ts-node/register/transpile-only', path);
  if (register === null) return null;
  // Whatever the package compiles to: here the file is required.
  const options = '{"module":"commonjs","moduleResolution":"node10","ignoreDeprecations":"5.0"}';
  return { ...NODE, args: ['--require', register], env: { TS_NODE_COMPILER_OPTIONS: options } };
}

function resolveBeside(module: string, path: string): string | null {
  try {
    return createRequire(path).resolve(module);
  } catch {
    return null;
  }
}

function foldersAbove(path: string): readonly string[] {
  const folder = dirname(path);
  return folder === path ? [] : [folder, ...foldersAbove(folder)];
}
