import type { IncomingMessage } from 'node:http';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import Negotiator from 'negotiator';

export type Encoding = 'br' | 'gzip';

/** By encoding: the ending of a file that was compressed beforehand. */
export const ENDINGS: Readonly<Record<Encoding, string>> = { br: '.br', gzip: '.gz' };

const COMPRESSIBLE =
  /^(?:text\/|application\/(?:[\w.-]+\+)?(?:json|xml|javascript|manifest|wasm|x-sh|rtf|vnd\.ms-fontobject)\b|image\/(?:svg\+xml|bmp|x-icon|vnd\.microsoft\.icon)|font\/(?:ttf|otf))/;

export function isCompressible(contentType: string): boolean {
  return COMPRESSIBLE.test(contentType);
}

/** The encodings that a client takes, the smaller one first. */
export function encodingsOf(request: IncomingMessage): readonly Encoding[] {
  const accepted = new Negotiator(request).encodings(['br', 'gzip']);
  return (['br', 'gzip'] as const).filter((encoding) => accepted.includes(encoding));
}

const BROTLI_QUALITY = 5;
const deflated = {
  br: promisify(brotliCompress) as (bytes: Buffer, options: object) => Promise<Buffer>,
  gzip: promisify(gzip) as (bytes: Buffer, options: object) => Promise<Buffer>,
};

export function compress(bytes: Buffer, encoding: Encoding): Promise<Buffer> {
  const { BROTLI_PARAM_QUALITY, BROTLI_PARAM_SIZE_HINT } = constants;
  const params = { [BROTLI_PARAM_QUALITY]: BROTLI_QUALITY, [BROTLI_PARAM_SIZE_HINT]: bytes.length };
  return deflated[encoding](bytes, encoding === 'br' ? { params } : { level: 6 });
}
