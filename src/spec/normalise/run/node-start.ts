import { basename } from 'node:path';
import { splitWords } from './split-words.ts';

/** How Node itself runs what a package runner or a shell line would start. */
export interface NodeStart {
  readonly script: string;
  readonly interpreterArgs: readonly string[];
  readonly args: readonly string[];
}

/** What `scripts` of a package.json says under a name. */
export type PackageScripts = Readonly<Record<string, string>>;

/** Programs that start Node in a process of their own: what listens is not the process that we start. */
const SPAWNERS: ReadonlySet<string> = new Set([
  ...[
    'npm',
    'npx',
    'pnpm',
    'pnpx',
    'yarn',
    'yarnpkg',
    'bun',
    'bunx',
    'tsx',
    'nodemon',
    'ts-node-dev',
    'tsnd',
  ],
  ...['npm-cli.js', 'npx-cli.js', 'corepack', 'dotenv', 'dotenvx', 'cross-env', 'env-cmd', 'concurrently'],
]);
/** What loads TypeScript into Node, by the program that people know it by. */
const LOADERS: Readonly<Record<string, readonly string[]>> = {
  tsx: ['--import', 'tsx'],
  esno: ['--import', 'tsx'],
  'ts-node': ['--require', 'ts-node/register'],
  'ts-node-dev': ['--require', 'ts-node/register'],
  tsnd: ['--require', 'ts-node/register'],
  'ts-node-esm': ['--loader', 'ts-node/esm'],
  'babel-node': ['--require', '@babel/register'],
};
const WITH_VALUE: ReadonlySet<string> = new Set([
  '-r',
  '--require',
  '--import',
  '--loader',
  '-C',
  '--conditions',
]);
/** `a && b`, `a | b`, `$(a)`: more than one program. */
const SEVERAL = /[|;&<>`\n]|\$\(/;
const MAX_SCRIPTS = 5;

/** Whether what listens is a child of this program, which has no socket to share. */
export function isSpawner(program: string): boolean {
  return SPAWNERS.has(basename(program));
}

/** Whether a program is Node, or something that starts it. */
export function startsNode(program: string): boolean {
  const name = basename(program);
  return name === 'node' || SPAWNERS.has(name) || Object.hasOwn(LOADERS, name);
}

/** The options with which Node loads what a program of this name runs; undefined where it is not such a program. */
export function loaderOf(program: string): readonly string[] | undefined {
  const name = basename(program);
  return Object.hasOwn(LOADERS, name) ? LOADERS[name] : undefined;
}

/** The words of a shell line that runs one program, without variables before it; null: it does more. */
export function wordsOfLine(line: string): readonly string[] | null {
  if (SEVERAL.test(line)) return null;
  const words = splitWords(line);
  const first = words.findIndex((word) => !/^[A-Za-z_]\w*=/.test(word) && word !== 'exec');
  return first === -1 ? null : words.slice(first);
}

/** What Node would have to be given to run this command itself; null: that cannot be told from here. */
export function nodeStartOf(words: readonly string[], scripts: PackageScripts, depth = 0): NodeStart | null {
  const [program = '', ...args] = words;
  const name = basename(program);
  const loader = loaderOf(name);
  if (name === 'node') return withScript(args, []);
  if (loader !== undefined) return withScript(args[0] === 'watch' ? args.slice(1) : args, loader);
  switch (name) {
    case 'npx':
    case 'bunx':
    case 'pnpx':
      return binary(
        args.filter((arg, index) => index > 0 || !arg.startsWith('-')),
        scripts,
        depth,
      );
    case 'bun':
      return bunStart(args, scripts, depth);
    case 'cross-env':
      return nodeStartOf(wordsOfLine(args.join(' ')) ?? [], scripts, depth);
    case 'npm':
    case 'pnpm':
    case 'yarn':
    case 'yarnpkg':
      return packageScript(args, scripts, depth);
    default:
      return null;
  }
}

/** Node runs what bun runs, except TypeScript. */
function bunStart(args: readonly string[], scripts: PackageScripts, depth: number): NodeStart | null {
  const [first = '', ...rest] = args;
  const words = first === 'run' ? rest : args;
  const [file = ''] = words;
  if (/\.[cm]?tsx?$|\.jsx$/.test(file)) return withScript(words, LOADERS['tsx'] ?? []);
  if (/\.[cm]?js$/.test(file)) return withScript(words, []);
  if (first === 'x') return binary(rest, scripts, depth);
  return packageScript(args, scripts, depth);
}

function packageScript(args: readonly string[], scripts: PackageScripts, depth: number): NodeStart | null {
  const given = args.filter((arg, index) => !arg.startsWith('-') || args.indexOf('--') < index);
  const [verb = '', ...rest] = given;
  if (verb === 'exec' || verb === 'dlx') return binary(rest, scripts, depth);
  const isRun = verb === 'run' || verb === 'run-script';
  const [name = '', ...more] = isRun ? rest : given;
  const line = Object.hasOwn(scripts, name) ? scripts[name] : undefined;
  if (line === undefined) return null;
  const words = depth < MAX_SCRIPTS ? wordsOfLine(line) : null;
  if (words === null) return null;
  const found = nodeStartOf(words, scripts, depth + 1) ?? binary(words, scripts, depth);
  return found === null ? null : { ...found, args: [...found.args, ...more.filter((arg) => arg !== '--')] };
}

/** A program of a package: Node runs the file that node_modules/.bin has of it. */
function binary(words: readonly string[], scripts: PackageScripts, depth: number): NodeStart | null {
  const [name, ...args] = words;
  if (name === undefined || !/^[\w@.-]+$/.test(name)) return null;
  if (startsNode(name)) return depth < MAX_SCRIPTS ? nodeStartOf(words, scripts, depth + 1) : null;
  return { script: `node_modules/.bin/${name}`, interpreterArgs: [], args };
}

function withScript(args: readonly string[], loader: readonly string[]): NodeStart | null {
  const at = args.findIndex((arg, index) => !arg.startsWith('-') && !WITH_VALUE.has(args[index - 1] ?? ''));
  const script = args[at];
  if (script === undefined || args.slice(0, at).some((arg) => /^(?:-e|--eval|-p|--print|-c)$/.test(arg)))
    return null;
  return { script, interpreterArgs: [...loader, ...args.slice(0, at)], args: args.slice(at + 1) };
}
