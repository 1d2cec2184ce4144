import { statSync } from 'node:fs';
import { basename, extname, isAbsolute, join, resolve } from 'node:path';
import type { AppSpec } from '../spec/types.ts';
import { splitWords } from '../spec/normalise/run/split-words.ts';
import type { Language } from './rules.ts';
import { readBeginning } from './read-file.ts';

/** What is looked at of an app, before its folder is. */
export interface AppCode {
  /** Files that its command line names, the one that is run first; absolute, with their links. */
  readonly entries: readonly string[];
  /** The one of them that its folder is found by; null: it runs what lies where it runs (`npm start`), or a binary. */
  readonly main: string | null;
  /** null: the entries are all that can be known of it. */
  readonly language: Language | null;
}

type Command = Pick<
  AppSpec,
  'script' | 'interpreter' | 'interpreter_args' | 'args' | 'cwd' | 'shell' | 'env'
>;

/** Programs that run the sources of a folder or of a file that is named to them. */
const RUNNERS: readonly (readonly [RegExp, Language])[] = [
  [
    /^(?:node(?:js)?(?:-?\d[\d.]*)?|npm|npx|yarn|yarnpkg|pnpm|pnpx|corepack|bun|bunx|deno|tsx|ts-node(?:-\w+)?|nodemon|next|nuxt|nest|remix(?:-serve)?|vite|astro|babel-node|forever|concurrently|turbo|nx|lerna|strapi|meteor)$/,
    'node',
  ],
  [
    /^(?:python(?:\d[\d.]*)?|pypy\d?|uv|uvx|poetry|pipenv|pdm|hatch|gunicorn|uvicorn|hypercorn|daphne|granian|flask|celery|django-admin|streamlit|waitress-serve|rq|dramatiq|fastapi|jupyter)$/,
    'python',
  ],
  [
    /^(?:ruby(?:\d[\d.]*)?|jruby|bundle|bundler|rails|rake|puma|unicorn|rackup|sidekiq|foreman|thin)$/,
    'ruby',
  ],
  [/^(?:php(?:\d[\d.]*)?|artisan|composer|rr|frankenphp)$/, 'php'],
  [/^(?:perl|plackup|starman|hypnotoad|morbo)$/, 'perl'],
  [/^(?:sh|bash|dash|zsh|ksh|ash|fish|make|just|task)$/, 'shell'],
  [/^(?:lua|luajit|lapis)$/, 'lua'],
];

const LANGUAGES: Readonly<Record<string, Language>> = {
  '.py': 'python',
  '.rb': 'ruby',
  '.ru': 'ruby',
  '.php': 'php',
  '.pl': 'perl',
  '.sh': 'shell',
  '.bash': 'shell',
  '.lua': 'lua',
};
const NODE_FILE = /^\.[cm]?[jt]sx?$/;
/** Programs in one file, beside the sources of a language. */
const PROGRAM_FILE = /\.(?:jar|war|phar|wasm|dll|exe|beam)$/i;
/** More words than these of a command line are not looked at. */
const MAX_WORDS = 64;

/** Finds out which files are the code of an app, from its declaration and the beginning of its script. */
export function appCode(spec: Command): AppCode {
  const { script, interpreter, interpreter_args, args, cwd, shell } = spec;
  const commands = shell ? commandsOf(script) : [[script]];
  const programs = commands.flatMap(([program]) => programFile(program, spec));
  const named = [...commands.flatMap(([, ...words]) => words), ...interpreter_args, ...args]
    .slice(0, MAX_WORDS)
    .flatMap((word) => sourceFile(word, cwd));
  const entries = [...new Set([...programs, ...named])];
  const main = entries.find((path) => languageOfFile(path) !== null);
  if (main !== undefined) return { entries, main, language: languageOfFile(main) };
  const [program] = programs;
  const isScript = !shell && program !== undefined && isOwnFile(program, script);
  const runner = isScript && interpreter === 'none' ? shebangOf(program) : null;
  const words = [...(interpreter === 'none' ? [] : [interpreter]), ...commands.flat(), ...(runner ?? [])];
  const language = runnerOf(words);
  return { entries, main: isScript && language !== null ? program : null, language };
}

/** Where a shell line writes to or reads from: data, and no code. */
const REDIRECTION = /\d?&?(?:>>?[|&]?|<(?!\())\s*(?:'[^']*'|"[^"]*"|[^\s;&|()<>`]+)/g;

/** The commands of a shell line, in words. */
function commandsOf(line: string): readonly (readonly string[])[] {
  return line
    .replace(REDIRECTION, ' ')
    .split(/[;&|()<>\n`]+/)
    .map((part) => splitWords(part).filter((word) => !/^\w+=/.test(word) && word !== 'exec'))
    .filter((words) => words.length > 0);
}

/** The file that a command runs, or that is run by an interpreter; a bare word is looked for on PATH. */
function programFile(word: string | undefined, { cwd, env }: Command): readonly string[] {
  if (word === undefined || word === '') return [];
  const path = resolve(cwd, word);
  const kind = kindOf(path);
  if (kind === 'file') return [path];
  if (kind === 'folder') return mainOf(path);
  return word.includes('/') ? [] : onPath(word, env['PATH']);
}

/** An argument counts when it is a program: what an app reads and writes is named by arguments too. */
function sourceFile(word: string, cwd: string): readonly string[] {
  const isSource = languageOfFile(word) !== null || PROGRAM_FILE.test(word);
  const path = resolve(cwd, word);
  return isSource && !word.startsWith('-') && kindOf(path) === 'file' ? [path] : [];
}

function isOwnFile(path: string, script: string): boolean {
  return script.includes('/') && path.endsWith(basename(script));
}

/** The words of the first line of a script. */
function shebangOf(path: string): readonly string[] | null {
  const [, line] = /^#!(.*)/.exec(readBeginning(path)) ?? [];
  return line === undefined ? null : line.trim().split(/\s+/);
}

export function kindOf(path: string): 'file' | 'folder' | null {
  try {
    const stats = statSync(path, { throwIfNoEntry: false });
    if (stats === undefined) return null;
    return stats.isFile() ? 'file' : stats.isDirectory() ? 'folder' : null;
  } catch {
    return null;
  }
}

/** Node is given a folder: its package.json names what it runs there, and counts for it. */
function mainOf(folder: string): readonly string[] {
  const files = ['index.js', 'index.mjs', 'index.cjs', 'package.json'].map((name) => join(folder, name));
  return files.filter((file) => kindOf(file) === 'file').slice(0, 1);
}

function onPath(command: string, path: string | undefined): readonly string[] {
  const folders = (path ?? process.env['PATH'] ?? '').split(':').filter(isAbsolute);
  const found = folders.map((folder) => join(folder, command)).find((file) => kindOf(file) === 'file');
  return found === undefined ? [] : [found];
}

export function languageOfFile(path: string): Language | null {
  const extension = extname(path).toLowerCase();
  if (NODE_FILE.test(extension)) return 'node';
  return LANGUAGES[extension] ?? null;
}

function runnerOf(words: readonly string[]): Language | null {
  for (const word of words) {
    const name = basename(word);
    const runner = RUNNERS.find(([test]) => test.test(name));
    if (runner !== undefined) return runner[1];
  }
  return null;
}
