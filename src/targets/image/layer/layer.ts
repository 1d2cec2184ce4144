import { createHash, type Hash } from 'node:crypto';
import { createReadStream, createWriteStream, readFileSync } from 'node:fs';
import { Readable, Transform } from 'node:stream';
import { finished, pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { createTarPacker } from 'modern-tar';
import type { BlobSource } from '../registry/upload.ts';
import type { AppFile } from './app-files.ts';

/** Where files are in an image: an absolute path. */
export interface LayerContent {
  readonly folder: string;
  readonly files: readonly AppFile[];
}

/** A layer that is written. */
export interface WrittenLayer extends BlobSource {
  readonly diffId: string;
}

const EPOCH = new Date(0);

/**
 * The digest of a layer before it is compressed: the same for the same names, contents and executable bits, whoever owns the
 * files, whenever they were written and wherever they are.
 */
export async function diffIdOf(content: LayerContent): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of tarOf(content)) hash.update(chunk as Buffer);
  return `sha256:${hash.digest('hex')}`;
}

/** Writes a layer to a file. */
export async function writeLayer(content: LayerContent, file: string): Promise<WrittenLayer> {
  const plain = createHash('sha256');
  const packed = createHash('sha256');
  let size = 0;
  // The header of gzip has no time in it here: Node leaves it at 0.
  await pipeline(
    tarOf(content),
    hashing(plain),
    createGzip({ level: 6 }),
    hashing(packed, (bytes) => (size += bytes)),
    createWriteStream(file, { mode: 0o600 }),
  );
  return {
    ...{ size, digest: `sha256:${packed.digest('hex')}`, diffId: `sha256:${plain.digest('hex')}` },
    open: (from) => createReadStream(file, { start: from }),
  };
}

function hashing(hash: Hash, counted: (bytes: number) => void = () => undefined): Transform {
  return new Transform({
    transform: (chunk: Buffer, _encoding, done) => {
      hash.update(chunk);
      counted(chunk.length);
      done(null, chunk);
    },
  });
}

function tarOf(content: LayerContent): Readable {
  const { readable, controller } = createTarPacker();
  const stream = Readable.fromWeb(readable as Parameters<typeof Readable.fromWeb>[0]);
  pack(content, controller).then(
    () => controller.finalize(),
    (error: unknown) => stream.destroy(error instanceof Error ? error : new Error(String(error))),
  );
  // Whoever reads it is told of the failure.
  finished(stream).catch(() => undefined);
  return stream;
}

async function pack(
  { folder, files }: LayerContent,
  controller: ReturnType<typeof createTarPacker>['controller'],
): Promise<void> {
  const top = folder.replace(/^\/+|\/+$/g, '');
  const owned = { uid: 0, gid: 0, mtime: EPOCH };
  const add = async (header: Parameters<typeof controller.add>[0], body?: Buffer): Promise<void> => {
    const writer = controller.add(header).getWriter();
    if (body !== undefined && body.length > 0) await writer.write(body);
    await writer.close();
  };
  const at = (path: string): string => (top === '' ? path : `${top}/${path}`);
  if (top !== '') await add({ ...owned, name: `${top}/`, type: 'directory', mode: 0o755, size: 0 });
  for (const file of files) {
    if (file.kind === 'folder') {
      await add({ ...owned, name: `${at(file.path)}/`, type: 'directory', mode: 0o755, size: 0 });
    } else if (file.kind === 'link') {
      await add({ ...owned, name: at(file.path), type: 'symlink', linkname: file.to, mode: 0o777, size: 0 });
    } else {
      const body = readFileSync(file.from);
      const mode = file.isProgram ? 0o755 : 0o644;
      await add({ ...owned, name: at(file.path), type: 'file', mode, size: body.length }, body);
    }
  }
}
