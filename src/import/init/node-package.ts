import { shellCommand } from '../model/command.ts';
import type { Folder, Runnable } from './folder.ts';

interface Package {
  readonly name?: unknown;
  readonly main?: unknown;
  readonly bin?: unknown;
  readonly scripts?: unknown;
}

/** The script of package.json that production runs, the first that is there. */
const STARTS = ['start:prod', 'start:production', 'start', 'serve', 'dev'];
/** Programs that serve, in the order in which they are looked for without a script. */
const ENTRIES = [
  'server.js',
  'app.js',
  'index.js',
  'src/server.js',
  'src/index.js',
  'dist/main.js',
  'dist/index.js',
  'server.mjs',
  'index.mjs',
];

/** What a package of npm runs; null: there is none, or it runs nothing. `problem`: it cannot be read. */
export function nodePackage(folder: Folder): Runnable | null | 'broken' {
  const text = folder.read('package.json');
  if (text === null) return null;
  const found = parse(text);
  if (found === null) return 'broken';
  const name = nameOf(found.name, folder.name);
  const scripts = textsOf(found.scripts);
  const start = STARTS.find((key) => (scripts[key] ?? '').trim() !== '');
  if (start !== undefined) return ofScript(name, start, scripts[start] ?? '', folder);
  const file = entryOf(found, folder);
  if (file === null) return null;
  const fields = { script: `./${file.path}` };
  return { name, fields, env: {}, seen: file.seen, note: null, isNode: true };
}

function ofScript(name: string, key: string, line: string, folder: Folder): Runnable {
  const { fields, env } = shellCommand(line);
  const seen = `package.json has: "${key}": ${JSON.stringify(line)}`;
  const dev =
    key === 'dev' ? 'this is the script for development: `start` or a build is what a host runs' : null;
  const script = typeof fields['script'] === 'string' ? fields['script'] : '';
  const isFile = script.includes('/');
  const found = isFile ? fileOf(script, folder) : null;
  if (isFile && fields['shell'] === undefined) {
    const plain = found === null ? fields : { ...fields, script: `./${found}` };
    const note = found === null ? `${script} is not there yet: build it first` : dev;
    const { interpreter, ...rest } = plain;
    const isJs = /\.[cm]?js$/.test(found ?? '');
    // The ending says what runs it.
    const own = isJs && interpreter === 'node' && found !== script ? rest : plain;
    return { name, fields: own, env, seen, note, isNode: isJs || interpreter === 'node' };
  }
  const bin = `node_modules/.bin/${script}`;
  if (script !== '' && fields['shell'] === undefined && folder.isFile(bin)) {
    return { name, fields: { ...fields, script: `./${bin}` }, env, seen, note: dev, isNode: true };
  }
  const note =
    'npm stands between: instances could not share a port, and stateward does not see into the app';
  const runner = folder.isFile('pnpm-lock.yaml') ? 'pnpm' : folder.isFile('yarn.lock') ? 'yarn' : 'npm';
  const args = ['run', key];
  return { name, fields: { script: runner, args }, env: {}, seen, note: dev ?? note, isNode: false };
}

/** `dist/main` is `dist/main.js` for Node. */
function fileOf(script: string, folder: Folder): string | null {
  const path = script.replace(/^\.\//, '');
  const candidates = [
    path,
    `${path}.js`,
    `${path}.cjs`,
    `${path}.mjs`,
    `${path.replace(/\/$/, '')}/index.js`,
  ];
  return candidates.find((candidate) => folder.isFile(candidate)) ?? null;
}

function entryOf(
  { main, bin }: Package,
  folder: Folder,
): { readonly path: string; readonly seen: string } | null {
  const own = (value: unknown, key: string): { path: string; seen: string } | null => {
    const path = typeof value === 'string' ? fileOf(value, folder) : null;
    return path === null ? null : { path, seen: `package.json has: "${key}": ${JSON.stringify(value)}` };
  };
  const first = typeof bin === 'object' && bin !== null ? (Object.values(bin) as unknown[])[0] : bin;
  const named = own(main, 'main') ?? own(first, 'bin');
  if (named !== null) return named;
  const path = ENTRIES.find((entry) => folder.isFile(entry));
  return path === undefined ? null : { path, seen: `${path} is here` };
}

function nameOf(name: unknown, folder: string): string {
  const own = typeof name === 'string' ? name.replace(/^@[^/]*\//, '') : '';
  return own === '' ? folder : own;
}

function textsOf(value: unknown): Readonly<Record<string, string>> {
  if (typeof value !== 'object' || value === null) return {};
  return Object.fromEntries(
    Object.entries(value).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  );
}

/** null: it is no JSON object. */
function parse(text: string): Package | null {
  try {
    const value: unknown = JSON.parse(text.replace(/^\ufeff/, ''));
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : null;
  } catch {
    return null;
  }
}
