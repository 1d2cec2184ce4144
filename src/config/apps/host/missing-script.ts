import { existsSync, readdirSync, readFileSync, realpathSync } from 'node:fs';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { nearest } from '../../../lib/nearest.ts';

/** Folders that hold what is made of other files. */
const BUILT =
  /^(?:\.?(?:build|dist|next|nuxt|output|svelte-kit|vercel)|bin|compiled|lib|out|public|release|target)$/;
const BUILD_SCRIPTS = ['build', 'build:prod', 'build:production', 'compile', 'bundle', 'prepare', 'tsc'];
/** Commands of PM2 itself that a script can name there. */
const OF_PM2: Readonly<Record<string, string>> = {
  serve:
    'the file server that is built in takes no `args`: leave them out, and write `serve: { path: DIR, port: PORT }`',
  'pm2-serve': 'a file server is built in: `serve: { path: DIR, port: PORT }` instead of `script`',
};

/** What may be the reason that a file or folder is not there: it is not built or installed, or called otherwise. */
export function missingFileHint(path: string): string | undefined {
  return notInstalled(path) ?? calledOtherwise(path) ?? notBuilt(path);
}

/** The same for a word that is not a command: it may name a file of the folder. */
export function missingCommandHint(word: string, folder: string): string | undefined {
  if (Object.hasOwn(OF_PM2, word)) return OF_PM2[word];
  return missingFileHint(join(folder, word));
}

/**
 * `../shared/x` of a file that was reached over a link: it starts at the folder as it was named, so that the next release
 * behind the link is the same project, and not where the link leads.
 */
export function behindLinkHint(written: string, folder: string): string | undefined {
  if (!/^(?:\.\/)?\.\.(?:\/|$)/.test(written)) return undefined;
  try {
    const meant = resolve(realpathSync(folder), written);
    if (meant === resolve(folder, written) || !existsSync(meant)) return undefined;
    return `${meant} exists, but a path starts at ${folder}, and not at where that link leads: write the whole path`;
  } catch {
    return undefined;
  }
}

function notInstalled(path: string): string | undefined {
  const [, folder] = /^(.*?)\/node_modules\//.exec(path) ?? [];
  if (folder === undefined || !existsSync(join(folder, 'package.json'))) return undefined;
  return `is it installed? cd ${folder} && npm install`;
}

/** Looks in the deepest folder of the path that is there. */
function calledOtherwise(path: string): string | undefined {
  const folder = deepestFolder(dirname(path));
  const [wanted = '', ...below] = relative(folder, path).split('/');
  if (wanted === '' || BUILT.test(wanted)) return undefined;
  const near = nearest(wanted, namesIn(folder)) ?? sameStem(wanted, folder);
  if (near === null) return undefined;
  const meant = join(folder, near, ...below);
  return existsSync(meant) ? `did you mean ${meant}?` : undefined;
}

/** `server.js`, where there is a server.ts. */
function sameStem(wanted: string, folder: string): string | null {
  const stem = wanted.replace(/\.\w+$/, '');
  return namesIn(folder).find((name) => name.replace(/\.\w+$/, '') === stem) ?? null;
}

function notBuilt(path: string): string | undefined {
  const folder = deepestFolder(dirname(path));
  const isMade = relative(folder, path).includes('/') || path.split('/').some((part) => BUILT.test(part));
  const found = isMade ? packageAbove(folder) : null;
  const script = BUILD_SCRIPTS.find((name) => found?.scripts[name] !== undefined);
  if (found === null || script === undefined) {
    const [gone = ''] = relative(folder, path).split('/');
    return BUILT.test(gone) ? `is it built? There is no ${join(folder, gone)}` : undefined;
  }
  return `is it built? ${join(found.folder, 'package.json')} has a script ${script}: npm run ${script}`;
}

interface FoundPackage {
  readonly folder: string;
  readonly scripts: Readonly<Record<string, unknown>>;
}

function packageAbove(folder: string): FoundPackage | null {
  try {
    const text = readFileSync(join(folder, 'package.json'), 'utf8');
    const { scripts } = JSON.parse(text) as { readonly scripts?: FoundPackage['scripts'] };
    return { folder, scripts: scripts ?? {} };
  } catch {
    const above = dirname(folder);
    return above === folder ? null : packageAbove(above);
  }
}

function deepestFolder(folder: string): string {
  const above = dirname(folder);
  return above === folder || existsSync(folder) ? folder : deepestFolder(above);
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder).filter((name) => !basename(name).startsWith('.'));
  } catch {
    return [];
  }
}
