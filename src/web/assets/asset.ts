import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';

const compress = promisify(gzip);

/** A file as it is sent. */
export interface Asset {
  readonly type: string;
  readonly etag: string;
  readonly bytes: Buffer;
  /** null: it would not be smaller. */
  readonly compressed: Buffer | null;
}

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.map': 'application/json',
  '.webmanifest': 'application/manifest+json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.txt': 'text/plain; charset=utf-8',
};
const PACKED = new Set(['.png', '.ico', '.woff2']);
const NAME = /^[A-Za-z0-9_-][A-Za-z0-9._-]*$/;

/** The files of one folder; each is read once, and again when it has changed. */
export class Assets {
  readonly #folder: string;
  readonly #kept = new Map<string, { readonly mark: string; readonly asset: Asset }>();

  constructor(folder: string) {
    this.#folder = folder;
  }

  /**
   * The file at a path of a URL (`/assets/main.js`). null: there is none. Names that need decoding, hidden ones and those
   * that lead elsewhere are no names of ours.
   */
  async at(path: string): Promise<Asset | null> {
    const names = path.split('/').slice(1);
    const extension = extname(path);
    const type = TYPES[extension];
    if (type === undefined || !names.every((name) => NAME.test(name))) return null;
    const file = join(this.#folder, ...names);
    const stats = await stat(file).catch(() => null);
    if (stats?.isFile() !== true) return null;
    const mark = `${stats.mtimeMs} ${stats.size}`;
    const known = this.#kept.get(path);
    if (known?.mark === mark) return known.asset;
    const asset = await assetOf(await readFile(file), type, !PACKED.has(extension));
    this.#kept.set(path, { mark, asset });
    return asset;
  }
}

async function assetOf(bytes: Buffer, type: string, isText: boolean): Promise<Asset> {
  const etag = `"${createHash('sha256').update(bytes).digest('base64url').slice(0, 24)}"`;
  const compressed = isText ? await compress(bytes, { level: 9 }) : null;
  return {
    ...{ type, etag, bytes },
    compressed: compressed !== null && compressed.length < bytes.length ? compressed : null,
  };
}
