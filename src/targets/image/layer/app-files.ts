import {
  closeSync,
  lstatSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  readSync,
  statSync,
} from 'node:fs';
import { join, posix } from 'node:path';
import type { Failure } from '../../../lib/failure.ts';
import { err, ok, type Result } from '../../../lib/result.ts';
import { errorCode, errorMessage } from '../../../lib/system-error.ts';
import { ignoredBy, wantsBack } from './ignored.ts';

/** What a layer has of a folder, by its path there. */
export type AppFile =
  | { readonly kind: 'folder'; readonly path: string }
  | { readonly kind: 'link'; readonly path: string; readonly to: string }
  | { readonly kind: 'file'; readonly path: string; readonly from: string; readonly isProgram: boolean };

/** Files that begin so are private keys, whatever they are called. */
const PRIVATE_KEY = /-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----/;
const KEY_NAME = /\.(?:pem|key|crt|cert)$/i;
const MAX_KEY = 64 * 1024;
/** Names that a runtime takes for the removal of another file. */
const WHITEOUT = '.wh.';

/** Which files of a folder are meant. */
export interface FilesAsked {
  /** `inside`: a link that leads out of the folder is refused. */
  readonly links: 'inside' | 'any';
  /** Paths below it that hold secrets, or are written by stateward. */
  readonly without: ReadonlySet<string>;
}

/**
 * The files of a folder that go into an image, in one order, without what `.dockerignore` leaves out. Sockets, pipes and
 * devices are none of an image.
 */
export function appFiles(root: string, { links, without }: FilesAsked): Result<readonly AppFile[], Failure> {
  const files: AppFile[] = [];
  const failures: Failure[] = [];
  let text = '';
  try {
    text = readFileSync(join(root, '.dockerignore'), 'utf8');
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') return err(unreadable('.dockerignore', error));
  }
  const isIgnored = ignoredBy(text, without);
  const goesOn = wantsBack(text);
  /** Whether anything of it is in the image. */
  const walk = (folder: string): boolean => {
    let some = false;
    for (const name of readdirSync(join(root, folder)).sort(byBytes)) {
      if (failures.length > 0) return some;
      const path = folder === '' ? name : `${folder}/${name}`;
      const ignored = isIgnored(path);
      if (!ignored && (name.startsWith(WHITEOUT) || name.includes('\uFFFD'))) {
        const why = name.startsWith(WHITEOUT)
          ? `begins with ${WHITEOUT}, which removes a file of an image`
          : 'is not UTF-8';
        failures.push(unusable(path, `the name of ${JSON.stringify(path)} ${why}`));
        return some;
      }
      const absolute = join(root, path);
      const stats = lstatSync(absolute);
      if (stats.isDirectory()) {
        if (ignored && !goesOn) continue;
        const at = files.length;
        const inside = walk(path);
        if (ignored && !inside) continue;
        files.splice(at, 0, { kind: 'folder', path });
      } else if (ignored) {
        continue;
      } else if (stats.isSymbolicLink()) {
        const to = readlinkSync(absolute);
        if (links === 'inside' && leaves(path, to)) {
          failures.push(
            unusable(path, `${path} is a link to ${to}, which is not below the folder of the app`),
          );
        }
        files.push({ kind: 'link', path, to });
      } else if (stats.isFile()) {
        if (holdsKey(absolute, name)) continue;
        files.push({ kind: 'file', path, from: absolute, isProgram: (stats.mode & 0o111) !== 0 });
      } else continue;
      some = true;
    }
    return some;
  };
  try {
    if (!statSync(root).isDirectory()) throw new Error('it is no folder');
    walk('');
  } catch (error) {
    return err(unreadable(root, error));
  }
  const [failure] = failures;
  return failure === undefined ? ok(files) : err(failure);
}

/** The same order wherever it is read. */
function byBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

function leaves(path: string, to: string): boolean {
  if (posix.isAbsolute(to)) return true;
  const end = posix.normalize(posix.join(posix.dirname(path), to));
  return end === '..' || end.startsWith('../');
}

function holdsKey(file: string, name: string): boolean {
  if (!KEY_NAME.test(name)) return false;
  const start = Buffer.alloc(MAX_KEY);
  const open = openSync(file, 'r');
  try {
    return PRIVATE_KEY.test(start.toString('latin1', 0, readSync(open, start, 0, MAX_KEY, 0)));
  } finally {
    closeSync(open);
  }
}

function unusable(path: string, message: string): Failure {
  return {
    code: 'IMAGE_UNUSABLE',
    message: `no image can be made of this folder: ${message}`,
    hint: `remove it, or leave it out with a line in .dockerignore: ${path}`,
  };
}

function unreadable(path: string, error: unknown): Failure {
  return {
    code: 'IMAGE_UNUSABLE',
    message: `no image can be made of this folder: cannot read ${path}: ${errorMessage(error)}`,
    hint: 'make it readable, or leave it out with a line in .dockerignore',
  };
}
